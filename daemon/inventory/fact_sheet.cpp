#include "daemon/inventory/fact_sheet.h"

#include <algorithm>

#include "daemon/inventory/identity.h"
#include "daemon/inventory/os_support.h"

namespace parc::inventory {
namespace {

std::string TextOf(const FactSheet& sheet, FieldId id) {
  const auto found = sheet.values.find(id);
  const auto* text =
      found == sheet.values.end() ? nullptr : std::get_if<std::string>(&found->second);
  return text == nullptr ? std::string() : *text;
}

// Absent values are not kept: two sheets that say the same are equal.
template <typename T>
void Put(FactSheet& sheet, FieldId id, const std::optional<T>& value) {
  if (value.has_value()) {
    sheet.values[id] = *value;
  } else {
    sheet.values.erase(id);
  }
}

std::optional<std::int64_t> Smaller(std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
  if (!a.has_value() || !b.has_value()) return a.has_value() ? a : b;
  return std::min(*a, *b);
}

std::optional<std::int64_t> Larger(std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
  if (!a.has_value() || !b.has_value()) return a.has_value() ? a : b;
  return std::max(*a, *b);
}

// Nothing when the list itself could not be read: zero would be a claim.
bool IsKnown(const FactSheet& sheet, FieldId id) { return WhyUnreadable(sheet, Get(id)).empty(); }

void DeriveStorage(FactSheet& sheet) {
  std::optional<std::int64_t> bytes;
  for (const DiskFact& disk : sheet.disks) {
    if (disk.size_bytes.has_value()) bytes = bytes.value_or(0) + *disk.size_bytes;
  }
  std::optional<std::int64_t> count;
  if (IsKnown(sheet, FieldId::kDiskCount)) count = static_cast<std::int64_t>(sheet.disks.size());
  Put(sheet, FieldId::kDiskCount, count);
  Put(sheet, FieldId::kDiskBytes, bytes);
}

void DeriveNetwork(FactSheet& sheet) {
  std::vector<std::string> macs;
  for (const InterfaceFact& interface : sheet.interfaces) {
    if (interface.kind != "ETHERNET" && interface.kind != "WIFI") continue;
    std::optional<std::string> mac = NormaliseMac(interface.mac);
    if (mac.has_value()) macs.push_back(*std::move(mac));
  }
  std::sort(macs.begin(), macs.end());
  macs.erase(std::unique(macs.begin(), macs.end()), macs.end());
  std::optional<std::vector<std::string>> known;
  if (IsKnown(sheet, FieldId::kNetworkMacs)) known = std::move(macs);
  Put(sheet, FieldId::kNetworkMacs, known);
}

// False once one is false; nothing while none is told.
std::optional<bool> Both(std::optional<bool> a, std::optional<bool> b) {
  if (!a.has_value() || !b.has_value()) return a.has_value() ? a : b;
  return *a && *b;
}

// True once one is true; nothing while none is told.
std::optional<bool> Either(std::optional<bool> a, std::optional<bool> b) {
  if (!a.has_value() || !b.has_value()) return a.has_value() ? a : b;
  return *a || *b;
}

// Of what a profile is guarded by. A claim about all profiles needs all of them to be readable, one
// that speaks against any stands by itself.
void DeriveGuards(FactSheet& sheet) {
  std::optional<bool> root_only;
  std::optional<bool> autoconnect;
  std::optional<bool> key_matches;
  std::optional<bool> trusted;
  std::optional<std::int64_t> ca_expires;
  std::optional<std::int64_t> crl_next_update;
  std::vector<std::string> problems;
  for (const VpnProfileFact& profile : sheet.vpn_profiles) {
    root_only = Both(root_only, profile.root_only);
    autoconnect = Either(autoconnect, profile.autoconnect);
    key_matches = Both(key_matches, profile.key_matches);
    trusted = Both(trusted, profile.trusted);
    ca_expires = Smaller(ca_expires, profile.ca_expires);
    crl_next_update = Smaller(crl_next_update, profile.crl_next_update);
    if (!profile.problem.empty()) problems.push_back(profile.problem);
  }
  std::sort(problems.begin(), problems.end());
  problems.erase(std::unique(problems.begin(), problems.end()), problems.end());
  const auto unless_open = [&](FieldId id, std::optional<bool> value, bool definite) {
    if (value.has_value() && *value != definite && !IsKnown(sheet, id)) value.reset();
    Put(sheet, id, value);
  };
  unless_open(FieldId::kVpnProfileRootOnly, root_only, false);
  unless_open(FieldId::kVpnProfileAutoconnect, autoconnect, true);
  unless_open(FieldId::kVpnCertificateKeyMatches, key_matches, false);
  unless_open(FieldId::kVpnCertificateTrusted, trusted, false);
  Put(sheet, FieldId::kVpnCaExpires, ca_expires);
  Put(sheet, FieldId::kVpnCrlNextUpdate, crl_next_update);
  std::optional<std::vector<std::string>> known;
  if (!problems.empty() || IsKnown(sheet, FieldId::kVpnProfileProblems))
    known = std::move(problems);
  Put(sheet, FieldId::kVpnProfileProblems, known);
}

void DeriveProfiles(FactSheet& sheet) {
  std::optional<std::int64_t> starts;
  std::optional<std::int64_t> expires;
  std::int64_t valid = 0;
  for (const VpnProfileFact& profile : sheet.vpn_profiles) {
    if (profile.valid) ++valid;
    starts = Larger(starts, profile.certificate_starts);
    expires = Smaller(expires, profile.certificate_expires);
  }
  // A profile that was found is there, even when another place could not be read.
  std::optional<std::int64_t> count;
  if (!sheet.vpn_profiles.empty() || IsKnown(sheet, FieldId::kVpnProfileCount))
    count = static_cast<std::int64_t>(sheet.vpn_profiles.size());
  Put(sheet, FieldId::kVpnProfileCount, count);
  Put(sheet, FieldId::kVpnProfileValid,
      count.has_value() ? std::optional<std::int64_t>(valid) : std::nullopt);
  Put(sheet, FieldId::kVpnCertificateStarts, starts);
  Put(sheet, FieldId::kVpnCertificateExpires, expires);
  if (!sheet.values.contains(FieldId::kVpnClients) && IsKnown(sheet, FieldId::kVpnClients))
    sheet.values[FieldId::kVpnClients] = std::vector<std::string>();
}

// How much an answer says: a gateway that cannot be told outweighs one that refused, so that nobody
// concludes that none answers.
int Weight(std::string_view answer) {
  constexpr std::string_view kRising[] = {"SILENT", "REFUSED", "UNKNOWN", "REACHABLE",
                                          "AUTHENTICATED"};
  const auto* const found = std::find(std::begin(kRising), std::end(kRising), answer);
  return found == std::end(kRising) ? 0 : static_cast<int>(found - std::begin(kRising)) + 1;
}

void DeriveGateways(FactSheet& sheet) {
  std::optional<bool> resolved;
  std::optional<std::int64_t> latency;
  std::string best;
  const int open = IsKnown(sheet, FieldId::kVpnGatewayAnswer) ? 0 : Weight("UNKNOWN");
  for (const VpnGatewayFact& gateway : sheet.vpn_gateways) {
    if (gateway.resolved.has_value()) resolved = resolved.value_or(false) || *gateway.resolved;
    if (Weight(gateway.answer) > Weight(best)) best = gateway.answer;
    if (gateway.answer == "AUTHENTICATED" || gateway.answer == "REACHABLE")
      latency = Smaller(latency, gateway.latency_micros);
  }
  // An answer that could not be read may be a good one: that others are silent settles nothing.
  if (Weight(best) < open) best.clear();
  std::optional<std::int64_t> count;
  if (!sheet.vpn_gateways.empty() || IsKnown(sheet, FieldId::kVpnGatewayCount))
    count = static_cast<std::int64_t>(sheet.vpn_gateways.size());
  Put(sheet, FieldId::kVpnGatewayCount, count);
  Put(sheet, FieldId::kVpnGatewayResolved, resolved);
  Put(sheet, FieldId::kVpnGatewayAnswer,
      best.empty() ? std::nullopt : std::optional<std::string>(best));
  Put(sheet, FieldId::kVpnGatewayLatency, latency);
  std::optional<bool> trusted;
  std::optional<std::int64_t> expires;
  for (const VpnGatewayFact& gateway : sheet.vpn_gateways) {
    trusted = Both(trusted, gateway.certificate_trusted);
    expires = Smaller(expires, gateway.certificate_expires);
  }
  Put(sheet, FieldId::kVpnGatewayCertificateTrusted, trusted);
  Put(sheet, FieldId::kVpnGatewayCertificateExpires, expires);
}

std::int64_t CountOf(const FactSheet& sheet, FieldId id) {
  const auto found = sheet.values.find(id);
  const auto* list =
      found == sheet.values.end() ? nullptr : std::get_if<std::vector<std::string>>(&found->second);
  return list == nullptr ? 0 : static_cast<std::int64_t>(list->size());
}

void DeriveApplications(FactSheet& sheet) {
  const std::int64_t reachable = CountOf(sheet, FieldId::kApplicationsReachable);
  const std::int64_t told = reachable + CountOf(sheet, FieldId::kApplicationsUnreachable);
  Put(sheet, FieldId::kApplicationsReachableCount, std::optional<std::int64_t>(reachable));
  Put(sheet, FieldId::kApplicationsPercent,
      told == 0 ? std::nullopt : std::optional<std::int64_t>(reachable * 100 / told));
}

void CopyLists(const FactSheet& from, Section section, FactSheet& to) {
  switch (section) {
    case Section::kStorage:
      to.disks = from.disks;
      break;
    case Section::kNetwork:
      to.interfaces = from.interfaces;
      break;
    case Section::kVpn:
      to.vpn_profiles = from.vpn_profiles;
      to.vpn_gateways = from.vpn_gateways;
      break;
    default:
      break;
  }
}

// What an entry of `unreadable` belongs to: the section of a field, or the one that is named by the
// first word.
Section SectionOf(std::string_view fact) {
  if (const Field* field = Find(Resource::kLaptops, fact); field != nullptr) return field->section;
  const std::string_view word = fact.substr(0, fact.find('.'));
  for (const Field* field : Facts()) {
    if (field->name.substr(0, field->name.find('.')) == word || ToString(field->section) == word)
      return field->section;
  }
  return Section::kNone;
}

bool SameValues(const FactSheet& a, const FactSheet& b, Section section) {
  for (const Field* field : Facts()) {
    if (field->section != section) continue;
    const auto left = a.values.find(field->id);
    const auto right = b.values.find(field->id);
    if ((left == a.values.end()) != (right == b.values.end())) return false;
    if (left != a.values.end() && left->second != right->second) return false;
  }
  return true;
}

bool SameLists(const FactSheet& a, const FactSheet& b, Section section) {
  switch (section) {
    case Section::kStorage:
      return a.disks == b.disks;
    case Section::kNetwork:
      return a.interfaces == b.interfaces;
    case Section::kVpn:
      return a.vpn_profiles == b.vpn_profiles && a.vpn_gateways == b.vpn_gateways;
    default:
      return true;
  }
}

constexpr Section kSections[] = {Section::kOs,           Section::kHardware, Section::kStorage,
                                 Section::kNetwork,      Section::kSecurity, Section::kUpdates,
                                 Section::kClock,        Section::kVpn,      Section::kTools,
                                 Section::kApplications, Section::kAgent};

}  // namespace

void DeriveFacts(FactSheet& sheet) {
  sheet.values.EraseIf([](const Value& value) {
    const auto* text = std::get_if<std::string>(&value);
    return text != nullptr && text->empty();
  });
  DeriveSupport(sheet);
  if (sheet.sections.contains(Section::kStorage)) DeriveStorage(sheet);
  if (sheet.sections.contains(Section::kNetwork)) DeriveNetwork(sheet);
  if (sheet.sections.contains(Section::kVpn)) {
    DeriveProfiles(sheet);
    DeriveGuards(sheet);
    DeriveGateways(sheet);
  }
  if (sheet.sections.contains(Section::kApplications)) DeriveApplications(sheet);
}

void DeriveSupport(FactSheet& sheet) {
  if (!sheet.sections.contains(Section::kOs)) return;
  Put(sheet, FieldId::kOsSupportEnds,
      SupportEnds(TextOf(sheet, FieldId::kOsId), TextOf(sheet, FieldId::kOsVersion)));
}

FactSheet Apply(const FactSheet& stored, const FactSheet& report, const std::set<Section>& removed,
                bool complete) {
  FactSheet result;
  for (const Section section : kSections) {
    const bool spoken = report.sections.contains(section);
    if (!spoken && (complete || removed.contains(section))) continue;
    const FactSheet& from = spoken ? report : stored;
    if (!from.sections.contains(section)) continue;
    result.sections.insert(section);
    for (const auto& [id, value] : from.values) {
      if (Get(id).section == section) result.values.emplace(id, value);
    }
    CopyLists(from, section, result);
  }
  result.unreadable = report.unreadable;
  if (complete) return result;
  for (const auto& [fact, reason] : stored.unreadable) {
    const Section section = SectionOf(fact);
    if (!report.sections.contains(section) && !removed.contains(section))
      result.unreadable.emplace(fact, reason);
  }
  return result;
}

std::set<Section> ChangedSections(const FactSheet& before, const FactSheet& after) {
  std::set<Section> changed;
  for (const Section section : kSections) {
    const bool same = before.sections.contains(section) == after.sections.contains(section) &&
                      SameValues(before, after, section) && SameLists(before, after, section);
    if (!same) changed.insert(section);
  }
  return changed;
}

std::string WhyUnreadable(const FactSheet& sheet, const Field& field) {
  for (const auto& [fact, reason] : sheet.unreadable) {
    if (fact == field.name || fact == ToString(field.section)) return reason;
    // "vpn.profiles" is what "vpn.profile.count" belongs to, and so is "vpn.profile".
    std::string_view stem = fact;
    if (stem.ends_with('s')) stem.remove_suffix(1);
    for (const std::string_view owner : {std::string_view(fact), stem}) {
      if (field.name.size() > owner.size() && field.name.starts_with(owner) &&
          field.name[owner.size()] == '.')
        return reason;
    }
  }
  return {};
}

}  // namespace parc::inventory
