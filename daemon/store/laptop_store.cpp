#include "daemon/store/laptop_store.h"

#include "daemon/inventory/fold.h"
#include "daemon/inventory/identity.h"
#include "daemon/inventory/try.h"
#include "daemon/store/text_codec.h"
#include "fmt/format.h"

namespace parc::store {

using inventory::CivilDate;
using inventory::Laptop;

namespace {

// The unique form of a serial; nothing when it is a placeholder, so that placeholders are never
// equal.
std::optional<std::string> SerialKey(std::string_view serial) {
  return inventory::NormaliseSerial(serial);
}

std::optional<std::int64_t> PriceMicros(const Laptop& laptop) {
  if (!laptop.price.has_value()) return std::nullopt;
  return laptop.price->micros;
}

std::optional<std::string> Currency(const Laptop& laptop) {
  if (!laptop.price.has_value()) return std::nullopt;
  return laptop.price->currency;
}

// One version of the current row ?1, in state ?2 since ?3, held by ?4, until ?5.
std::string StepStatement() {
  const std::string columns(kLaptops.columns);
  std::string values = columns;
  for (const auto& [column, value] :
       {std::pair<std::string_view, std::string_view>{" state,", " ?2,"},
        {" state_since,", " ?3,"},
        {" holder,", " ?4,"}}) {
    values.replace(values.find(column), column.size(), value);
  }
  return fmt::format(
      "INSERT INTO {} ({}, effective_from, effective_to, known_from, known_to) SELECT {}, ?3, ?5, "
      "?6, {} FROM {} WHERE id = ?1",
      kLaptops.versions, columns, values, kStillKnown, kLaptops.current);
}

}  // namespace

std::string LaptopColumns() {
  return "l.id, l.asset_tag, l.serial, l.manufacturer, l.model, l.state, l.state_since, l.holder, "
         "h.person, h.name, l.site, s.code, l.order_line, o.reference, ol.line, l.receipt, "
         "l.purchase_date, l.price_micros, l.currency, l.warranty_end, l.tags, l.notes, l.extra, "
         "l.revision, l.end_of_life, l.serial_key";
}

std::string LaptopSource(const inventory::Moment& moment, const CivilDate& today) {
  return fmt::format(
      "{} l LEFT JOIN {} h ON h.id = l.holder LEFT JOIN sites s ON s.id = l.site "
      "LEFT JOIN order_lines ol ON ol.id = l.order_line LEFT JOIN orders o ON o.id = ol.order_id",
      SourceAt(kLaptops, moment, today), SourceAt(kPeople, moment, today));
}

absl::StatusOr<LaptopRecord> ReadLaptop(const Row& row) {
  LaptopRecord record;
  Laptop& laptop = record.laptop;
  record.id = row.Int(0);
  laptop.asset_tag = row.Text(1);
  laptop.serial = row.Text(2);
  laptop.manufacturer = row.Text(3);
  laptop.model = row.Text(4);
  PARC_ASSIGN(laptop.state, inventory::ParseLaptopState(row.Text(5)));
  PARC_ASSIGN(laptop.state_since, inventory::ParseIso(row.Text(6)));
  record.holder = row.OptInt(7);
  laptop.holder = row.OptText(8).value_or("");
  laptop.holder_name = row.OptText(9).value_or("");
  record.site = row.OptInt(10);
  laptop.site = row.OptText(11).value_or("");
  record.order_line = row.OptInt(12);
  if (record.order_line.has_value())
    laptop.order_line = fmt::format("{}/{}", row.Text(13), row.Int(14));
  record.receipt = row.OptInt(15);
  PARC_ASSIGN(laptop.purchase_date, OptDate(row, 16));
  if (!row.IsNull(17)) laptop.price = inventory::Money{row.Int(17), row.OptText(18).value_or("")};
  PARC_ASSIGN(laptop.warranty_end, OptDate(row, 19));
  laptop.tags = SplitList(row.Text(20));
  laptop.notes = row.Text(21);
  laptop.extra = SplitMap(row.Text(22));
  laptop.revision = row.Int(23);
  PARC_ASSIGN(laptop.end_of_life, OptDate(row, 24));
  return record;
}

LaptopStore::LaptopStore(Connection& db)
    : db_(db),
      by_tag_(db, fmt::format("SELECT {} FROM {} WHERE l.asset_key = ?1", LaptopColumns(),
                              LaptopSource({}, {}))),
      by_serial_(db, fmt::format("SELECT {} FROM {} WHERE l.serial_key = ?1", LaptopColumns(),
                                 LaptopSource({}, {}))),
      insert_(
          db,
          "INSERT INTO laptops(asset_tag, asset_key, serial, serial_key, manufacturer, model, "
          "state, "
          "state_since, holder, site, order_line, receipt, purchase_date, price_micros, currency, "
          "warranty_end, tags, notes, extra, end_of_life, revision) "
          "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, "
          "?19, ?20, 1)"),
      insert_step_(db, StepStatement()),
      update_(db,
              "UPDATE laptops SET serial = ?2, serial_key = ?3, manufacturer = ?4, model = ?5, "
              "state = ?6, "
              "state_since = ?7, holder = ?8, site = ?9, order_line = ?10, purchase_date = ?11, "
              "price_micros = ?12, currency = ?13, warranty_end = ?14, tags = ?15, notes = ?16, "
              "extra = ?17, end_of_life = ?18, "
              "revision = revision + 1 WHERE id = ?1"),
      add_event_(
          db,
          "INSERT INTO laptop_events(laptop, event, from_state, to_state, person, effective_date, "
          "known_from, actor, reason) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"),
      assigned_to_(db,
                   "SELECT asset_tag FROM laptops WHERE holder = ?1 AND state = 'ASSIGNED' ORDER "
                   "BY asset_tag"),
      versions_(db, kLaptops) {}

absl::StatusOr<std::optional<LaptopRecord>> LaptopStore::One(Statement& statement,
                                                             const std::string& key) {
  std::optional<LaptopRecord> found;
  PARC_TRY(statement.Query(
      [&](const Row& row) -> absl::Status {
        PARC_ASSIGN(found, ReadLaptop(row));
        return absl::OkStatus();
      },
      key));
  return found;
}

absl::StatusOr<std::optional<LaptopRecord>> LaptopStore::Find(std::string_view name) {
  PARC_ASSIGN(std::optional<LaptopRecord> found, FindByTag(name));
  if (found.has_value()) return found;
  return FindBySerial(name);
}

absl::StatusOr<std::optional<LaptopRecord>> LaptopStore::FindByTag(std::string_view asset_tag) {
  return One(by_tag_, inventory::Fold(asset_tag));
}

absl::StatusOr<std::optional<LaptopRecord>> LaptopStore::FindBySerial(std::string_view serial) {
  const std::optional<std::string> key = SerialKey(serial);
  if (!key.has_value()) return std::optional<LaptopRecord>();
  return One(by_serial_, *key);
}

absl::StatusOr<std::int64_t> LaptopStore::InsertRow(const LaptopRecord& record) {
  const Laptop& laptop = record.laptop;
  PARC_TRY(insert_.Run(laptop.asset_tag, inventory::Fold(laptop.asset_tag), laptop.serial,
                       SerialKey(laptop.serial), laptop.manufacturer, laptop.model,
                       inventory::ToString(laptop.state), inventory::ToIso(laptop.state_since),
                       record.holder, record.site, record.order_line, record.receipt,
                       OptIso(laptop.purchase_date), PriceMicros(laptop), Currency(laptop),
                       OptIso(laptop.warranty_end), JoinList(laptop.tags), laptop.notes,
                       JoinMap(laptop.extra), OptIso(laptop.end_of_life)));
  return db_.last_insert_id();
}

absl::StatusOr<std::int64_t> LaptopStore::Insert(const LaptopRecord& record,
                                                 const CivilDate& effective, std::int64_t now) {
  PARC_ASSIGN(const std::int64_t id, InsertRow(record));
  PARC_TRY(versions_.Record(id, effective, now));
  return id;
}

absl::StatusOr<std::int64_t> LaptopStore::InsertLife(const LaptopRecord& record,
                                                     const std::vector<Step>& life,
                                                     std::int64_t now) {
  PARC_ASSIGN(const std::int64_t id, InsertRow(record));
  for (std::size_t i = 0; i < life.size(); ++i) {
    const std::string to =
        i + 1 < life.size() ? inventory::ToIso(life[i + 1].from) : std::string(kForever);
    PARC_TRY(insert_step_.Run(id, inventory::ToString(life[i].state),
                              inventory::ToIso(life[i].from), life[i].holder, to, now));
  }
  return id;
}

absl::Status LaptopStore::Replace(const LaptopRecord& record, const CivilDate& effective,
                                  std::int64_t now) {
  const Laptop& laptop = record.laptop;
  PARC_TRY(update_.Run(record.id, laptop.serial, SerialKey(laptop.serial), laptop.manufacturer,
                       laptop.model, inventory::ToString(laptop.state),
                       inventory::ToIso(laptop.state_since), record.holder, record.site,
                       record.order_line, OptIso(laptop.purchase_date), PriceMicros(laptop),
                       Currency(laptop), OptIso(laptop.warranty_end), JoinList(laptop.tags),
                       laptop.notes, JoinMap(laptop.extra), OptIso(laptop.end_of_life)));
  return versions_.Record(record.id, effective, now);
}

absl::Status LaptopStore::AddEvent(const Event& event) {
  std::optional<std::string> from;
  if (event.from.has_value()) from = inventory::ToString(*event.from);
  return add_event_.Run(event.laptop, inventory::ToString(event.event), from,
                        inventory::ToString(event.to), event.person,
                        inventory::ToIso(event.effective), event.now, event.actor, event.reason);
}

absl::StatusOr<std::vector<std::string>> LaptopStore::AssignedTo(std::int64_t person) {
  std::vector<std::string> tags;
  PARC_TRY(assigned_to_.Query(
      [&](const Row& row) {
        tags.push_back(row.Text(0));
        return absl::OkStatus();
      },
      person));
  return tags;
}

}  // namespace parc::store
