#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "client/listing.h"
#include "parc/v1/orders.pb.h"

// How orders are shown.
namespace parc::client {

using OrderField = FieldOf<v1::Order>;
using LineField = FieldOf<v1::OrderLine>;

// `today` ("2020-03-20") tells which lines are late.
std::vector<OrderField> OrderFields(const std::string& today);
std::vector<LineField> LineFields(const std::string& today);

// A row as the import takes it: a line with its order, and one of its promises, one of its
// shipments, what one day brought of it, what was cancelled on one day, or none of these.
struct LineRow {
  const v1::Order* order = nullptr;
  const v1::OrderLine* line = nullptr;
  const v1::Promise* promise = nullptr;
  const v1::Shipment* shipment = nullptr;
  std::string received_date;  // "2020-03-20"; empty: nothing received
  std::int64_t received = 0;
  bool over_delivery = false;  // more had come by that day than was ordered
  std::string cancelled_date;
  std::int64_t cancelled = 0;
  std::string cancel_reason;
};

// The rows of an order, in the order in which the import can take them.
std::vector<LineRow> LineRows(const v1::Order& order);
const std::vector<FieldOf<LineRow>>& LineExportFields();

// "BC-2020-17/1: 40 of 200 open, promised for 2020-05-04".
std::string LineSentence(const v1::OrderLine& line, Language language);

}  // namespace parc::client
