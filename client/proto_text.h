#pragma once

#include <string>
#include <string_view>

#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"
#include "google/type/money.pb.h"

// Between the API's messages and the canonical text of values (see render/value.h).
namespace parc::client {

// "2020-03-18"; empty when absent.
std::string IsoDate(const google::type::Date& date);
// "2020-03-18T07:42:11Z"; empty for the epoch, which stands for "absent".
std::string IsoTime(const google::protobuf::Timestamp& time);
std::int64_t Micros(const google::protobuf::Timestamp& time);
// "1234.5" without its currency; empty when absent.
std::string Amount(const google::type::Money& money);

// "PF0ABCDE" of "laptops/PF0ABCDE"; the part after the first slash.
std::string IdOf(std::string_view name);
// "laptops/PF0ABCDE" of either "PF0ABCDE" or "laptops/PF0ABCDE".
std::string NameIn(std::string_view collection, std::string_view id);
// "orders/BC-7/lines/1" of "BC-7/1" or of that name itself; empty when `id` is neither.
std::string LineName(std::string_view id);
// "BC-7/1" of "orders/BC-7/lines/1".
std::string LineId(std::string_view name);

// "IN_STOCK" of "LAPTOP_STATE_IN_STOCK"; empty for an unspecified value.
std::string Word(std::string_view enumerator, std::string_view prefix);

}  // namespace parc::client
