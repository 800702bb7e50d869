#include "daemon/fleet/import_differences.h"
#include "daemon/fleet/import_rows.h"
#include "daemon/fleet/validate.h"
#include "daemon/inventory/fold.h"
#include "daemon/inventory/try.h"
#include "daemon/procurement/ledger.h"
#include "fmt/format.h"

namespace parc::fleet {

using inventory::CivilDate;
using store::LaptopRecord;
using store::OrderStore;

namespace {

// "BC-7/2" of a column for both, or of one for each; a line that is not named is the first.
std::string NameOfLine(const Cells& cells) {
  const std::string_view order = cells.Text("order");
  if (order.find('/') != std::string_view::npos) return std::string(order);
  const std::string_view line = cells.Text("line");
  return fmt::format("{}/{}", order, line.empty() ? "1" : line);
}

}  // namespace

absl::StatusOr<OrderStore::LineRecord*> ImportRows::LineOfReceipt(const Cells& cells) {
  const std::string name = NameOfLine(cells);
  const std::string key = inventory::Fold(name);
  if (const auto known = lines_.find(key); known != lines_.end()) return &known->second;
  PARC_ASSIGN(std::optional<OrderStore::LineRecord> line, stores_.orders.FindLine(name));
  if (!line.has_value())
    return cells.Bad("order", fmt::format("names no order line ({}); write ORDER and the number of "
                                          "its line",
                                          name.substr(0, 80)));
  return &lines_.emplace(key, *std::move(line)).first->second;
}

absl::StatusOr<std::optional<RowResult>> ImportRows::AlreadyReceived(const Cells& cells,
                                                                     const std::string& line,
                                                                     const CivilDate& day) {
  const std::string_view serial = cells.Text("serial");
  const std::string_view tag = cells.Text("asset_tag");
  PARC_ASSIGN(std::optional<LaptopRecord> known, stores_.laptops.FindBySerial(serial));
  const std::string_view field = known.has_value() ? "serial" : "asset_tag";
  if (!known.has_value() && !tag.empty()) {
    PARC_ASSIGN(known, stores_.laptops.FindByTag(tag));
  }
  if (!known.has_value()) return std::optional<RowResult>();
  const inventory::Laptop& laptop = known->laptop;
  const bool same_tag = tag.empty() || inventory::Fold(tag) == inventory::Fold(laptop.asset_tag);
  if (same_tag && laptop.order_line == line && laptop.purchase_date == day)
    return std::optional<RowResult>(Changed(laptop.asset_tag, Differences()));
  return cells.Bad(
      field,
      fmt::format("belongs to laptop {} already{}", laptop.asset_tag,
                  laptop.order_line.empty() ? "" : fmt::format(", of {}", laptop.order_line)));
}

absl::StatusOr<RowResult> ImportRows::ReceivedLaptop(const Cells& cells) {
  PARC_ASSIGN(const std::optional<CivilDate> day, cells.Date("received_date"));
  if (!day.has_value()) return cells.Bad("received_date", "is empty");
  if (stores_.context.today < *day) return cells.Bad("received_date", "lies in the future");
  if (cells.Text("serial").empty() && cells.Text("asset_tag").empty())
    return cells.Bad("serial", "and the asset tag are empty; a laptop needs one of them");
  PARC_ASSIGN(OrderStore::LineRecord* const line, LineOfReceipt(cells));
  const std::string name = fmt::format("{}/{}", line->reference, line->line.line);
  PARC_ASSIGN(std::optional<RowResult> known, AlreadyReceived(cells, name, *day));
  if (known.has_value()) return *std::move(known);

  const procurement::LineView view{
      .name = name, .ordered = line->ordered, .planned = line->planned, .line = line->line};
  PARC_TRY(procurement::CheckDay(view, *day));
  PARC_ASSIGN(const std::optional<bool> surplus, cells.YesNo("over_delivery"));
  PARC_TRY(procurement::CheckReceipt(view, 1, surplus.value_or(false)));
  PARC_ASSIGN(std::optional<store::SiteRecord> site, stores_.sites.Find(cells.Text("site")));
  if (!site.has_value() && !cells.Text("site").empty())
    return cells.Bad("site", "is no known site");
  const bool other = !cells.Text("model").empty() && cells.Text("model") != line->line.model;
  const Change::Stores::ReceivedUnit unit{
      .serial = std::string(cells.Text("serial")),
      .asset_tag =
          std::string(cells.Text(cells.Text("asset_tag").empty() ? "serial" : "asset_tag")),
      .manufacturer = other ? std::string(cells.Text("manufacturer")) : line->line.manufacturer,
      .model = other ? std::string(cells.Text("model")) : line->line.model,
      .site = site.has_value() ? std::optional(site->row) : std::nullopt};

  procurement::Receipt receipt{.received = *day,
                               .quantity = 1,
                               .manufacturer = other ? unit.manufacturer : "",
                               .model = other ? unit.model : "",
                               .serials = {},
                               .actor = stores_.context.actor,
                               .committed = stores_.context.now};
  const auto key = std::tuple(line->row, *day, receipt.model);
  const auto made = receipts_.find(key);
  std::int64_t id = made == receipts_.end() ? 0 : made->second;
  if (made != receipts_.end()) {
    PARC_TRY(stores_.orders.GrowReceipt(id));
  } else {
    PARC_ASSIGN(id, stores_.orders.AddReceipt(line->row, receipt));
  }
  PARC_TRY(stores_.InsertReceived(*line, id, unit, *day));
  PARC_TRY(stores_.orders.Touch(line->order));
  // Only now: what a refused row did is undone, and these are not.
  receipts_.emplace(key, id);
  line->line.receipts.push_back(std::move(receipt));
  return Created(unit.asset_tag);
}

}  // namespace parc::fleet
