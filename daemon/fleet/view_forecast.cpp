#include "daemon/fleet/view_forecast.h"

#include <algorithm>
#include <map>
#include <set>

#include "daemon/filter/parse.h"
#include "daemon/fleet/view_stores.h"
#include "daemon/inventory/try.h"
#include "daemon/procurement/punctuality.h"
#include "fmt/format.h"

namespace parc::fleet {

using forecast::AssetState;
using forecast::Inputs;
using inventory::CivilDate;
using inventory::LaptopState;
using inventory::Moment;
using store::Row;
using store::Statement;

namespace {

AssetState Coarse(LaptopState state) {
  switch (state) {
    case LaptopState::kAssigned:
      return AssetState::kAssigned;
    case LaptopState::kInRepair:
      return AssetState::kInRepair;
    case LaptopState::kLost:
    case LaptopState::kStolen:
      return AssetState::kLost;
    case LaptopState::kRetired:
      return AssetState::kRetired;
    default:
      return AssetState::kInStock;
  }
}

absl::Status ReadDate(const Row& row, int column, std::optional<CivilDate>& date) {
  if (row.IsNull(column)) return absl::OkStatus();
  PARC_ASSIGN(date, inventory::ParseIso(row.Text(column)));
  return absl::OkStatus();
}

// Reads the parts of the inputs from one snapshot.
class Reader {
 public:
  Reader(View& view, const Moment& moment) : stores_(view.connection()), moment_(moment) {
    stores_.context = view.context();
    day_ = moment.as_of.value_or(stores_.context.today);
    known_ = moment.known_at.value_or(store::kStillKnown - 1);
  }

  absl::StatusOr<Inputs> Read(std::string_view people) {
    inputs_.as_of = day_;
    PARC_TRY(ReadPlanning(people));
    PARC_TRY(ReadPeople(people));
    PARC_TRY(ReadAssets());
    PARC_TRY(ReadAssignments());
    PARC_TRY(ReadOrders());
    return std::move(inputs_);
  }

 private:
  // The moment with its day, so that what lies after today is not seen when it asks about now.
  Moment AsOf() const { return {.as_of = day_, .known_at = moment_.known_at}; }

  absl::Status ReadPlanning(std::string_view people) {
    PARC_ASSIGN(const procurement::Planning planning, stores_.planning.Read(AsOf()));
    inputs_.records_since = planning.records_since;
    inputs_.preparation.capacity_per_day = planning.preparation_capacity;
    inputs_.preparation.reserve_stock = planning.reserve_stock.value_or(0);
    forecast::WorkCalendar& calendar = inputs_.preparation.calendar;
    calendar.alsace_moselle = planning.country == "FR-AM";
    if (!planning.country.empty()) calendar.country = planning.country.substr(0, 2);
    for (const procurement::Closure& closure : planning.closures) {
      for (CivilDate day = closure.first; day <= closure.last; day = inventory::AddDays(day, 1))
        calendar.closures.push_back(day);
    }
    PARC_ASSIGN(const std::vector<procurement::Target> targets, stores_.planning.Targets(AsOf()));
    for (const procurement::Target& target : targets) {
      if (!target.people.empty() && target.people != people) continue;
      inputs_.targets.push_back({.id = target.id, .date = target.due, .ratio = target.ratio});
    }
    return absl::OkStatus();
  }

  absl::Status ReadPeople(std::string_view people) {
    const store::ColumnMap map = stores_.PersonMap(moment_);
    PARC_ASSIGN(const filter::Expression expression,
                filter::Parse(people, inventory::Resource::kPeople));
    PARC_ASSIGN(const store::Where where, store::Compile(expression, map));
    Statement select(
        stores_.db,
        fmt::format("SELECT p.id, p.person, p.needs_laptop, p.start_date, p.end_date FROM {} "
                    "WHERE {}",
                    store::PersonSource(moment_, stores_.context.today), where.sql));
    return select.QueryWith(
        [&](const Row& row) -> absl::Status {
          forecast::Person person;
          person.id = row.Text(1);
          person.needs_laptop = row.Bool(2);
          PARC_TRY(ReadDate(row, 3, person.start));
          PARC_TRY(ReadDate(row, 4, person.end));
          // A record says the last day, a forecast asks for the first without the need.
          if (person.end.has_value()) person.end = inventory::AddDays(*person.end, 1);
          people_.emplace(row.Int(0), person.id);
          inputs_.people.push_back(std::move(person));
          return absl::OkStatus();
        },
        where.binds);
  }

  // When a laptop came is the day of its receipt or purchase, else the first day of its record.
  absl::Status ReadAssets() {
    Statement select(
        stores_.db,
        fmt::format(
            "SELECT l.id, l.asset_tag, l.state, l.state_since, l.holder, l.end_of_life, "
            "min(coalesce(l.purchase_date, '{2}'), (SELECT min(v.effective_from) FROM "
            "laptop_versions v WHERE v.id = l.id AND v.known_from <= {1} AND {1} < v.known_to)) "
            "FROM {0} l",
            store::SourceAt(store::kLaptops, moment_, stores_.context.today), known_,
            store::kForever));
    return select.Query([&](const Row& row) -> absl::Status {
      forecast::Asset asset;
      asset.id = row.Text(1);
      PARC_ASSIGN(const LaptopState state, inventory::ParseLaptopState(row.Text(2)));
      asset.state = Coarse(state);
      std::optional<CivilDate> since;
      PARC_TRY(ReadDate(row, 3, since));
      if (asset.state == AssetState::kRetired || asset.state == AssetState::kLost)
        asset.ended = since;
      if (!row.IsNull(4)) {
        const auto holder = people_.find(row.Int(4));
        if (holder == people_.end()) return absl::OkStatus();  // of another population
        asset.assigned_to = holder->second;
      }
      PARC_TRY(ReadDate(row, 5, asset.end_of_life));
      PARC_TRY(ReadDate(row, 6, asset.received));
      assets_.emplace(row.Int(0), asset.id);
      inputs_.assets.push_back(std::move(asset));
      return absl::OkStatus();
    });
  }

  // Versions follow each other; those of one holder that touch are one assignment.
  absl::Status ReadAssignments() {
    Statement select(
        stores_.db,
        fmt::format("SELECT id, holder, effective_from, effective_to FROM laptop_versions WHERE "
                    "state = 'ASSIGNED' AND holder IS NOT NULL AND known_from <= {0} AND {0} < "
                    "known_to AND effective_from <= '{1}' ORDER BY id, effective_from",
                    known_, inventory::ToIso(day_)));
    std::int64_t laptop = 0, holder = 0;
    return select.Query([&](const Row& row) -> absl::Status {
      const auto asset = assets_.find(row.Int(0));
      const auto person = people_.find(row.Int(1));
      if (asset == assets_.end() || person == people_.end()) return absl::OkStatus();
      forecast::Assignment next{
          .asset = asset->second, .person = person->second, .from = {}, .to = {}};
      PARC_ASSIGN(next.from, inventory::ParseIso(row.Text(2)));
      PARC_ASSIGN(const CivilDate to, inventory::ParseIso(row.Text(3)));
      if (!(day_ < to)) next.to = to;
      std::vector<forecast::Assignment>& all = inputs_.assignments;
      const bool goes_on = laptop == row.Int(0) && holder == row.Int(1) && !all.empty() &&
                           all.back().to == next.from;
      laptop = row.Int(0);
      holder = row.Int(1);
      if (goes_on) {
        all.back().to = next.to;
      } else {
        all.push_back(std::move(next));
      }
      return absl::OkStatus();
    });
  }

  absl::Status ReadOrders() {
    PARC_ASSIGN(const std::vector<procurement::Order> orders, stores_.AllOrders(AsOf()));
    for (const procurement::Order& order : orders) {
      for (const procurement::OrderLine& line : order.lines) AddLine(order, line);
    }
    return absl::OkStatus();
  }

  void AddLine(const procurement::Order& order, const procurement::OrderLine& line) {
    forecast::OrderLine to;
    to.id = fmt::format("{}/{}", order.reference, line.line);
    to.supplier = order.supplier;
    to.model = line.model;
    to.ordered =
        order.planned ? std::max(order.ordered, inventory::AddDays(day_, 1)) : order.ordered;
    to.quantity = line.quantity;
    for (const procurement::Promise& promise : line.promises)
      to.promises.push_back({.announced = promise.announced, .promised = promise.promised});
    for (const procurement::Shipment& shipment : line.shipments)
      to.shipments.push_back({.announced = shipment.announced, .quantity = shipment.quantity});
    for (const procurement::Receipt& receipt : line.receipts)
      to.deliveries.push_back({.day = receipt.received, .quantity = receipt.quantity});
    for (const procurement::Cancellation& cancelled : line.cancellations)
      to.cancellations.push_back({.day = cancelled.cancelled, .quantity = cancelled.quantity});
    inputs_.lines.push_back(std::move(to));
  }

  View::Stores stores_;
  const Moment moment_;
  CivilDate day_;
  std::int64_t known_ = 0;
  Inputs inputs_;
  std::map<std::int64_t, std::string> people_;  // row id → id
  std::map<std::int64_t, std::string> assets_;
};

}  // namespace

absl::StatusOr<Inputs> ForecastInputs(View& view, std::string_view people, const Moment& moment) {
  return Reader(view, moment).Read(people);
}

}  // namespace parc::fleet
