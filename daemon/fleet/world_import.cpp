#include <algorithm>
#include <map>

#include "daemon/fleet/change.h"
#include "daemon/fleet/change_stores.h"
#include "daemon/fleet/validate.h"
#include "daemon/fleet/world.h"
#include "daemon/inventory/fold.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::fleet {

using inventory::CivilDate;
using inventory::LaptopEvent;
using inventory::LaptopState;
using procurement::Order;
using procurement::Planning;
using store::LaptopRecord;
using store::LaptopStore;
using store::OrderStore;
using store::PersonRecord;

namespace {

constexpr std::string_view kPopulation = "World";
constexpr std::string_view kSource = "world";

absl::Status WrongWorld(std::string_view file, std::int64_t line, std::string_view what) {
  return WithDetail(WithDetail(Refuse(absl::StatusCode::kInvalidArgument, "BAD_WORLD",
                                      fmt::format("{}, line {}: {}", file, line, what), "file"),
                               "file", file),
                    "line", fmt::format("{}", line));
}

LaptopEvent EventInto(LaptopState state, bool first) {
  if (first) return LaptopEvent::kImport;
  switch (state) {
    case LaptopState::kAssigned:
      return LaptopEvent::kAssign;
    case LaptopState::kInRepair:
      return LaptopEvent::kRepair;
    case LaptopState::kRetired:
      return LaptopEvent::kRetire;
    case LaptopState::kLost:
      return LaptopEvent::kLose;
    default:
      return LaptopEvent::kReturn;
  }
}

// A code that a site can have, for a name that may be any text.
std::string SiteCode(std::string_view name) {
  if (CheckName(name, "site").ok()) return std::string(name);
  std::string code = inventory::Fold(name);
  for (char& c : code) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!plain) c = '-';
  }
  return code;
}

// The line as the ledger will have it.
procurement::OrderLine LineFrom(const World::Line& from, int number, const ChangeContext& context) {
  procurement::OrderLine line;
  line.line = number;
  line.model = from.model;
  line.quantity = from.quantity;
  line.external_id = from.id;
  for (const World::Promise& promise : from.promises) {
    line.promises.push_back({.promised = promise.promised,
                             .announced = promise.announced,
                             .source = std::string(kSource),
                             .committed = context.now});
  }
  return line;
}

class WorldImport {
 public:
  WorldImport(Change::Stores& stores, const World& world) : stores_(stores), world_(world) {}

  absl::StatusOr<ImportResult> Run() {
    for (const World::Note& note : world_.notes) Tell(note);
    if (stores_.context.today < world_.as_of) {
      return WrongWorld(
          "world.csv", 1,
          fmt::format("as_of: {} lies in the future", inventory::ToIso(world_.as_of)));
    }
    for (const World::Order& order : world_.orders) PARC_TRY(AddOrder(order));
    FindFirstDays();
    for (const World::Person& person : world_.people) PARC_TRY(AddPerson(person));
    for (const World::Asset& asset : world_.assets) PARC_TRY(AddAsset(asset));
    PARC_TRY(AddPlanning());
    PARC_TRY(AddTargets());
    result_.applied = true;
    result_.dialect = fmt::format("world {}, as of {}", world_.id, inventory::ToIso(world_.as_of));
    return std::move(result_);
  }

 private:
  // What was read otherwise than it stands there, as a row that changes nothing.
  void Tell(const World::Note& note) {
    if (result_.rows.size() >= kMaxRowResults) {
      ++result_.rows_left_off;
      return;
    }
    result_.rows.push_back({.line = note.line,
                            .outcome = RowOutcome::kUnchanged,
                            .key = {},
                            .message = note.text,
                            .file = note.file});
  }

  void Note(RowOutcome outcome, std::string_view file, std::int64_t row, std::string_view key) {
    if (outcome == RowOutcome::kUnchanged) {
      ++result_.unchanged;
      return;
    }
    ++(outcome == RowOutcome::kCreated ? result_.created : result_.updated);
    if (result_.rows.size() >= kMaxRowResults) {
      ++result_.rows_left_off;
    } else {
      result_.rows.push_back({.line = row,
                              .outcome = outcome,
                              .key = std::string(key),
                              .message = {},
                              .file = std::string(file)});
    }
  }

  absl::Status AddOrder(const World::Order& from) {
    PARC_ASSIGN(const std::optional<std::int64_t> known, stores_.orders.FindOrder(from.id));
    if (known.has_value()) return CompareOrder(from, *known);
    Order order;
    order.reference = from.id;
    order.supplier = from.supplier;
    order.ordered = from.ordered;
    order.planned = from.planned;
    if (from.planned) order.planned_on = world_.as_of;
    PARC_ASSIGN(const std::int64_t row, stores_.orders.InsertOrder(order, stores_.context.now));
    int number = 0;
    for (const World::Line& line : from.lines) PARC_TRY(AddLine(row, line, ++number));
    Note(RowOutcome::kCreated, "orders.csv", from.row, from.id);
    return absl::OkStatus();
  }

  absl::Status AddLine(std::int64_t order, const World::Line& from, int number) {
    const ChangeContext& context = stores_.context;
    PARC_ASSIGN(const std::int64_t row,
                stores_.orders.InsertLine(order, LineFrom(from, number, context), context.now));
    line_rows_[from.id] = row;
    for (const World::Delivery& delivery : from.deliveries) {
      PARC_ASSIGN(const std::int64_t receipt,
                  stores_.orders.AddReceipt(row, {.received = delivery.day,
                                                  .quantity = delivery.quantity,
                                                  .manufacturer = {},
                                                  .model = {},
                                                  .serials = {},
                                                  .actor = context.actor,
                                                  .committed = context.now}));
      receipts_[{row, delivery.day}] = receipt;
    }
    if (from.cancelled == 0) return absl::OkStatus();
    return stores_.orders.AddCancellation(row,
                                          {.cancelled = *from.cancelled_on,
                                           .quantity = from.cancelled,
                                           .reason = std::string(kSource),
                                           .committed = context.now},
                                          context.actor);
  }

  absl::Status CompareOrder(const World::Order& from, std::int64_t row) {
    PARC_ASSIGN(const std::optional<Order> known, stores_.orders.Read(row, {}));
    const bool same = known->supplier == from.supplier && known->ordered == from.ordered &&
                      known->planned == from.planned && known->lines.size() == from.lines.size();
    if (!same)
      return WrongWorld("orders.csv", from.row, fmt::format("{} is recorded otherwise", from.id));
    for (std::size_t i = 0; i < from.lines.size(); ++i) {
      const World::Line& line = from.lines[i];
      const procurement::OrderLine& recorded = known->lines[i];
      int delivered = 0;
      for (const World::Delivery& delivery : line.deliveries) delivered += delivery.quantity;
      if (recorded.quantity != line.quantity || recorded.model != line.model ||
          recorded.promises.size() != line.promises.size() || recorded.Received() != delivered ||
          recorded.Cancelled() != line.cancelled)
        return WrongWorld("order_lines.csv", line.row,
                          fmt::format("{} is recorded otherwise", line.id));
      PARC_ASSIGN(const std::optional<OrderStore::LineRecord> found,
                  stores_.orders.FindLine(fmt::format("{}/{}", from.id, recorded.line)));
      line_rows_[line.id] = found->row;
    }
    Note(RowOutcome::kUnchanged, "orders.csv", from.row, from.id);
    return absl::OkStatus();
  }

  // Nobody holds a laptop before their own record begins.
  void FindFirstDays() {
    for (const World::Asset& asset : world_.assets) {
      lives_.push_back(LifeOf(asset, world_));
      for (const LifeStep& step : lives_.back()) {
        if (step.person.empty()) continue;
        const auto [entry, is_new] = first_days_.emplace(step.person, step.from);
        if (!is_new) entry->second = std::min(entry->second, step.from);
      }
    }
  }

  absl::StatusOr<std::optional<std::int64_t>> Site(const std::string& name) {
    if (name.empty()) return std::optional<std::int64_t>();
    if (const auto known = sites_.find(name); known != sites_.end())
      return std::optional<std::int64_t>(known->second);
    PARC_ASSIGN(const std::optional<store::SiteRecord> found, stores_.sites.Find(name));
    std::int64_t row = found.has_value() ? found->row : 0;
    if (!found.has_value()) {
      store::SiteRecord site;
      site.site.code = SiteCode(name);
      site.site.name = name;
      PARC_ASSIGN(row, stores_.sites.Insert(site));
    }
    sites_[name] = row;
    return std::optional<std::int64_t>(row);
  }

  absl::Status AddPerson(const World::Person& from) {
    PARC_ASSIGN(const std::optional<PersonRecord> known, stores_.people.Find(from.id));
    if (known.has_value()) {
      const inventory::Person& person = known->person;
      const bool same = person.tier == from.tier && person.needs_laptop == from.needs_laptop &&
                        person.start == from.start && person.end == from.end;
      if (!same)
        return WrongWorld("people.csv", from.row, fmt::format("{} is recorded otherwise", from.id));
      person_rows_[from.id] = known->row;
      Note(RowOutcome::kUnchanged, "people.csv", from.row, from.id);
      return absl::OkStatus();
    }
    PersonRecord record;
    record.person.id = from.id;
    record.person.name = from.id;
    record.person.population = kPopulation;
    record.person.tier = from.tier;
    record.person.needs_laptop = from.needs_laptop;
    record.person.start = from.start;
    record.person.end = from.end;
    PARC_ASSIGN(record.site, Site(from.site));
    CivilDate day = from.start.value_or(world_.records_since.value_or(world_.as_of));
    if (const auto held = first_days_.find(from.id); held != first_days_.end())
      day = std::min(day, held->second);
    PARC_ASSIGN(person_rows_[from.id],
                stores_.people.Insert(record, std::min(day, world_.as_of), stores_.context.now));
    Note(RowOutcome::kCreated, "people.csv", from.row, from.id);
    return absl::OkStatus();
  }

  absl::Status AddAsset(const World::Asset& from) {
    const std::vector<LifeStep>& life =
        lives_[static_cast<std::size_t>(&from - world_.assets.data())];
    const LifeStep& last = life.back();
    PARC_ASSIGN(const std::optional<LaptopRecord> known, stores_.laptops.FindByTag(from.id));
    if (known.has_value()) {
      const inventory::Laptop& laptop = known->laptop;
      const bool same = laptop.state == last.state && laptop.holder == last.person &&
                        laptop.end_of_life == from.end_of_life;
      if (!same)
        return WrongWorld("assets.csv", from.row, fmt::format("{} is recorded otherwise", from.id));
      Note(RowOutcome::kUnchanged, "assets.csv", from.row, from.id);
      return absl::OkStatus();
    }
    LaptopRecord record;
    record.laptop.asset_tag = from.id;
    const absl::Status crossed = stores_.CheckNotCrossed(record.laptop, std::nullopt);
    if (absl::IsAlreadyExists(crossed))
      return WrongWorld("assets.csv", from.row, std::string(crossed.message()));
    PARC_TRY(crossed);
    record.laptop.state = last.state;
    record.laptop.state_since = last.from;
    record.laptop.purchase_date = from.received;
    record.laptop.end_of_life = from.end_of_life;
    if (!last.person.empty()) record.holder = person_rows_.at(last.person);
    if (!from.line.empty()) {
      record.order_line = line_rows_.at(from.line);
      if (from.received.has_value()) {
        const auto receipt = receipts_.find({*record.order_line, *from.received});
        if (receipt != receipts_.end()) record.receipt = receipt->second;
      }
    }
    PARC_TRY(AddLife(record, life));
    Note(RowOutcome::kCreated, "assets.csv", from.row, from.id);
    return absl::OkStatus();
  }

  absl::Status AddLife(const LaptopRecord& record, const std::vector<LifeStep>& life) {
    const ChangeContext& context = stores_.context;
    std::vector<LaptopStore::Step> steps;
    for (const LifeStep& step : life) {
      std::optional<std::int64_t> holder;
      if (!step.person.empty()) holder = person_rows_.at(step.person);
      steps.push_back({.from = step.from, .state = step.state, .holder = holder});
    }
    PARC_ASSIGN(const std::int64_t id, stores_.laptops.InsertLife(record, steps, context.now));
    for (std::size_t i = 0; i < life.size(); ++i) {
      const std::optional<std::int64_t> before = i > 0 ? steps[i - 1].holder : std::nullopt;
      PARC_TRY(stores_.laptops.AddEvent(
          {.laptop = id,
           .event = EventInto(life[i].state, i == 0),
           .from = i > 0 ? std::optional(life[i - 1].state) : std::nullopt,
           .to = life[i].state,
           .person = steps[i].holder.has_value() ? steps[i].holder : before,
           .effective = life[i].from,
           .now = context.now,
           .actor = context.actor,
           .reason = life[i].reason}));
    }
    return absl::OkStatus();
  }

  store::Entry EntryOn(const CivilDate& day) const {
    return {.effective = day,
            .actor = stores_.context.actor,
            .reason = kSource,
            .now = stores_.context.now};
  }

  absl::Status AddPlanning() {
    PARC_ASSIGN(const Planning before,
                stores_.planning.Read({.as_of = world_.as_of, .known_at = {}}));
    Planning wanted = before;
    if (world_.capacity.has_value()) wanted.preparation_capacity = world_.capacity;
    if (world_.reserve.has_value()) wanted.reserve_stock = world_.reserve;
    if (world_.records_since.has_value()) wanted.records_since = world_.records_since;
    if (!world_.country.empty()) wanted.country = world_.country;
    if (const absl::Status status = CheckPlanning(wanted, stores_.context.today); !status.ok())
      return WrongWorld("world.csv", 1, std::string(status.message()));
    const bool same = wanted == before;
    Note(same ? RowOutcome::kUnchanged : RowOutcome::kUpdated, "world.csv", 1, world_.id);
    return stores_.planning.Change(before, wanted,
                                   EntryOn(world_.records_since.value_or(world_.as_of)));
  }

  absl::Status AddTargets() {
    PARC_ASSIGN(const std::vector<procurement::Target> known,
                stores_.planning.Targets({.as_of = world_.as_of, .known_at = {}}));
    for (const World::Target& from : world_.targets) {
      if (!(from.ratio > 0 && from.ratio <= 1)) continue;  // no plan has such a target
      const procurement::Target target{
          .id = from.id, .due = from.date, .ratio = from.ratio, .people = {}};
      if (std::find(known.begin(), known.end(), target) != known.end()) {
        Note(RowOutcome::kUnchanged, "targets.csv", from.row, from.id);
        continue;
      }
      PARC_TRY(stores_.planning.PutTarget(target, EntryOn(world_.as_of)));
      Note(RowOutcome::kCreated, "targets.csv", from.row, from.id);
    }
    return absl::OkStatus();
  }

  Change::Stores& stores_;
  const World& world_;
  ImportResult result_;
  std::vector<std::vector<LifeStep>> lives_;  // in the order of the assets
  std::map<std::string, CivilDate> first_days_;
  std::map<std::string, std::int64_t> person_rows_;
  std::map<std::string, std::int64_t> line_rows_;
  std::map<std::string, std::int64_t> sites_;
  std::map<std::pair<std::int64_t, CivilDate>, std::int64_t> receipts_;
};

}  // namespace

absl::StatusOr<ImportResult> Change::ImportWorld(const World& world) {
  return WorldImport(*stores_, world).Run();
}

}  // namespace parc::fleet
