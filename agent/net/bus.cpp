#include "agent/net/bus.h"

#include <systemd/sd-bus.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace parc::agent {
namespace {

constexpr std::uint64_t kPatienceMicros = 1'000'000;
constexpr std::size_t kMaxConnections = 32;
constexpr int kMaxServers = 256;

struct Unref {
  void operator()(sd_bus* bus) const { sd_bus_flush_close_unref(bus); }
  void operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }
};
using Message = std::unique_ptr<sd_bus_message, Unref>;

constexpr const char* kNetworkManager = "org.freedesktop.NetworkManager";

// One property, wrapped in its variant; nothing when nobody answers.
class Asker {
 public:
  explicit Asker(sd_bus* bus) : bus_(bus) {}

  // The value of a property of type `type`, opened for reading.
  Message Property(const char* service, const std::string& path, const char* interface,
                   const char* name, const char* type) {
    if (gave_up_) return nullptr;
    sd_bus_message* question = nullptr;
    if (sd_bus_message_new_method_call(bus_, &question, service, path.c_str(),
                                       "org.freedesktop.DBus.Properties", "Get") < 0) {
      return nullptr;
    }
    const Message owned(question);
    sd_bus_message_set_auto_start(question, 0);
    if (sd_bus_message_append(question, "ss", interface, name) < 0) return nullptr;
    sd_bus_message* answer = nullptr;
    const int asked = sd_bus_call(bus_, question, kPatienceMicros, nullptr, &answer);
    gave_up_ = asked == -ETIMEDOUT;
    Message value(answer);
    if (asked < 0 || sd_bus_message_enter_container(answer, 'v', type) <= 0) return nullptr;
    return value;
  }

 private:
  sd_bus* bus_;
  bool gave_up_ = false;
};

std::optional<v1::Connectivity> ConnectivityOf(std::uint32_t number) {
  // NMConnectivityState
  switch (number) {
    case 1:
      return v1::CONNECTIVITY_NONE;
    case 2:
      return v1::CONNECTIVITY_PORTAL;
    case 3:
      return v1::CONNECTIVITY_LIMITED;
    case 4:
      return v1::CONNECTIVITY_FULL;
    default:
      return std::nullopt;
  }
}

void AskConnectivity(Asker& asker, BusView& view) {
  const Message value = asker.Property(kNetworkManager, "/org/freedesktop/NetworkManager",
                                       kNetworkManager, "Connectivity", "u");
  std::uint32_t number = 0;
  if (value != nullptr && sd_bus_message_read_basic(value.get(), 'u', &number) > 0) {
    view.connectivity = ConnectivityOf(number);
  }
}

std::vector<std::string> ActiveConnections(Asker& asker, bool& known) {
  std::vector<std::string> paths;
  const Message value = asker.Property(kNetworkManager, "/org/freedesktop/NetworkManager",
                                       kNetworkManager, "ActiveConnections", "ao");
  known = value != nullptr && sd_bus_message_enter_container(value.get(), 'a', "o") > 0;
  const char* path = nullptr;
  while (known && paths.size() < kMaxConnections &&
         sd_bus_message_read_basic(value.get(), 'o', &path) > 0) {
    paths.emplace_back(path);
  }
  return paths;
}

// Of type "vpn" or "wireguard", and activated.
bool IsActiveVpn(Asker& asker, const std::string& path) {
  constexpr const char* kActive = "org.freedesktop.NetworkManager.Connection.Active";
  constexpr std::uint32_t kActivated = 2;
  const Message type = asker.Property(kNetworkManager, path, kActive, "Type", "s");
  const char* word = nullptr;
  if (type == nullptr || sd_bus_message_read_basic(type.get(), 's', &word) <= 0) return false;
  if (std::string_view(word) != "vpn" && std::string_view(word) != "wireguard") return false;
  const Message state = asker.Property(kNetworkManager, path, kActive, "State", "u");
  std::uint32_t number = 0;
  return state != nullptr && sd_bus_message_read_basic(state.get(), 'u', &number) > 0 &&
         number == kActivated;
}

void AskVpn(Asker& asker, BusView& view) {
  bool known = false;
  const auto paths = ActiveConnections(asker, known);
  if (!known) return;
  view.vpn_active = false;
  for (const std::string& path : paths) {
    if (IsActiveVpn(asker, path)) view.vpn_active = true;
  }
}

// a(iiay): interface, family, address.
void AskResolved(Asker& asker, BusView& view) {
  constexpr const char* kResolved = "org.freedesktop.resolve1";
  const Message value = asker.Property(kResolved, "/org/freedesktop/resolve1",
                                       "org.freedesktop.resolve1.Manager", "DNS", "a(iiay)");
  if (value == nullptr || sd_bus_message_enter_container(value.get(), 'a', "(iiay)") <= 0) return;
  view.has_resolved = true;
  for (int i = 0; i < kMaxServers; ++i) {
    if (sd_bus_message_enter_container(value.get(), 'r', "iiay") <= 0) break;
    std::int32_t interface = 0;
    std::int32_t family = 0;
    const void* address = nullptr;
    std::size_t size = 0;
    if (sd_bus_message_read(value.get(), "ii", &interface, &family) < 0 ||
        sd_bus_message_read_array(value.get(), 'y', &address, &size) < 0 ||
        sd_bus_message_exit_container(value.get()) < 0) {
      break;
    }
    if (interface > 0) ++view.name_servers[interface];
  }
}

void AskFirewalld(Asker& asker, BusView& view) {
  const Message value =
      asker.Property("org.fedoraproject.FirewallD1", "/org/fedoraproject/FirewallD1",
                     "org.fedoraproject.FirewallD1", "state", "s");
  const char* word = nullptr;
  if (value != nullptr && sd_bus_message_read_basic(value.get(), 's', &word) > 0) {
    view.firewalld_running = std::string_view(word) == "RUNNING";
  }
}

}  // namespace

BusView AskBus(sd_bus* bus) {
  Asker asker(bus);
  BusView view;
  AskConnectivity(asker, view);
  AskVpn(asker, view);
  AskResolved(asker, view);
  AskFirewalld(asker, view);
  return view;
}

BusView AskSystemBus() {
  sd_bus* opened = nullptr;
  if (sd_bus_open_system(&opened) < 0) return {};
  const std::unique_ptr<sd_bus, Unref> bus(opened);
  sd_bus_set_method_call_timeout(opened, kPatienceMicros);
  return AskBus(opened);
}

}  // namespace parc::agent
