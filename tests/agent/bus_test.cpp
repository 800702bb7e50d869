// What the services of the system say over D-Bus: the services are in this process, behind a socket
// pair.

#include <poll.h>
#include <sys/socket.h>
#include <systemd/sd-bus.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdint>
#include <thread>

#include "agent/net/bus.h"

namespace parc::agent {
namespace {

struct Services {
  std::uint32_t connectivity = 4;
  std::uint32_t state = 2;
  std::string type = "vpn";
  std::string firewall = "RUNNING";
  bool has_network_manager = true;
  bool has_resolved = true;
};

const Services& Of(void* data) { return *static_cast<Services*>(data); }

int Connectivity(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void* data,
                 sd_bus_error*) {
  return sd_bus_message_append(reply, "u", Of(data).connectivity);
}
int ActiveConnections(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void*,
                      sd_bus_error*) {
  return sd_bus_message_append(reply, "ao", 1, "/active/1");
}
int Type(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void* data,
         sd_bus_error*) {
  return sd_bus_message_append(reply, "s", Of(data).type.c_str());
}
int State(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void* data,
          sd_bus_error*) {
  return sd_bus_message_append(reply, "u", Of(data).state);
}
int Dns(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void*,
        sd_bus_error*) {
  return sd_bus_message_append(reply, "a(iiay)", 2, 3, AF_INET, 4, 10, 0, 0, 1, 7, AF_INET, 4, 10,
                               8, 0, 1);
}
int FirewallState(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void* data,
                  sd_bus_error*) {
  return sd_bus_message_append(reply, "s", Of(data).firewall.c_str());
}

const sd_bus_vtable kManager[] = {
    SD_BUS_VTABLE_START(0), SD_BUS_PROPERTY("Connectivity", "u", Connectivity, 0, 0),
    SD_BUS_PROPERTY("ActiveConnections", "ao", ActiveConnections, 0, 0), SD_BUS_VTABLE_END};
const sd_bus_vtable kActive[] = {SD_BUS_VTABLE_START(0), SD_BUS_PROPERTY("Type", "s", Type, 0, 0),
                                 SD_BUS_PROPERTY("State", "u", State, 0, 0), SD_BUS_VTABLE_END};
const sd_bus_vtable kResolved[] = {SD_BUS_VTABLE_START(0),
                                   SD_BUS_PROPERTY("DNS", "a(iiay)", Dns, 0, 0), SD_BUS_VTABLE_END};
const sd_bus_vtable kFirewall[] = {
    SD_BUS_VTABLE_START(0), SD_BUS_PROPERTY("state", "s", FirewallState, 0, 0), SD_BUS_VTABLE_END};

void Add(sd_bus* bus, const char* path, const char* interface, const sd_bus_vtable* table,
         Services& services) {
  REQUIRE(sd_bus_add_object_vtable(bus, nullptr, path, interface, table, &services) >= 0);
}

BusView Ask(Services services) {
  int ends[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
  sd_bus* server = nullptr;
  REQUIRE(sd_bus_new(&server) >= 0);
  sd_id128_t id{};
  id.bytes[0] = 1;
  REQUIRE(sd_bus_set_fd(server, ends[0], ends[0]) >= 0);
  REQUIRE(sd_bus_set_server(server, 1, id) >= 0);
  if (services.has_network_manager) {
    Add(server, "/org/freedesktop/NetworkManager", "org.freedesktop.NetworkManager", kManager,
        services);
    Add(server, "/active/1", "org.freedesktop.NetworkManager.Connection.Active", kActive, services);
  }
  if (services.has_resolved) {
    Add(server, "/org/freedesktop/resolve1", "org.freedesktop.resolve1.Manager", kResolved,
        services);
  }
  Add(server, "/org/fedoraproject/FirewallD1", "org.fedoraproject.FirewallD1", kFirewall, services);
  REQUIRE(sd_bus_start(server) >= 0);
  BusView view;
  {
    std::jthread serving([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        if (sd_bus_process(server, nullptr) == 0) sd_bus_wait(server, 10'000);
      }
    });
    sd_bus* client = nullptr;
    REQUIRE(sd_bus_new(&client) >= 0);
    REQUIRE(sd_bus_set_fd(client, ends[1], ends[1]) >= 0);
    REQUIRE(sd_bus_start(client) >= 0);
    view = AskBus(client);
    sd_bus_close(client);
    sd_bus_unref(client);
  }
  sd_bus_close(server);
  sd_bus_unref(server);
  return view;
}

}  // namespace

TEST_CASE("NetworkManager, resolved and firewalld are asked over the bus") {
  const BusView view = Ask({});
  CHECK(view.connectivity == v1::CONNECTIVITY_FULL);
  CHECK(view.vpn_active == true);
  CHECK(view.has_resolved);
  CHECK(view.name_servers == std::map<int, int>{{3, 1}, {7, 1}});
  CHECK(view.firewalld_running == true);
}

TEST_CASE("a portal, a VPN that is coming up, and a firewall that failed are no good news") {
  Services services;
  services.connectivity = 2;
  services.state = 1;
  services.firewall = "FAILED";
  const BusView view = Ask(services);
  CHECK(view.connectivity == v1::CONNECTIVITY_PORTAL);
  CHECK(view.vpn_active == false);
  CHECK(view.firewalld_running == false);
  services.type = "802-11-wireless";
  services.state = 2;
  services.connectivity = 0;
  CHECK(Ask(services).vpn_active == false);
  CHECK_FALSE(Ask(services).connectivity);  // it does not know
}

TEST_CASE("services that do not run say nothing") {
  Services services;
  services.has_network_manager = false;
  services.has_resolved = false;
  const BusView view = Ask(services);
  CHECK_FALSE(view.connectivity);
  CHECK_FALSE(view.vpn_active);
  CHECK_FALSE(view.has_resolved);
  CHECK(view.firewalld_running == true);
}

}  // namespace parc::agent
