#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "daemon/fleet/import_cells.h"
#include "daemon/fleet/validate.h"
#include "daemon/fleet/world.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::fleet {

using inventory::CivilDate;

namespace {

constexpr int kMostUnits = 100'000;
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

absl::StatusOr<double> Number(const Cells& cells, std::string_view field) {
  const std::string_view text = cells.Text(field);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number))
    return cells.Bad(field, "is no number");
  return number;
}

// A whole number, also as programs write it whose columns of numbers have gaps: "12.0".
absl::StatusOr<std::optional<int>> Whole(const Cells& cells, std::string_view field) {
  if (cells.Text(field).empty()) return std::optional<int>();
  PARC_ASSIGN(const double number, Number(cells, field));
  if (number != std::floor(number) || std::abs(number) > 1e9)
    return cells.Bad(field, "is no whole number");
  return std::optional<int>(static_cast<int>(number));
}

absl::StatusOr<CivilDate> Date(const Cells& cells, std::string_view field) {
  PARC_ASSIGN(const std::optional<CivilDate> date, cells.Date(field));
  if (!date.has_value()) return cells.Bad(field, "is empty");
  return *date;
}

absl::StatusOr<int> Units(const Cells& cells, std::string_view field) {
  PARC_ASSIGN(const std::optional<int> units, Whole(cells, field));
  if (units.value_or(0) < 1 || *units > kMostUnits)
    return cells.Bad(field, fmt::format("must lie between 1 and {}", kMostUnits));
  return *units;
}

// An id of another program: any short text that can be a part of a name.
absl::StatusOr<std::string> Id(const Cells& cells, std::string_view field) {
  const std::string_view text = cells.Text(field);
  if (text.empty()) return cells.Bad(field, "is empty");
  PARC_TRY(CheckText(text, field, 64));
  return std::string(text);
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
      if (Find(name) == nullptr && name != "targets.csv")
        return Wrong(name, 1, "the file is missing");
    }
    for (const WorldFile& file : files_) {
      const auto& names = WorldFileNames();
      if (std::find(names.begin(), names.end(), file.name) == names.end())
        return Wrong(file.name, 1, "no file of a world is called so");
    }
    return absl::OkStatus();
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
    PARC_ASSIGN(const CivilDate date, Date(cells, field));
    PARC_TRY(CheckPast(cells, field, date));
    return date;
  }
  absl::StatusOr<std::optional<CivilDate>> MaybePast(const Cells& cells,
                                                     std::string_view field) const {
    PARC_ASSIGN(const std::optional<CivilDate> date, cells.Date(field));
    if (date.has_value()) PARC_TRY(CheckPast(cells, field, *date));
    return date;
  }
  absl::Status CheckPast(const Cells& cells, std::string_view field, const CivilDate& date) const {
    if (!(world_.as_of < date)) return absl::OkStatus();
    return cells.Bad(field,
                     fmt::format("lies after the world's day, {}", inventory::ToIso(world_.as_of)));
  }

  absl::Status ReadSettings();
  absl::Status Setting(const Cells& cells);
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
  std::set<std::string, std::less<>> people_;
  std::map<std::string, std::size_t, std::less<>> assets_;
};

absl::Status WorldReader::Setting(const Cells& cells) {
  const std::string_view key = cells.Text("key");
  if (cells.Text("value").empty()) return absl::OkStatus();
  if (key == "world_id") {
    PARC_ASSIGN(world_.id, Id(cells, "value"));
  } else if (key == "as_of") {
    PARC_ASSIGN(world_.as_of, Date(cells, "value"));
    has_day_ = true;
  } else if (key == "records_since") {
    PARC_ASSIGN(world_.records_since, cells.Date("value"));
  } else if (key == "horizon_days" || key == "step_days") {
    PARC_ASSIGN(const std::optional<int> days, Whole(cells, "value"));
    if (*days < 1 || *days > kMostDays)
      return cells.Bad("value", fmt::format("must lie between 1 and {} days", kMostDays));
    (key == "step_days" ? world_.step_days : world_.horizon_days) = *days;
  } else if (key == "imaging_capacity_per_day") {
    PARC_ASSIGN(world_.capacity, Number(cells, "value"));
    if (*world_.capacity < 0 || *world_.capacity > kMostUnits)
      return cells.Bad("value", "must lie between 0 and 100000 a day");
  } else if (key == "reserve_stock") {
    PARC_ASSIGN(world_.reserve, Whole(cells, "value"));
    if (*world_.reserve < 0 || *world_.reserve > kMostUnits)
      return cells.Bad("value", "must lie between 0 and 100000");
  } else if (key == "country") {
    world_.country = std::string(cells.Text("value"));
  }
  return absl::OkStatus();  // what other programs note beside these is none of ours
}

absl::Status WorldReader::ReadSettings() {
  PARC_TRY(Rows("world.csv", {Must("key"), Must("value")},
                [&](const Cells& cells, std::int64_t) { return Setting(cells); }));
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
                PARC_ASSIGN(order.id, Id(cells, "order_id"));
                order.supplier = std::string(cells.Text("supplier"));
                PARC_TRY(CheckText(order.supplier, "supplier"));
                const std::string_view status = cells.Text("status");
                if (status != "" && status != "placed" && status != "planned")
                  return cells.Bad("status", "is neither placed nor planned");
                order.planned = status == "planned";
                PARC_ASSIGN(order.ordered, Date(cells, "order_date"));
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
                PARC_ASSIGN(line.id, Id(cells, "line_id"));
                line.model = std::string(cells.Text("model"));
                PARC_TRY(CheckText(line.model, "model"));
                PARC_ASSIGN(line.quantity, Units(cells, "quantity"));
                PARC_ASSIGN(const std::optional<CivilDate> promised,
                            cells.Date("promised_date_initial"));
                // A plan's promise was made when the plan was: by the world's day at the latest.
                const CivilDate announced = std::min(order.ordered, world_.as_of);
                if (promised.has_value()) line.promises.push_back({announced, *promised});
                PARC_ASSIGN(line.cancelled_on, MaybePast(cells, "cancelled_on"));
                PARC_ASSIGN(const std::optional<int> cancelled, Whole(cells, "cancelled_quantity"));
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
        World::Line* line = LineOf(cells.Text("line_id"));
        if (line == nullptr) return cells.Bad("line_id", "is no line of order_lines.csv");
        World::Promise promise;
        PARC_ASSIGN(promise.announced, Past(cells, "announced_on"));
        PARC_ASSIGN(promise.promised, Date(cells, "new_promised_date"));
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
                  PARC_ASSIGN(delivery.quantity, Units(cells, "quantity"));
                  line->deliveries.push_back(delivery);
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
                PARC_ASSIGN(person.id, Id(cells, "person_id"));
                person.site = std::string(cells.Text("site"));
                PARC_TRY(CheckText(person.site, "site", 64));
                PARC_ASSIGN(const std::optional<int> tier, Whole(cells, "tier"));
                person.tier = tier.value_or(4);
                if (person.tier < 1 || person.tier > 4)
                  return cells.Bad("tier", "must lie between 1 and 4");
                PARC_ASSIGN(const std::optional<bool> needs, cells.YesNo("needs_laptop"));
                person.needs_laptop = needs.value_or(true);
                PARC_ASSIGN(person.start, cells.Date("start_date"));
                PARC_ASSIGN(person.end, cells.Date("end_date"));
                if (!people_.insert(person.id).second)
                  return cells.Bad("person_id", "occurs twice");
                world_.people.push_back(std::move(person));
                return absl::OkStatus();
              });
}

absl::Status WorldReader::ReadAssets() {
  static const std::map<std::string_view, World::Status> kStatuses = {
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
                PARC_ASSIGN(asset.id, Id(cells, "asset_id"));
                asset.line = std::string(cells.Text("line_id"));
                if (!asset.line.empty() && LineOf(asset.line) == nullptr)
                  return cells.Bad("line_id", "is no line of order_lines.csv");
                PARC_ASSIGN(asset.received, MaybePast(cells, "received_on"));
                const auto status = kStatuses.find(cells.Text("status"));
                if (status == kStatuses.end())
                  return cells.Bad("status",
                                   "is none of in_stock, assigned, in_repair, retired, lost");
                asset.status = status->second;
                asset.assigned_to = std::string(cells.Text("assigned_to"));
                if (!asset.assigned_to.empty() && !people_.contains(asset.assigned_to))
                  return cells.Bad("assigned_to", "is nobody of people.csv");
                PARC_ASSIGN(asset.end_of_life, cells.Date("end_of_life_date"));
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
                PARC_ASSIGN(target.id, Id(cells, "target_id"));
                PARC_ASSIGN(target.date, Date(cells, "date"));
                PARC_ASSIGN(target.ratio, Number(cells, "ratio"));
                if (!(target.ratio > 0 && target.ratio <= 1))
                  return cells.Bad("ratio", "must lie above 0 and be at most 1");
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

absl::StatusOr<World> ReadWorld(std::vector<WorldFile> files) {
  return WorldReader(std::move(files)).Read();
}

}  // namespace parc::fleet
