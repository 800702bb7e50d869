#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/inventory/fact_values.h"
#include "daemon/inventory/fields.h"

// What an agent saw on its laptop, as values: absent is absent, and what could not be read says
// why.
namespace parc::inventory {

struct DiskFact {
  std::string name;
  std::string model;
  std::optional<std::int64_t> size_bytes;
  std::optional<bool> rotational;
  bool operator==(const DiskFact&) const = default;
};

struct InterfaceFact {
  std::string name;
  std::string mac;
  std::string kind;  // "ETHERNET", "WIFI", "TUNNEL", "VIRTUAL", "MOBILE"; empty when unknown
  bool up = false;
  bool operator==(const InterfaceFact&) const = default;
};

struct VpnProfileFact {
  std::string tool;    // "OPENVPN", "WIREGUARD", "STRONGSWAN", "OPENCONNECT", "FORTISSL"
  std::string source;  // "networkmanager", "openvpn" …
  bool valid = false;
  std::string problem;
  std::string gateway;
  int port = 0;
  std::optional<std::int64_t> certificate_starts;   // UTC microseconds
  std::optional<std::int64_t> certificate_expires;  // UTC microseconds
  std::optional<bool> root_only{};                  // only root may read it and its key
  std::optional<bool> autoconnect{};
  std::optional<bool> key_matches{};
  std::optional<bool> trusted{};
  std::optional<std::int64_t> ca_expires{};       // UTC microseconds
  std::optional<std::int64_t> crl_next_update{};  // UTC microseconds
  bool operator==(const VpnProfileFact&) const = default;
};

struct VpnGatewayFact {
  std::string protocol;  // "OPENVPN_UDP", "OPENVPN_TCP", "IKEV2", "TLS", "WIREGUARD"
  std::string host;
  int port = 0;
  std::optional<bool> resolved;
  std::string answer;  // as the field vpn.gateway.answer; empty when it was not probed
  std::optional<std::int64_t> latency_micros;
  std::optional<bool> certificate_trusted{};
  std::optional<std::int64_t> certificate_expires{};  // UTC microseconds
  bool operator==(const VpnGatewayFact&) const = default;
};

// The facts of one report: whole sections. `values` holds the scalar facts of fields.def, those
// derived from the lists (disk.count, vpn.gateway.answer …) included.
struct FactSheet {
  std::set<Section> sections;  // that the report speaks of
  FactValues values;
  std::vector<DiskFact> disks;
  std::vector<InterfaceFact> interfaces;
  std::vector<VpnProfileFact> vpn_profiles;
  std::vector<VpnGatewayFact> vpn_gateways;
  std::map<std::string, std::string> unreadable;  // name of a field → why

  bool operator==(const FactSheet&) const = default;
};

// Computes the facts that follow from others: of the lists (disk.count, disk.bytes, network.macs,
// vpn.profile.*, vpn.certificate.*, vpn.ca.*, vpn.crl.*, vpn.gateway.*, applications.*) and of the
// system's name (os.support_ends), each only when its section is there. Drops values that are
// absent or empty text. What was read as empty is empty, not absent: a report with a section vpn
// and no `vpn.clients` that could be read found none.
void DeriveFacts(FactSheet& sheet);

// The part of it that follows from the system's name, which a later Parc may know more about.
void DeriveSupport(FactSheet& sheet);

// `stored` after a report: sections that it speaks of are replaced whole, `removed` ones go. A
// `complete` report replaces everything.
FactSheet Apply(const FactSheet& stored, const FactSheet& report, const std::set<Section>& removed,
                bool complete);

// Sections in which the two differ, lists and presence included; `unreadable` is not looked at.
std::set<Section> ChangedSections(const FactSheet& before, const FactSheet& after);

// Why `field` has no value, as the agent said: of the fact itself ("vpn.gateway.answer") or of what
// it belongs to ("vpn.gateways", "vpn"). Empty when the agent said nothing.
std::string WhyUnreadable(const FactSheet& sheet, const Field& field);

}  // namespace parc::inventory
