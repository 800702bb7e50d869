#include "client/commands/order_fields.h"

#include <algorithm>
#include <map>

#include "client/proto_text.h"
#include "client/render/width.h"
#include "fmt/format.h"

namespace parc::client {
namespace {

using render::Kind;
using render::Style;
using render::Value;
using v1::Order;
using v1::OrderLine;

std::string Number(std::int64_t number) { return fmt::format("{}", number); }

// Promises are newest first.
std::string Promised(const OrderLine& line) {
  return line.promises().empty() ? "" : IsoDate(line.promises(0).promised_date());
}

bool IsLate(const OrderLine& line, const std::string& today) {
  const std::string promised = Promised(line);
  return line.open_quantity() > 0 && !promised.empty() && promised < today;
}

std::string StatusWord(const Order& order) {
  return order.status() == v1::ORDER_STATUS_PLANNED ? "PLANNED" : "PLACED";
}

bool IsLate(const Order& order, const std::string& today) {
  if (order.status() == v1::ORDER_STATUS_PLANNED) return false;
  return std::any_of(order.lines().begin(), order.lines().end(),
                     [&](const OrderLine& line) { return IsLate(line, today); });
}

std::int64_t Sum(const Order& order, std::int32_t (OrderLine::*get)() const) {
  std::int64_t sum = 0;
  for (const OrderLine& line : order.lines()) sum += (line.*get)();
  return sum;
}

// The latest date promised for a line that is open.
std::string Promised(const Order& order) {
  std::string latest;
  for (const OrderLine& line : order.lines()) {
    if (line.open_quantity() > 0) latest = std::max(latest, Promised(line));
  }
  return latest;
}

Value LateValue(bool late) {
  return {Kind::kBool, late ? "true" : "false", late ? Style::kBad : Style::kPlain};
}

}  // namespace

std::vector<OrderField> OrderFields(const std::string& today) {
  return {
      {.name = "reference",
       .header = {"Order", "Commande"},
       .usual = true,
       .get =
           [](const Order& o) {
             return Value{{}, o.reference()};
           }},
      {.name = "supplier",
       .header = {"Supplier", "Fournisseur"},
       .usual = true,
       .shrinks = true,
       .get =
           [](const Order& o) {
             return Value{{}, o.supplier()};
           }},
      {.name = "order_date",
       .header = {"Ordered", "Commandé le"},
       .kind = Kind::kDate,
       .usual = true,
       .get =
           [](const Order& o) {
             return Value{{}, IsoDate(o.order_date())};
           }},
      {.name = "quantity",
       .header = {"Units", "Unités"},
       .kind = Kind::kNumber,
       .usual = true,
       .get =
           [](const Order& o) {
             return Value{{}, Number(Sum(o, &OrderLine::quantity))};
           }},
      {.name = "open_quantity",
       .header = {"Open", "À recevoir"},
       .kind = Kind::kNumber,
       .usual = true,
       .get =
           [](const Order& o) {
             return Value{{}, Number(Sum(o, &OrderLine::open_quantity))};
           }},
      {.name = "promised_date",
       .header = {"Promised", "Promis le"},
       .kind = Kind::kDate,
       .usual = true,
       .get =
           [](const Order& o) {
             return Value{{}, Promised(o)};
           }},
      {.name = "late",
       .header = {"Late", "En retard"},
       .kind = Kind::kBool,
       .usual = true,
       .get = [today](const Order& o) { return LateValue(IsLate(o, today)); }},
      {.name = "status",
       .header = {"Status", "Statut"},
       .get =
           [](const Order& o) {
             return Value{{}, StatusWord(o)};
           }},
  };
}

std::vector<LineField> LineFields(const std::string& today) {
  // Ranks: what eighty columns have no room for, and the ledger below tells.
  const auto number = [](std::string name, Text header, std::int32_t (OrderLine::*get)() const,
                         int rank = 0) {
    return LineField{.name = std::move(name),
                     .header = header,
                     .kind = Kind::kNumber,
                     .usual = true,
                     .rank = rank,
                     .get = [get](const OrderLine& l) {
                       return Value{{}, Number((l.*get)())};
                     }};
  };
  return {
      {.name = "line",
       .header = {"Line", "Ligne"},
       .usual = true,
       .get =
           [](const OrderLine& l) {
             return Value{{}, LineId(l.name())};
           }},
      {.name = "model",
       .header = {"Model", "Modèle"},
       .usual = true,
       .shrinks = true,
       .get =
           [](const OrderLine& l) {
             return Value{{}, l.model()};
           }},
      {.name = "price",
       .header = {"Unit price", "Prix unitaire"},
       .kind = Kind::kNumber,
       .usual = true,
       .rank = 3,
       .get =
           [](const OrderLine& l) {
             return Value{{}, Amount(l.unit_price())};
           }},
      number("quantity", {"Units", "Unités"}, &OrderLine::quantity),
      number("in_transit", {"On the way", "En route"}, &OrderLine::in_transit_quantity),
      number("received", {"Received", "Reçues"}, &OrderLine::received_quantity, 1),
      number("cancelled", {"Cancelled", "Annulées"}, &OrderLine::cancelled_quantity, 2),
      number("open", {"Open", "À recevoir"}, &OrderLine::open_quantity),
      {.name = "promised_date",
       .header = {"Promised", "Promis le"},
       .kind = Kind::kDate,
       .usual = true,
       .get =
           [](const OrderLine& l) {
             return Value{{}, Promised(l)};
           }},
      {.name = "late",
       .header = {"Late", "En retard"},
       .kind = Kind::kBool,
       .usual = true,
       .get = [today](const OrderLine& l) { return LateValue(IsLate(l, today)); }},
  };
}

namespace {

// For an import a day has one receipt and one cancellation.
void AddReceipts(const OrderLine& line, const LineRow& bare, std::vector<LineRow>& rows) {
  std::map<std::string, std::int64_t> days;
  for (const v1::Receipt& receipt : line.receipts())
    days[IsoDate(receipt.received_date())] += receipt.quantity();
  std::int64_t sum = 0;
  for (const auto& [day, quantity] : days) {
    sum += quantity;
    rows.push_back(bare);
    rows.back().received_date = day;
    rows.back().received = quantity;
    rows.back().over_delivery = sum > line.quantity();
  }
}

void AddCancellations(const OrderLine& line, const LineRow& bare, std::vector<LineRow>& rows) {
  std::map<std::string, LineRow> days;
  for (const v1::Cancellation& cancellation : line.cancellations()) {
    const std::string day = IsoDate(cancellation.cancelled_date());
    LineRow& row = days.emplace(day, bare).first->second;
    row.cancelled_date = day;
    row.cancelled += cancellation.quantity();
    row.cancel_reason = cancellation.reason();
  }
  for (const auto& [day, row] : days) rows.push_back(row);
}

}  // namespace

std::vector<LineRow> LineRows(const Order& order) {
  std::vector<LineRow> rows;
  for (const OrderLine& line : order.lines()) {
    LineRow bare;
    bare.order = &order;
    bare.line = &line;
    const std::size_t before = rows.size();
    for (int i = line.promises_size() - 1; i >= 0; --i) {  // they are newest first
      rows.push_back(bare);
      rows.back().promise = &line.promises(i);
    }
    for (const v1::Shipment& shipment : line.shipments()) {
      rows.push_back(bare);
      rows.back().shipment = &shipment;
    }
    AddReceipts(line, bare, rows);
    AddCancellations(line, bare, rows);
    if (rows.size() == before) rows.push_back(bare);
  }
  return rows;
}

const std::vector<FieldOf<LineRow>>& LineExportFields() {
  const auto field = [](std::string name, Kind kind, auto get) {
    return FieldOf<LineRow>{.name = std::move(name),
                            .header = {},
                            .kind = kind,
                            .usual = true,
                            .get = [get](const LineRow& row) {
                              return Value{{}, get(row)};
                            }};
  };
  const auto promise = [&](std::string name, Kind kind, auto get) {
    return field(std::move(name), kind, [get](const LineRow& row) {
      return row.promise == nullptr ? std::string() : get(*row.promise);
    });
  };
  const auto shipment = [&](std::string name, Kind kind, auto get) {
    return field(std::move(name), kind, [get](const LineRow& row) {
      return row.shipment == nullptr ? std::string() : get(*row.shipment);
    });
  };
  static const std::vector<FieldOf<LineRow>> fields = {
      field("reference", Kind::kText, [](const LineRow& r) { return r.order->reference(); }),
      field("supplier", Kind::kText, [](const LineRow& r) { return r.order->supplier(); }),
      field("order_date", Kind::kDate,
            [](const LineRow& r) { return IsoDate(r.order->order_date()); }),
      field("line", Kind::kNumber, [](const LineRow& r) { return Number(r.line->line()); }),
      field("manufacturer", Kind::kText, [](const LineRow& r) { return r.line->manufacturer(); }),
      field("model", Kind::kText, [](const LineRow& r) { return r.line->model(); }),
      field("quantity", Kind::kNumber, [](const LineRow& r) { return Number(r.line->quantity()); }),
      field("price", Kind::kNumber, [](const LineRow& r) { return Amount(r.line->unit_price()); }),
      field("currency", Kind::kText,
            [](const LineRow& r) { return r.line->unit_price().currency_code(); }),
      promise("promised_date", Kind::kDate,
              [](const v1::Promise& p) { return IsoDate(p.promised_date()); }),
      promise("announced_date", Kind::kDate,
              [](const v1::Promise& p) { return IsoDate(p.announced_date()); }),
      promise("source", Kind::kText, [](const v1::Promise& p) { return p.source(); }),
      field("received", Kind::kNumber,
            [](const LineRow& r) { return r.received == 0 ? "" : Number(r.received); }),
      field("received_date", Kind::kDate, [](const LineRow& r) { return r.received_date; }),
      field("over_delivery", Kind::kText,
            [](const LineRow& r) { return std::string(r.over_delivery ? "yes" : ""); }),
      shipment("shipped", Kind::kNumber,
               [](const v1::Shipment& s) { return Number(s.quantity()); }),
      shipment("shipped_date", Kind::kDate,
               [](const v1::Shipment& s) { return IsoDate(s.shipped_date()); }),
      shipment("carrier", Kind::kText, [](const v1::Shipment& s) { return s.carrier(); }),
      shipment("tracking", Kind::kText, [](const v1::Shipment& s) { return s.tracking(); }),
      field("cancelled", Kind::kNumber,
            [](const LineRow& r) { return r.cancelled == 0 ? "" : Number(r.cancelled); }),
      field("cancelled_date", Kind::kDate, [](const LineRow& r) { return r.cancelled_date; }),
      field("cancel_reason", Kind::kText, [](const LineRow& r) { return r.cancel_reason; }),
      field("status", Kind::kText, [](const LineRow& r) { return StatusWord(*r.order); }),
  };
  return fields;
}

std::string LineSentence(const OrderLine& line, Language language) {
  const bool french = language == Language::kFrench;
  std::string sentence =
      fmt::format("{}: {} {} {} {}", LineId(line.name()), line.open_quantity(),
                  french ? "sur" : "of", line.quantity(), french ? "à recevoir" : "open");
  if (line.in_transit_quantity() > 0)
    sentence +=
        fmt::format(", {} {}", line.in_transit_quantity(), french ? "en route" : "on the way");
  const std::string promised = Promised(line);
  if (line.open_quantity() > 0 && !promised.empty()) {
    sentence += fmt::format(", {} {}", french ? "promis pour le" : "promised for",
                            render::Date(promised, language));
  }
  return sentence;
}

}  // namespace parc::client
