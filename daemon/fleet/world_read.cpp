#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "daemon/fleet/import_cells.h"
#include "daemon/fleet/validate.h"
#include "daemon/fleet/world.h"
#include "daemon/fleet/world_cells.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::fleet {

using inventory::CivilDate;

namespace {

constexpr int kMostDays = 1830;  // of a horizon

using Columns = std::vector<ImportColumn>;

ImportColumn Must(std::string_view field) { return {field, {}, true}; }
ImportColumn May(std::string_view field) { return {field, {}, false}; }

absl::Status Wrong(std::string_view file, std::int64_t line, std::string_view what) {
  return WithDetail(WithDetail(Refuse(absl::StatusCode::kInvalidArgument, "BAD_WORLD",
                                      fmt::format("{}, line {}: {}", file, line, what), "file"),
                               "file", file),
                    "line", fmt::format("{}", line));
}

class WorldReader {
 public:
  explicit WorldReader(std::vector<WorldFile> files) : files_(std::move(files)) {}

  absl::StatusOr<World> Read() {
    PARC_TRY(CheckNames());
    PARC_TRY(ReadSettings());
    PARC_TRY(ReadOrders());
    PARC_TRY(ReadLines());
    PARC_TRY(ReadRevisions());
    PARC_TRY(ReadDeliveries());
    PARC_TRY(ReadPeople());
    PARC_TRY(ReadAssets());
    PARC_TRY(ReadAssignments());
    PARC_TRY(ReadTargets());
    return std::move(world_);
  }

 private:
  using Each = std::function<absl::Status(const Cells& cells, std::int64_t line)>;

  WorldFile* Find(std::string_view name) {
    const auto found = std::find_if(files_.begin(), files_.end(),
                                    [&](const WorldFile& file) { return file.name == name; });
    return found == files_.end() ? nullptr : &*found;
  }

  absl::Status CheckNames() {
    for (const std::string_view name : WorldFileNames()) {
      if (Find(name) != nullptr || name == "targets.csv") continue;
      if (name != "promise_revisions.csv") return Wrong(name, 1, "the file is missing");
      Note(name, 1, "the file is missing; taken as if no promise had been revised");
    }
    for (const WorldFile& file : files_) {
      const auto& names = WorldFileNames();
      if (std::find(names.begin(), names.end(), file.name) == names.end())
        return Wrong(file.name, 1, "no file of a world is called so");
    }
    return absl::OkStatus();
  }

  void Note(std::string_view file, std::int64_t line, std::string text) {
    world_.notes.push_back({std::string(file), line, std::move(text)});
  }
  void Note(std::string_view file, std::int64_t line, const Cells& cells, std::string_view field,
            std::string_view what) {
    Note(file, line, fmt::format("{}: \"{}\" {}", field, cells.Text(field), what));
  }

  // Calls `each` for every row; what it refuses comes back with the file and the line.
  absl::Status Rows(std::string_view name, const Columns& columns, const Each& each) {
    WorldFile* const source = Find(name);
    if (source == nullptr) return absl::OkStatus();
    const absl::StatusOr<ImportFile> file =
        ReadImportFile(ImportKind::kWorld, std::move(source->bytes), Encoding::kUtf8);
    if (!file.ok()) return InFile(name, file.status());
    const absl::StatusOr<ColumnPlan> plan = PlanColumns(*file, columns);
    if (!plan.ok()) return InFile(name, plan.status());
    ImportFileRows rows(*file);
    ImportRow row;
    while (rows.Next(row)) {
      while (row.cells.size() > file->headers.size() && row.cells.back().empty())
        row.cells.pop_back();  // separators at the end of a line
      if (row.cells.size() != file->headers.size()) {
        return Wrong(name, row.line,
                     fmt::format("{} cells where the header has {}", row.cells.size(),
                                 file->headers.size()));
      }
      if (const absl::Status status = each(Cells(*file, *plan, row), row.line); !status.ok())
        return Wrong(name, row.line, std::string(status.message()));
    }
    return absl::OkStatus();
  }

  // "line 7: …" of the reader of CSV, with the name of the file.
  static absl::Status InFile(std::string_view name, const absl::Status& status) {
    const std::string line = DetailOf(status, "line");
    std::string what(status.message());
    if (what.starts_with("line ") && what.find(": ") != std::string::npos)
      what.erase(0, what.find(": ") + 2);
    return Wrong(name, line.empty() ? 1 : std::atoll(line.c_str()), what);
  }

  // Nothing that is told lies after the day that the world is known to the end of.
  absl::StatusOr<CivilDate> Past(const Cells& cells, std::string_view field) const {
    PARC_ASSIGN(const CivilDate date, DateIn(cells, field));
    PARC_TRY(CheckPast(cells, field, date));
    return date;
  }
  absl::StatusOr<std::optional<CivilDate>> MaybePast(const Cells& cells,
                                                     std::string_view field) const {
    PARC_ASSIGN(const std::optional<CivilDate> date, MaybeDateIn(cells, field));
    if (date.has_value()) PARC_TRY(CheckPast(cells, field, *date));
    return date;
  }
  absl::Status CheckPast(const Cells& cells, std::string_view field, const CivilDate& date) const {
    if (!(world_.as_of < date)) return absl::OkStatus();
    return cells.Bad(field,
                     fmt::format("lies after the world's day, {}", inventory::ToIso(world_.as_of)));
  }

  absl::Status ReadSettings();
  absl::Status Setting(const Cells& cells, std::int64_t row);
  absl::Status ReadOrders();
  absl::Status ReadLines();
  absl::Status ReadRevisions();
  absl::Status ReadDeliveries();
  absl::Status ReadPeople();
  absl::Status ReadAssets();
  absl::Status ReadAssignments();
  absl::Status ReadTargets();

  World::Line* LineOf(std::string_view id) {
    const auto found = lines_.find(id);
    if (found == lines_.end()) return nullptr;
    return &world_.orders[found->second.first].lines[found->second.second];
  }

  std::vector<WorldFile> files_;
  World world_;
  bool has_day_ = false;
  std::map<std::string, std::size_t, std::less<>> orders_;
  std::map<std::string, std::pair<std::size_t, std::size_t>, std::less<>> lines_;
  std::set<std::string, std::less<>> empty_lines_;  // of no unit: what is said of them is dropped
  std::set<std::string, std::less<>> people_;
  std::map<std::string, std::size_t, std::less<>> assets_;
};

absl::Status WorldReader::Setting(const Cells& cells, std::int64_t row) {
  const std::string_view key = cells.Text("key");
  if (PresentText(cells, "value").empty()) return absl::OkStatus();
  if (key == "world_id") {
    PARC_ASSIGN(world_.id, IdIn(cells, "value"));
  } else if (key == "as_of") {
    PARC_ASSIGN(world_.as_of, DateIn(cells, "value"));
    has_day_ = true;
  } else if (key == "records_since") {
    PARC_ASSIGN(world_.records_since, MaybeDateIn(cells, "value"));
  } else if (key == "horizon_days" || key == "step_days") {
    PARC_ASSIGN(const std::optional<int> days, WholeIn(cells, "value"));
    if (*days < 1 || *days > kMostDays)
      return cells.Bad("value", fmt::format("must lie between 1 and {} days", kMostDays));
    (key == "step_days" ? world_.step_days : world_.horizon_days) = *days;
  } else if (key == "imaging_capacity_per_day") {
    PARC_ASSIGN(world_.capacity, NumberIn(cells, "value"));
    if (*world_.capacity < 0 || *world_.capacity > kMostWorldUnits)
      return cells.Bad("value", "must lie between 0 and 100000 a day");
  } else if (key == "reserve_stock") {
    PARC_ASSIGN(world_.reserve, WholeIn(cells, "value"));
    if (*world_.reserve < 0 || *world_.reserve > kMostWorldUnits)
      return cells.Bad("value", "must lie between 0 and 100000");
  } else if (key == "country") {
    const std::optional<std::string> code = CountryCode(cells.Text("value"));
    world_.country = code.value_or("ZZ");  // which ISO 3166 leaves to its users
    if (!code.has_value())
      Note("world.csv", row, cells, "value", "is no country code; taken as one without holidays");
  }
  return absl::OkStatus();  // what other programs note beside these is none of ours
}

absl::Status WorldReader::ReadSettings() {
  PARC_TRY(Rows("world.csv", {Must("key"), Must("value")},
                [&](const Cells& cells, std::int64_t row) { return Setting(cells, row); }));
  if (!has_day_) return Wrong("world.csv", 1, "no row says as_of");
  if (world_.records_since.has_value() && world_.as_of < *world_.records_since)
    return Wrong("world.csv", 1, "records_since lies after as_of");
  return absl::OkStatus();
}

absl::Status WorldReader::ReadOrders() {
  return Rows("orders.csv", {Must("order_id"), Must("supplier"), Must("order_date"), May("status")},
              [&](const Cells& cells, std::int64_t row) -> absl::Status {
                World::Order order;
                order.row = row;
                PARC_ASSIGN(order.id, IdIn(cells, "order_id"));
                order.supplier = std::string(cells.Text("supplier"));
                PARC_TRY(CheckText(order.supplier, "supplier"));
                const std::string status = WordIn(cells, "status");
                if (!status.empty() && status != "placed" && status != "planned")
                  return cells.Bad("status", "is neither placed nor planned");
                order.planned = status == "planned";
                PARC_ASSIGN(order.ordered, DateIn(cells, "order_date"));
                if (!order.planned) PARC_TRY(CheckPast(cells, "order_date", order.ordered));
                if (!orders_.emplace(order.id, world_.orders.size()).second)
                  return cells.Bad("order_id", "occurs twice");
                world_.orders.push_back(std::move(order));
                return absl::OkStatus();
              });
}

absl::Status WorldReader::ReadLines() {
  return Rows("order_lines.csv",
              {Must("line_id"), Must("order_id"), May("model"), Must("quantity"),
               May("promised_date_initial"), May("cancelled_on"), May("cancelled_quantity")},
              [&](const Cells& cells, std::int64_t row) -> absl::Status {
                const auto found = orders_.find(cells.Text("order_id"));
                if (found == orders_.end())
                  return cells.Bad("order_id", "is no order of orders.csv");
                World::Order& order = world_.orders[found->second];
                World::Line line;
                line.row = row;
                PARC_ASSIGN(line.id, IdIn(cells, "line_id"));
                line.model = std::string(cells.Text("model"));
                PARC_TRY(CheckText(line.model, "model"));
                PARC_ASSIGN(line.quantity, UnitsIn(cells, "quantity"));
                if (line.quantity == 0) {
                  Note("order_lines.csv", row, "the quantity is 0; the line is left out");
                  empty_lines_.insert(line.id);
                  return absl::OkStatus();
                }
                PARC_ASSIGN(const std::optional<CivilDate> promised,
                            MaybeDateIn(cells, "promised_date_initial"));
                // A plan's promise was made when the plan was: by the world's day at the latest.
                const CivilDate announced = std::min(order.ordered, world_.as_of);
                if (promised.has_value()) line.promises.push_back({announced, *promised});
                PARC_ASSIGN(line.cancelled_on, MaybePast(cells, "cancelled_on"));
                PARC_ASSIGN(const std::optional<int> cancelled,
                            WholeIn(cells, "cancelled_quantity"));
                if (cancelled.value_or(0) < 0 || cancelled.value_or(0) > line.quantity)
                  return cells.Bad("cancelled_quantity", "must lie between 0 and the quantity");
                if (cancelled.value_or(0) > 0 && !line.cancelled_on.has_value())
                  return cells.Bad("cancelled_on", "is empty, but units were cancelled");
                // Without a number, what a cancellation leaves open is settled once deliveries are
                // read.
                line.cancelled = cancelled.value_or(line.cancelled_on.has_value() ? -1 : 0);
                if (!lines_.emplace(line.id, std::pair(found->second, order.lines.size())).second)
                  return cells.Bad("line_id", "occurs twice");
                order.lines.push_back(std::move(line));
                return absl::OkStatus();
              });
}

absl::Status WorldReader::ReadRevisions() {
  PARC_TRY(Rows(
      "promise_revisions.csv",
      {Must("line_id"), Must("announced_on"), May("old_promised_date"), Must("new_promised_date")},
      [&](const Cells& cells, std::int64_t) -> absl::Status {
        if (empty_lines_.contains(cells.Text("line_id"))) return absl::OkStatus();
        World::Line* line = LineOf(cells.Text("line_id"));
        if (line == nullptr) return cells.Bad("line_id", "is no line of order_lines.csv");
        World::Promise promise;
        PARC_ASSIGN(promise.announced, Past(cells, "announced_on"));
        PARC_ASSIGN(promise.promised, DateIn(cells, "new_promised_date"));
        line->promises.push_back(promise);
        return absl::OkStatus();
      }));
  for (World::Order& order : world_.orders) {
    for (World::Line& line : order.lines) {
      std::stable_sort(line.promises.begin(), line.promises.end(),
                       [](const World::Promise& a, const World::Promise& b) {
                         return a.announced < b.announced;
                       });
    }
  }
  return absl::OkStatus();
}

absl::Status WorldReader::ReadDeliveries() {
  PARC_TRY(Rows("deliveries.csv", {Must("line_id"), Must("delivered_on"), Must("quantity")},
                [&](const Cells& cells, std::int64_t row) -> absl::Status {
                  World::Line* line = LineOf(cells.Text("line_id"));
                  if (line == nullptr) return cells.Bad("line_id", "is no line of order_lines.csv");
                  World::Delivery delivery;
                  delivery.row = row;
                  PARC_ASSIGN(delivery.day, Past(cells, "delivered_on"));
                  PARC_ASSIGN(delivery.quantity, UnitsIn(cells, "quantity"));
                  if (delivery.quantity > 0) line->deliveries.push_back(delivery);
                  return absl::OkStatus();
                }));
  for (World::Order& order : world_.orders) {
    for (World::Line& line : order.lines) {
      if (line.cancelled >= 0) continue;
      int delivered = 0;
      for (const World::Delivery& delivery : line.deliveries) delivered += delivery.quantity;
      line.cancelled = std::max(0, line.quantity - delivered);
    }
  }
  return absl::OkStatus();
}

absl::Status WorldReader::ReadPeople() {
  return Rows("people.csv",
              {Must("person_id"), May("site"), May("tier"), May("needs_laptop"), May("start_date"),
               May("end_date")},
              [&](const Cells& cells, std::int64_t row) -> absl::Status {
                World::Person person;
                person.row = row;
                PARC_ASSIGN(person.id, IdIn(cells, "person_id"));
                person.site = std::string(cells.Text("site"));
                PARC_TRY(CheckText(person.site, "site", 64));
                PARC_ASSIGN(const std::optional<int> tier, WholeIn(cells, "tier"));
                person.tier = std::clamp(tier.value_or(4), 1, 4);
                if (person.tier != tier.value_or(4)) {
                  Note("people.csv", row, cells, "tier",
                       fmt::format("lies outside 1 to 4; taken as {}", person.tier));
                }
                PARC_ASSIGN(const std::optional<bool> needs, YesNoIn(cells, "needs_laptop"));
                person.needs_laptop = needs.value_or(true);
                PARC_ASSIGN(person.start, MaybeDateIn(cells, "start_date"));
                PARC_ASSIGN(person.end, MaybeDateIn(cells, "end_date"));
                if (!people_.insert(person.id).second)
                  return cells.Bad("person_id", "occurs twice");
                world_.people.push_back(std::move(person));
                return absl::OkStatus();
              });
}

absl::Status WorldReader::ReadAssets() {
  static const std::map<std::string, World::Status, std::less<>> kStatuses = {
      {"in_stock", World::Status::kInStock},
      {"assigned", World::Status::kAssigned},
      {"in_repair", World::Status::kInRepair},
      {"retired", World::Status::kRetired},
      {"lost", World::Status::kLost}};
  return Rows("assets.csv",
              {Must("asset_id"), May("line_id"), May("received_on"), Must("status"),
               May("assigned_to"), May("end_of_life_date"), May("ended_on"), May("end_reason")},
              [&](const Cells& cells, std::int64_t row) -> absl::Status {
                World::Asset asset;
                asset.row = row;
                PARC_ASSIGN(asset.id, IdIn(cells, "asset_id"));
                asset.line = std::string(cells.Text("line_id"));
                if (!asset.line.empty() && LineOf(asset.line) == nullptr) {
                  Note("assets.csv", row, cells, "line_id",
                       "is no line of order_lines.csv; taken as a laptop from before");
                  asset.line.clear();
                }
                PARC_ASSIGN(asset.received, MaybePast(cells, "received_on"));
                const auto status = kStatuses.find(WordIn(cells, "status"));
                if (status == kStatuses.end())
                  return cells.Bad("status",
                                   "is none of in_stock, assigned, in_repair, retired, lost");
                asset.status = status->second;
                asset.assigned_to = std::string(cells.Text("assigned_to"));
                if (!asset.assigned_to.empty() && !people_.contains(asset.assigned_to))
                  return cells.Bad("assigned_to", "is nobody of people.csv");
                PARC_ASSIGN(asset.end_of_life, MaybeDateIn(cells, "end_of_life_date"));
                PARC_ASSIGN(asset.ended, MaybePast(cells, "ended_on"));
                asset.end_reason = std::string(cells.Text("end_reason"));
                PARC_TRY(CheckText(asset.end_reason, "end_reason"));
                if (!assets_.emplace(asset.id, world_.assets.size()).second)
                  return cells.Bad("asset_id", "occurs twice");
                world_.assets.push_back(std::move(asset));
                return absl::OkStatus();
              });
}

absl::Status WorldReader::ReadAssignments() {
  PARC_TRY(Rows("assignments.csv",
                {Must("asset_id"), Must("person_id"), Must("from_date"), May("to_date")},
                [&](const Cells& cells, std::int64_t) -> absl::Status {
                  const auto asset = assets_.find(cells.Text("asset_id"));
                  if (asset == assets_.end())
                    return cells.Bad("asset_id", "is no asset of assets.csv");
                  World::Assignment assignment;
                  assignment.person = std::string(cells.Text("person_id"));
                  if (!people_.contains(assignment.person))
                    return cells.Bad("person_id", "is nobody of people.csv");
                  PARC_ASSIGN(assignment.from, Past(cells, "from_date"));
                  PARC_ASSIGN(assignment.to, MaybePast(cells, "to_date"));
                  if (assignment.to.has_value() && *assignment.to < assignment.from)
                    return cells.Bad("to_date", "lies before from_date");
                  world_.assets[asset->second].assignments.push_back(std::move(assignment));
                  return absl::OkStatus();
                }));
  for (World::Asset& asset : world_.assets) {
    std::stable_sort(
        asset.assignments.begin(), asset.assignments.end(),
        [](const World::Assignment& a, const World::Assignment& b) { return a.from < b.from; });
    const bool open = !asset.assignments.empty() && !asset.assignments.back().to.has_value();
    if (asset.status != World::Status::kAssigned || !asset.assigned_to.empty()) continue;
    if (!open) return Wrong("assets.csv", asset.row, "assigned_to: is empty, but it is assigned");
    asset.assigned_to = asset.assignments.back().person;
  }
  return absl::OkStatus();
}

absl::Status WorldReader::ReadTargets() {
  std::set<std::string> ids;
  return Rows("targets.csv", {Must("target_id"), Must("date"), Must("ratio")},
              [&](const Cells& cells, std::int64_t row) -> absl::Status {
                World::Target target;
                target.row = row;
                PARC_ASSIGN(target.id, IdIn(cells, "target_id"));
                PARC_ASSIGN(target.date, DateIn(cells, "date"));
                PARC_ASSIGN(target.ratio, RatioIn(cells, "ratio"));
                if (target.ratio <= 0)
                  Note("targets.csv", row, "the ratio is 0, which is always reached");
                if (target.ratio > 1)
                  Note("targets.csv", row, "the ratio is more than everybody, and never reached");
                if (target.date <= world_.as_of)
                  Note("targets.csv", row, "the date is no day after as_of, so it is not reached");
                if (!ids.insert(target.id).second) return cells.Bad("target_id", "occurs twice");
                world_.targets.push_back(std::move(target));
                return absl::OkStatus();
              });
}

}  // namespace

const std::vector<std::string_view>& WorldFileNames() {
  static const std::vector<std::string_view> kNames = {
      "world.csv",      "orders.csv", "order_lines.csv", "promise_revisions.csv",
      "deliveries.csv", "people.csv", "assets.csv",      "assignments.csv",
      "targets.csv"};
  return kNames;
}

std::optional<double> CertainProbability(const World::Target& target, const World& world) {
  if (target.date <= world.as_of || target.ratio > 1) return 0;
  if (target.ratio <= 0) return 1;
  return std::nullopt;
}

absl::StatusOr<World> ReadWorld(std::vector<WorldFile> files) {
  return WorldReader(std::move(files)).Read();
}

}  // namespace parc::fleet
