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

// A row as the import takes it: a line with its order, and one of its promises or what one day
// brought of it, or neither.
struct LineRow {
  const v1::Order* order = nullptr;
  const v1::OrderLine* line = nullptr;
  const v1::Promise* promise = nullptr;
  std::string received_date;  // "2020-03-20"; empty: nothing received
  std::int64_t received = 0;
};

// Units that were received or are still to come. The import knows no cancellations and no
// over-delivery; with this as the quantity, the line has as many units open when it is read back.
std::int32_t LiveQuantity(const v1::OrderLine& line);

// The rows of an order, promises oldest first. Lines without a live unit have none.
std::vector<LineRow> LineRows(const v1::Order& order);
const std::vector<FieldOf<LineRow>>& LineExportFields();

// "BC-2020-17/1: 40 of 200 open, promised for 2020-05-04".
std::string LineSentence(const v1::OrderLine& line, Language language);

}  // namespace parc::client
