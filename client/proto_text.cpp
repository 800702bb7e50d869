#include "client/proto_text.h"

#include "fmt/format.h"
#include "google/protobuf/util/time_util.h"

namespace parc::client {

std::string IsoDate(const google::type::Date& date) {
  if (date.year() == 0) return "";
  return fmt::format("{:04}-{:02}-{:02}", date.year(), date.month(), date.day());
}

std::string IsoTime(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0) return "";
  google::protobuf::Timestamp whole;
  whole.set_seconds(time.seconds());
  return google::protobuf::util::TimeUtil::ToString(whole);
}

std::int64_t Micros(const google::protobuf::Timestamp& time) {
  return time.seconds() * 1'000'000 + time.nanos() / 1000;
}

std::string Amount(const google::type::Money& money) {
  if (money.currency_code().empty() && money.units() == 0 && money.nanos() == 0) return "";
  if (money.nanos() == 0) return fmt::format("{}", money.units());
  std::string decimals = fmt::format("{:09}", money.nanos());
  while (decimals.size() > 2 && decimals.back() == '0') decimals.pop_back();
  return fmt::format("{}.{}", money.units(), decimals);
}

std::string IdOf(std::string_view name) {
  const std::size_t slash = name.find('/');
  return std::string(slash == std::string_view::npos ? name : name.substr(slash + 1));
}

std::string NameIn(std::string_view collection, std::string_view id) {
  const std::string prefix = std::string(collection) + "/";
  if (id.substr(0, prefix.size()) == prefix) return std::string(id);
  return prefix + std::string(id);
}

std::string LineName(std::string_view id) {
  if (id.substr(0, 7) == "orders/" && id.find("/lines/") != std::string_view::npos) {
    return std::string(id);
  }
  const std::size_t slash = id.rfind('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == id.size()) return "";
  return fmt::format("orders/{}/lines/{}", id.substr(0, slash), id.substr(slash + 1));
}

std::string LineId(std::string_view name) {
  const std::string id = IdOf(name);
  const std::size_t lines = id.find("/lines/");
  if (lines == std::string::npos) return id;
  return id.substr(0, lines) + "/" + id.substr(lines + 7);
}

std::string Word(std::string_view enumerator, std::string_view prefix) {
  if (enumerator.substr(0, prefix.size()) == prefix) enumerator.remove_prefix(prefix.size());
  return enumerator == "UNSPECIFIED" ? "" : std::string(enumerator);
}

}  // namespace parc::client
