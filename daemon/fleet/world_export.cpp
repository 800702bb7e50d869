#include <map>
#include <set>

#include "daemon/fleet/view_forecast.h"
#include "daemon/fleet/view_stores.h"
#include "daemon/fleet/world.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace parc::fleet {

using inventory::CivilDate;
using inventory::Moment;
using store::Row;
using store::Statement;

namespace {

std::string Iso(const std::optional<CivilDate>& date) {
  return date.has_value() ? inventory::ToIso(*date) : "";
}

// A cell of a file whose separator is `;`.
std::string WorldCell(std::string_view text) {
  if (text.find_first_of(";\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  return quoted + "\"";
}

std::string Line(const std::vector<std::string>& cells) {
  std::vector<std::string> escaped;
  for (const std::string& cell : cells) escaped.push_back(WorldCell(cell));
  return fmt::format("{}\n", fmt::join(escaped, ";"));
}

std::string_view Word(forecast::AssetState state) {
  switch (state) {
    case forecast::AssetState::kAssigned:
      return "assigned";
    case forecast::AssetState::kInRepair:
      return "in_repair";
    case forecast::AssetState::kRetired:
      return "retired";
    case forecast::AssetState::kLost:
      return "lost";
    case forecast::AssetState::kInStock:
      break;
  }
  return "in_stock";
}

// Writes the files of one moment.
class WorldWriter {
 public:
  WorldWriter(View& view, const WorldExport& options, const Moment& moment)
      : view_(view), stores_(view.connection()), options_(options) {
    stores_.context = view.context();
    moment_ = {.as_of = moment.as_of.value_or(view.context().today), .known_at = moment.known_at};
  }

  absl::StatusOr<std::vector<WorldFile>> Write() {
    PARC_ASSIGN(inputs_, ForecastInputs(view_, options_.people, moment_));
    PARC_TRY(WriteSettings());
    PARC_TRY(WriteOrders());
    PARC_TRY(WritePeople());
    PARC_TRY(WriteAssets());
    std::string assignments = "asset_id;person_id;from_date;to_date\n";
    for (const forecast::Assignment& row : inputs_.assignments)
      assignments += Line({row.asset, row.person, inventory::ToIso(row.from), Iso(row.to)});
    Put("assignments.csv", std::move(assignments));
    std::string targets = "target_id;date;ratio\n";
    for (const forecast::Target& target : inputs_.targets)
      targets += Line({target.id, inventory::ToIso(target.date), fmt::format("{}", target.ratio)});
    Put("targets.csv", std::move(targets));
    return std::move(files_);
  }

 private:
  void Put(std::string name, std::string bytes) {
    files_.push_back({std::move(name), std::move(bytes)});
  }

  absl::Status WriteSettings() {
    PARC_ASSIGN(const procurement::Planning planning, stores_.planning.Read(moment_));
    const auto number = [](const auto& value) {
      return value.has_value() ? fmt::format("{}", *value) : std::string();
    };
    std::string text = "key;value\n";
    text += Line({"world_id", options_.id});
    text += Line({"as_of", inventory::ToIso(*moment_.as_of)});
    text += Line({"records_since", Iso(planning.records_since)});
    text += Line({"horizon_days", fmt::format("{}", options_.horizon_days)});
    text += Line({"step_days", fmt::format("{}", options_.step_days)});
    text += Line({"imaging_capacity_per_day", number(planning.preparation_capacity)});
    text += Line({"reserve_stock", number(planning.reserve_stock)});
    text += Line({"country", planning.country});
    Put("world.csv", std::move(text));
    return absl::OkStatus();
  }

  absl::Status WriteOrders() {
    PARC_ASSIGN(const std::vector<procurement::Order> orders, stores_.AllOrders(moment_));
    std::string heads = "order_id;supplier;order_date;status\n";
    lines_ =
        "line_id;order_id;model;quantity;promised_date_initial;cancelled_on;cancelled_quantity\n";
    revisions_ = "line_id;announced_on;old_promised_date;new_promised_date\n";
    deliveries_ = "line_id;delivered_on;quantity\n";
    for (const procurement::Order& order : orders) {
      heads += Line({order.reference, order.supplier, inventory::ToIso(order.ordered),
                     order.planned ? "planned" : "placed"});
      for (const procurement::OrderLine& line : order.lines) WriteLine(order, line);
    }
    Put("orders.csv", std::move(heads));
    Put("order_lines.csv", std::move(lines_));
    Put("promise_revisions.csv", std::move(revisions_));
    Put("deliveries.csv", std::move(deliveries_));
    return absl::OkStatus();
  }

  void WriteLine(const procurement::Order& order, const procurement::OrderLine& line) {
    const std::string name = fmt::format("{}/{}", order.reference, line.line);
    const std::string id = line.external_id.empty() ? name : line.external_id;
    line_ids_[name] = id;
    // The contract has one first promise and one cancellation a line.
    std::string first, cancelled_on;
    std::string before;
    for (std::size_t i = line.promises.size(); i-- > 0;) {  // they are newest first
      const std::string promised = inventory::ToIso(line.promises[i].promised);
      if (i + 1 == line.promises.size() && line.promises[i].announced <= order.ordered) {
        first = promised;
      } else {
        revisions_ += Line({id, inventory::ToIso(line.promises[i].announced), before, promised});
      }
      before = promised;
    }
    for (const procurement::Cancellation& cancelled : line.cancellations)
      cancelled_on = inventory::ToIso(cancelled.cancelled);
    lines_ += Line({id, order.reference, line.model, fmt::format("{}", line.quantity), first,
                    cancelled_on,
                    line.Cancelled() > 0 ? fmt::format("{}", line.Cancelled()) : std::string()});
    for (const procurement::Receipt& receipt : line.receipts) {
      deliveries_ +=
          Line({id, inventory::ToIso(receipt.received), fmt::format("{}", receipt.quantity)});
    }
  }

  absl::Status WritePeople() {
    Statement select(
        stores_.db,
        fmt::format("SELECT p.person, coalesce(s.code, ''), p.tier, p.needs_laptop, "
                    "coalesce(p.start_date, ''), coalesce(p.end_date, '') FROM {} ORDER BY p.id",
                    store::PersonSource(moment_, stores_.context.today)));
    std::set<std::string> chosen;
    for (const forecast::Person& person : inputs_.people) chosen.insert(person.id);
    std::string text = "person_id;site;tier;needs_laptop;start_date;end_date\n";
    PARC_TRY(select.Query([&](const Row& row) {
      if (!chosen.contains(row.Text(0))) return absl::OkStatus();
      text += Line({row.Text(0), row.Text(1), fmt::format("{}", row.Int(2)),
                    row.Bool(3) ? "1" : "0", row.Text(4), row.Text(5)});
      return absl::OkStatus();
    }));
    Put("people.csv", std::move(text));
    return absl::OkStatus();
  }

  // Why a laptop ended stands in its newest event.
  absl::StatusOr<std::map<std::string, std::string>> EndReasons() {
    std::map<std::string, std::string> reasons;
    Statement select(stores_.db,
                     "SELECT l.asset_tag, e.reason FROM laptop_events e JOIN laptops l ON l.id = "
                     "e.laptop WHERE e.to_state IN ('RETIRED', 'LOST', 'STOLEN') ORDER BY e.id");
    PARC_TRY(select.Query([&](const Row& row) {
      reasons[row.Text(0)] = row.Text(1);
      return absl::OkStatus();
    }));
    return reasons;
  }

  absl::Status WriteAssets() {
    std::map<std::string, std::string> lines;
    Statement select(
        stores_.db,
        fmt::format("SELECT l.asset_tag, o.reference || '/' || ol.line FROM {} l JOIN order_lines "
                    "ol ON ol.id = l.order_line JOIN orders o ON o.id = ol.order_id",
                    store::SourceAt(store::kLaptops, moment_, stores_.context.today)));
    PARC_TRY(select.Query([&](const Row& row) {
      const auto id = line_ids_.find(row.Text(1));
      if (id != line_ids_.end()) lines[row.Text(0)] = id->second;
      return absl::OkStatus();
    }));
    PARC_ASSIGN(const auto reasons, EndReasons());
    std::string text =
        "asset_id;line_id;received_on;status;assigned_to;end_of_life_date;ended_on;end_reason\n";
    for (const forecast::Asset& asset : inputs_.assets) {
      const auto line = lines.find(asset.id);
      const auto reason = reasons.find(asset.id);
      const bool ended = asset.ended.has_value() && reason != reasons.end();
      text += Line({asset.id, line == lines.end() ? "" : line->second, Iso(asset.received),
                    std::string(Word(asset.state)), asset.assigned_to, Iso(asset.end_of_life),
                    Iso(asset.ended), ended ? reason->second : ""});
    }
    Put("assets.csv", std::move(text));
    return absl::OkStatus();
  }

  View& view_;
  View::Stores stores_;
  const WorldExport options_;
  Moment moment_;
  forecast::Inputs inputs_;
  std::string lines_, revisions_, deliveries_;
  std::map<std::string, std::string> line_ids_;  // "REFERENCE/1" → the id in the files
  std::vector<WorldFile> files_;
};

}  // namespace

absl::StatusOr<std::vector<WorldFile>> ExportWorld(View& view, const WorldExport& options,
                                                   const Moment& moment) {
  return WorldWriter(view, options, moment).Write();
}

}  // namespace parc::fleet
