#pragma once

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

// A line with its order, as the import takes it.
std::vector<LineField> LineExportFields(const v1::Order& order);

// "BC-2020-17/1: 40 of 200 open, promised for 2020-05-04".
std::string LineSentence(const v1::OrderLine& line, Language language);

}  // namespace parc::client
