#include "daemon/store/fact_store.h"

#include <algorithm>

#include "daemon/inventory/try.h"
#include "daemon/store/text_codec.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace parc::store {

using inventory::FactSheet;
using inventory::Field;
using inventory::Kind;
using inventory::Section;
using inventory::Value;

namespace {

constexpr Section kSections[] = {Section::kOs,          Section::kHardware, Section::kStorage,
                                 Section::kNetwork,     Section::kSecurity, Section::kUpdates,
                                 Section::kClock,       Section::kVpn,      Section::kTools,
                                 Section::kApplications};

Bind BindOf(const Value& value) {
  if (const auto* boolean = std::get_if<bool>(&value)) return std::int64_t{*boolean ? 1 : 0};
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
  if (const auto* date = std::get_if<inventory::CivilDate>(&value)) return inventory::ToIso(*date);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) return JoinList(*list);
  return nullptr;
}

std::optional<bool> OptBool(const Row& row, int column) {
  if (row.IsNull(column)) return std::nullopt;
  return row.Bool(column);
}

std::string SelectFacts() {
  std::string columns = "sections";
  for (const Field* fact : inventory::Facts()) columns += ", " + FactColumn(*fact);
  return fmt::format("SELECT {} FROM facts WHERE laptop = ?1", columns);
}

std::string UpdateSection(Section section) {
  std::vector<std::string> sets;
  for (const Field* fact : inventory::Facts()) {
    if (fact->section == section)
      sets.push_back(fmt::format("{} = ?{}", FactColumn(*fact), sets.size() + 2));
  }
  return fmt::format("UPDATE facts SET {} WHERE laptop = ?1", fmt::join(sets, ", "));
}

std::string JoinSections(const std::set<Section>& sections) {
  std::vector<std::string> names;
  for (const Section section : sections) names.emplace_back(inventory::ToString(section));
  return JoinList(names);
}

std::set<Section> SplitSections(std::string_view text) {
  std::set<Section> sections;
  const std::vector<std::string> names = SplitList(text);
  for (const Section section : kSections) {
    if (std::find(names.begin(), names.end(), inventory::ToString(section)) != names.end())
      sections.insert(section);
  }
  return sections;
}

}  // namespace

std::string FactColumn(const Field& field) {
  std::string column(field.name);
  std::replace(column.begin(), column.end(), '.', '_');
  return column;
}

Value ReadValue(const Row& row, int column, Kind kind) {
  if (row.IsNull(column)) return {};
  switch (kind) {
    case Kind::kBool:
      return row.Bool(column);
    case Kind::kInt:
    case Kind::kTime:
      return row.Int(column);
    case Kind::kList:
      return SplitList(row.Text(column));
    default:
      return row.Text(column);
  }
}

FactStore::FactStore(Connection& db)
    : read_(db, SelectFacts()),
      read_unreadable_(db, "SELECT fact, reason FROM unreadable_facts WHERE laptop = ?1"),
      read_disks_(db,
                  "SELECT name, model, size_bytes, rotational FROM disks WHERE laptop = ?1 "
                  "ORDER BY position"),
      read_interfaces_(db,
                       "SELECT name, mac, kind, up FROM network_interfaces WHERE laptop = ?1 "
                       "ORDER BY position"),
      read_profiles_(
          db,
          "SELECT tool, source, valid, problem, gateway, port, certificate_starts, "
          "certificate_expires, root_only, autoconnect, key_matches, trusted, ca_expires, "
          "crl_next_update FROM vpn_profiles WHERE laptop = ?1 ORDER BY position"),
      read_gateways_(
          db,
          "SELECT protocol, host, port, resolved, answer, latency_micros, certificate_trusted, "
          "certificate_expires "
          "FROM vpn_gateways WHERE laptop = ?1 ORDER BY position"),
      insert_(db, "INSERT INTO facts(laptop, sections) VALUES(?1, ?2) ON CONFLICT DO NOTHING"),
      put_sections_(db, "UPDATE facts SET sections = ?2 WHERE laptop = ?1"),
      drop_unreadable_(db, "DELETE FROM unreadable_facts WHERE laptop = ?1"),
      put_unreadable_(db, "INSERT INTO unreadable_facts(laptop, fact, reason) VALUES(?1, ?2, ?3)"),
      drop_disks_(db, "DELETE FROM disks WHERE laptop = ?1"),
      put_disk_(db,
                "INSERT INTO disks(laptop, position, name, model, size_bytes, rotational) "
                "VALUES(?1, ?2, ?3, ?4, ?5, ?6)"),
      drop_interfaces_(db, "DELETE FROM network_interfaces WHERE laptop = ?1"),
      put_interface_(db,
                     "INSERT INTO network_interfaces(laptop, position, name, mac, kind, up) "
                     "VALUES(?1, ?2, ?3, ?4, ?5, ?6)"),
      drop_profiles_(db, "DELETE FROM vpn_profiles WHERE laptop = ?1"),
      put_profile_(
          db,
          "INSERT INTO vpn_profiles(laptop, position, tool, source, valid, problem, "
          "gateway, port, certificate_starts, certificate_expires, root_only, autoconnect, "
          "key_matches, trusted, ca_expires, crl_next_update) "
          "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)"),
      drop_gateways_(db, "DELETE FROM vpn_gateways WHERE laptop = ?1"),
      put_gateway_(db,
                   "INSERT INTO vpn_gateways(laptop, position, protocol, host, port, resolved, "
                   "answer, latency_micros, certificate_trusted, certificate_expires) "
                   "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)") {
  for (const Section section : kSections)
    put_section_.emplace(section, std::make_unique<Statement>(db, UpdateSection(section)));
}

absl::StatusOr<FactSheet> FactStore::Read(std::int64_t laptop, const std::set<Section>& lists) {
  FactSheet sheet;
  PARC_TRY(ReadScalars(laptop, sheet));
  if (lists.contains(Section::kStorage)) PARC_TRY(ReadDisks(laptop, sheet));
  if (lists.contains(Section::kNetwork)) PARC_TRY(ReadInterfaces(laptop, sheet));
  if (lists.contains(Section::kVpn)) PARC_TRY(ReadVpn(laptop, sheet));
  return sheet;
}

absl::Status FactStore::ReadScalars(std::int64_t laptop, FactSheet& sheet) {
  PARC_TRY(read_.Query(
      [&](const Row& row) {
        sheet.sections = SplitSections(row.Text(0));
        int column = 1;
        for (const Field* fact : inventory::Facts()) {
          Value value = ReadValue(row, column++, fact->kind);
          if (!std::holds_alternative<std::monostate>(value))
            sheet.values.emplace(fact->id, std::move(value));
        }
        return absl::OkStatus();
      },
      laptop));
  return read_unreadable_.Query(
      [&](const Row& row) {
        sheet.unreadable.emplace(row.Text(0), row.Text(1));
        return absl::OkStatus();
      },
      laptop);
}

absl::Status FactStore::ReadDisks(std::int64_t laptop, FactSheet& sheet) {
  return read_disks_.Query(
      [&](const Row& row) {
        sheet.disks.push_back({row.Text(0), row.Text(1), row.OptInt(2), OptBool(row, 3)});
        return absl::OkStatus();
      },
      laptop);
}

absl::Status FactStore::ReadInterfaces(std::int64_t laptop, FactSheet& sheet) {
  return read_interfaces_.Query(
      [&](const Row& row) {
        sheet.interfaces.push_back({row.Text(0), row.Text(1), row.Text(2), row.Bool(3)});
        return absl::OkStatus();
      },
      laptop);
}

absl::Status FactStore::ReadVpn(std::int64_t laptop, FactSheet& sheet) {
  PARC_TRY(read_profiles_.Query(
      [&](const Row& row) {
        sheet.vpn_profiles.push_back(
            {row.Text(0), row.Text(1), row.Bool(2), row.Text(3), row.Text(4),
             static_cast<int>(row.Int(5)), row.OptInt(6), row.OptInt(7), OptBool(row, 8),
             OptBool(row, 9), OptBool(row, 10), OptBool(row, 11), row.OptInt(12), row.OptInt(13)});
        return absl::OkStatus();
      },
      laptop));
  return read_gateways_.Query(
      [&](const Row& row) {
        sheet.vpn_gateways.push_back({row.Text(0), row.Text(1), static_cast<int>(row.Int(2)),
                                      OptBool(row, 3), row.Text(4), row.OptInt(5), OptBool(row, 6),
                                      row.OptInt(7)});
        return absl::OkStatus();
      },
      laptop);
}

absl::Status FactStore::Write(std::int64_t laptop, const FactSheet& before,
                              const FactSheet& after) {
  PARC_TRY(insert_.Run(laptop, JoinSections(after.sections)));
  if (before.sections != after.sections)
    PARC_TRY(put_sections_.Run(laptop, JoinSections(after.sections)));
  for (const Section section : inventory::ChangedSections(before, after)) {
    PARC_TRY(WriteScalars(laptop, section, after));
    if (section == Section::kStorage && before.disks != after.disks)
      PARC_TRY(WriteDisks(laptop, after));
    if (section == Section::kNetwork && before.interfaces != after.interfaces)
      PARC_TRY(WriteInterfaces(laptop, after));
    if (section == Section::kVpn) PARC_TRY(WriteVpn(laptop, after));
  }
  return before.unreadable == after.unreadable ? absl::OkStatus() : WriteUnreadable(laptop, after);
}

absl::Status FactStore::WriteScalars(std::int64_t laptop, Section section, const FactSheet& sheet) {
  std::vector<Bind> binds = {laptop};
  for (const Field* fact : inventory::Facts()) {
    if (fact->section != section) continue;
    const auto found = sheet.values.find(fact->id);
    binds.push_back(found == sheet.values.end() ? Bind(nullptr) : BindOf(found->second));
  }
  return put_section_.at(section)->QueryWith([](const Row&) { return absl::OkStatus(); }, binds);
}

absl::Status FactStore::WriteDisks(std::int64_t laptop, const FactSheet& sheet) {
  PARC_TRY(drop_disks_.Run(laptop));
  std::int64_t position = 0;
  for (const inventory::DiskFact& disk : sheet.disks) {
    PARC_TRY(
        put_disk_.Run(laptop, position++, disk.name, disk.model, disk.size_bytes, disk.rotational));
  }
  return absl::OkStatus();
}

absl::Status FactStore::WriteInterfaces(std::int64_t laptop, const FactSheet& sheet) {
  PARC_TRY(drop_interfaces_.Run(laptop));
  std::int64_t position = 0;
  for (const inventory::InterfaceFact& interface : sheet.interfaces) {
    PARC_TRY(put_interface_.Run(laptop, position++, interface.name, interface.mac, interface.kind,
                                interface.up));
  }
  return absl::OkStatus();
}

absl::Status FactStore::WriteVpn(std::int64_t laptop, const FactSheet& sheet) {
  PARC_TRY(drop_profiles_.Run(laptop));
  std::int64_t position = 0;
  for (const inventory::VpnProfileFact& profile : sheet.vpn_profiles) {
    PARC_TRY(put_profile_.Run(laptop, position++, profile.tool, profile.source, profile.valid,
                              profile.problem, profile.gateway, profile.port,
                              profile.certificate_starts, profile.certificate_expires,
                              profile.root_only, profile.autoconnect, profile.key_matches,
                              profile.trusted, profile.ca_expires, profile.crl_next_update));
  }
  PARC_TRY(drop_gateways_.Run(laptop));
  position = 0;
  for (const inventory::VpnGatewayFact& gateway : sheet.vpn_gateways) {
    PARC_TRY(put_gateway_.Run(laptop, position++, gateway.protocol, gateway.host, gateway.port,
                              gateway.resolved, gateway.answer, gateway.latency_micros,
                              gateway.certificate_trusted, gateway.certificate_expires));
  }
  return absl::OkStatus();
}

absl::Status FactStore::WriteUnreadable(std::int64_t laptop, const FactSheet& sheet) {
  PARC_TRY(drop_unreadable_.Run(laptop));
  for (const auto& [fact, reason] : sheet.unreadable)
    PARC_TRY(put_unreadable_.Run(laptop, fact, reason));
  return absl::OkStatus();
}

}  // namespace parc::store
