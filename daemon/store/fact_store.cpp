#include "daemon/store/fact_store.h"

#include <algorithm>

#include "daemon/inventory/try.h"
#include "daemon/store/detail_codec.h"
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

constexpr Section kSections[] = {Section::kOs,           Section::kHardware, Section::kStorage,
                                 Section::kNetwork,      Section::kSecurity, Section::kUpdates,
                                 Section::kClock,        Section::kVpn,      Section::kTools,
                                 Section::kApplications, Section::kAgent};

Bind BindOf(const Value& value) {
  if (const auto* boolean = std::get_if<bool>(&value)) return std::int64_t{*boolean ? 1 : 0};
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
  if (const auto* date = std::get_if<inventory::CivilDate>(&value)) return inventory::ToIso(*date);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) return JoinList(*list);
  return nullptr;
}

std::string SelectFacts() {
  std::string columns =
      "f.sections, d.unreadable, d.disks, d.interfaces, d.vpn_profiles, "
      "d.vpn_gateways, f.agent_version";
  for (const Field* fact : inventory::Facts()) columns += ", f." + FactColumn(*fact);
  return fmt::format(
      "SELECT {} FROM facts f LEFT JOIN details d ON d.laptop = f.laptop WHERE f.laptop = ?1",
      columns);
}
constexpr int kFirstFact = 7;

// Bits of what an UPDATE of a row names, besides those of the sections.
constexpr std::uint32_t kSectionsPart = 1u << 16;
constexpr std::uint32_t kOriginPart = 1u << 17;

std::string UpdateOf(std::uint32_t parts) {
  std::vector<std::string> sets;
  const auto set = [&](std::string_view column, std::string_view value = "?{}") {
    sets.push_back(
        fmt::format("{} = {}", column, fmt::format(fmt::runtime(value), sets.size() + 2)));
  };
  if ((parts & kSectionsPart) != 0) set("sections");
  if ((parts & kOriginPart) != 0) {
    set("boot_id");
    set("facts_digest", "CAST(?{} AS BLOB)");
    set("agent_version");
  }
  for (const Section section : kSections) {
    if ((parts >> static_cast<unsigned>(section) & 1u) == 0) continue;
    for (const Field* fact : inventory::Facts()) {
      if (fact->section == section) set(FactColumn(*fact));
    }
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
    : db_(db),
      read_(db, SelectFacts()),
      insert_(db,
              "INSERT INTO facts(laptop, sections) VALUES(?1, '') ON CONFLICT(laptop) DO NOTHING"),
      put_lists_(db,
                 "INSERT INTO details(laptop, disks, interfaces, vpn_profiles, vpn_gateways, "
                 "unreadable) VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(laptop) DO UPDATE SET "
                 "disks = ?2, interfaces = ?3, vpn_profiles = ?4, vpn_gateways = ?5, "
                 "unreadable = ?6") {}

absl::StatusOr<FactSheet> FactStore::Read(std::int64_t laptop) {
  FactSheet sheet;
  PARC_TRY(read_.Query(
      [&](const Row& row) {
        sheet.sections = SplitSections(row.Text(0));
        Unpack(row.Text(1), sheet.unreadable);
        Unpack(row.Text(2), sheet.disks);
        Unpack(row.Text(3), sheet.interfaces);
        Unpack(row.Text(4), sheet.vpn_profiles);
        Unpack(row.Text(5), sheet.vpn_gateways);
        if (std::string version = row.Text(6); !version.empty())
          sheet.values[inventory::FieldId::kAgentVersion] = std::move(version);
        int column = kFirstFact;
        for (const Field* fact : inventory::Facts()) {
          Value value = ReadValue(row, column++, fact->kind);
          if (!std::holds_alternative<std::monostate>(value))
            sheet.values.emplace(fact->id, std::move(value));
        }
        return absl::OkStatus();
      },
      laptop));
  return sheet;
}

absl::Status FactStore::Write(std::int64_t laptop, const FactSheet& before, const FactSheet& after,
                              const Origin* origin) {
  if (before.sections.empty()) PARC_TRY(insert_.Run(laptop));
  PARC_TRY(WriteRow(laptop, before, after, origin));
  const bool same = before.disks == after.disks && before.interfaces == after.interfaces &&
                    before.vpn_profiles == after.vpn_profiles &&
                    before.vpn_gateways == after.vpn_gateways &&
                    before.unreadable == after.unreadable;
  if (same) return absl::OkStatus();
  return put_lists_.Run(laptop, Pack(after.disks), Pack(after.interfaces), Pack(after.vpn_profiles),
                        Pack(after.vpn_gateways), Pack(after.unreadable));
}

absl::Status FactStore::PutOrigin(std::int64_t laptop, const Origin& origin) {
  PARC_TRY(insert_.Run(laptop));
  return WriteRow(laptop, {}, {}, &origin);
}

// One UPDATE names what changed, by sections: SQLite writes the whole row for each statement, and
// an unchanged text need not be bound.
absl::Status FactStore::WriteRow(std::int64_t laptop, const FactSheet& before,
                                 const FactSheet& after, const Origin* origin) {
  std::vector<Bind> binds = {laptop};
  std::uint32_t parts = 0;
  if (before.sections != after.sections) {
    parts |= kSectionsPart;
    binds.emplace_back(JoinSections(after.sections));
  }
  if (origin != nullptr) {
    parts |= kOriginPart;
    binds.emplace_back(origin->boot_id);
    binds.emplace_back(origin->digest);
    binds.emplace_back(origin->agent_version);
  }
  for (const Section section : inventory::ChangedSections(before, after)) {
    parts |= 1u << static_cast<unsigned>(section);
    for (const Field* fact : inventory::Facts()) {
      if (fact->section != section) continue;
      const auto found = after.values.find(fact->id);
      binds.push_back(found == after.values.end() ? Bind(nullptr) : BindOf(found->second));
    }
  }
  if (parts == 0) return absl::OkStatus();
  std::unique_ptr<Statement>& update = updates_[parts];
  if (update == nullptr) update = std::make_unique<Statement>(db_, UpdateOf(parts));
  return update->QueryWith([](const Row&) { return absl::OkStatus(); }, binds);
}

}  // namespace parc::store
