#include "daemon/rpc/convert_common.h"

#include "absl/strings/ascii.h"
#include "daemon/access/random.h"
#include "daemon/fleet/validate.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/rpc/status_details.h"
#include "fmt/format.h"

namespace parc::rpc {
namespace {

constexpr std::int64_t kMicros = 1'000'000;
// 0001-01-01 to 9999-12-31, as google.protobuf.Timestamp has it.
constexpr std::int64_t kFirstSecond = -62'135'596'800;
constexpr std::int64_t kLastSecond = 253'402'300'799;
constexpr std::int64_t kMaxDurationSeconds = 315'576'000'000;
constexpr std::int64_t kMaxMoneyUnits = 1'000'000'000'000;
constexpr std::size_t kMaxReason = 500;

bool HaveOneSign(std::int64_t units, std::int32_t nanos) {
  return units == 0 || nanos == 0 || (units < 0) == (nanos < 0);
}

}  // namespace

absl::Status InvalidField(std::string_view reason, std::string_view field, std::string_view what) {
  return Refuse(absl::StatusCode::kInvalidArgument, reason, fmt::format("{}: {}", field, what),
                field);
}

google::type::Date ToProto(const inventory::CivilDate& date) {
  google::type::Date wire;
  wire.set_year(date.year);
  wire.set_month(date.month);
  wire.set_day(date.day);
  return wire;
}

google::type::Money ToProto(const inventory::Money& money) {
  google::type::Money wire;
  wire.set_currency_code(money.currency);
  wire.set_units(money.micros / kMicros);
  wire.set_nanos(static_cast<std::int32_t>(money.micros % kMicros) * 1000);
  return wire;
}

google::protobuf::Timestamp TimeToProto(std::int64_t micros) {
  std::int64_t seconds = micros / kMicros;
  std::int64_t rest = micros % kMicros;
  if (rest < 0) {
    rest += kMicros;
    --seconds;
  }
  google::protobuf::Timestamp wire;
  wire.set_seconds(seconds);
  wire.set_nanos(static_cast<std::int32_t>(rest) * 1000);
  return wire;
}

google::protobuf::Duration DurationToProto(std::int64_t micros) {
  google::protobuf::Duration wire;
  wire.set_seconds(micros / kMicros);
  wire.set_nanos(static_cast<std::int32_t>(micros % kMicros) * 1000);
  return wire;
}

absl::StatusOr<std::optional<inventory::CivilDate>> DateFrom(const google::type::Date& date,
                                                             std::string_view field) {
  if (date.year() == 0 && date.month() == 0 && date.day() == 0) {
    return std::optional<inventory::CivilDate>();
  }
  const inventory::CivilDate value{date.year(), date.month(), date.day()};
  if (!inventory::IsValid(value)) {
    return InvalidField(
        "BAD_DATE", field,
        fmt::format("the calendar has no day {}-{}-{}", date.year(), date.month(), date.day()));
  }
  return std::optional(value);
}

absl::StatusOr<inventory::CivilDate> RequiredDateFrom(const google::type::Date& date,
                                                      std::string_view field) {
  PARC_ASSIGN(const std::optional<inventory::CivilDate> value, DateFrom(date, field));
  if (!value.has_value()) return InvalidField("BAD_DATE", field, "a date is required");
  return *value;
}

absl::StatusOr<std::int64_t> TimeFrom(const google::protobuf::Timestamp& time,
                                      std::string_view field) {
  if (time.seconds() < kFirstSecond || time.seconds() > kLastSecond || time.nanos() < 0 ||
      time.nanos() > 999'999'999) {
    return InvalidField("OUT_OF_RANGE", field, "is no time between the years 1 and 9999");
  }
  return time.seconds() * kMicros + time.nanos() / 1000;
}

absl::StatusOr<std::int64_t> DurationFrom(const google::protobuf::Duration& duration,
                                          std::string_view field) {
  if (duration.seconds() < -kMaxDurationSeconds || duration.seconds() > kMaxDurationSeconds ||
      duration.nanos() < -999'999'999 || duration.nanos() > 999'999'999 ||
      !HaveOneSign(duration.seconds(), duration.nanos())) {
    return InvalidField("OUT_OF_RANGE", field, "is no duration");
  }
  return duration.seconds() * kMicros + duration.nanos() / 1000;
}

absl::StatusOr<inventory::Money> MoneyFrom(const google::type::Money& money,
                                           std::string_view field) {
  if (money.units() < -kMaxMoneyUnits || money.units() > kMaxMoneyUnits ||
      money.nanos() < -999'999'999 || money.nanos() > 999'999'999 ||
      !HaveOneSign(money.units(), money.nanos())) {
    return InvalidField("OUT_OF_RANGE", field, "is no amount that a laptop may cost");
  }
  return inventory::Money{money.units() * kMicros + money.nanos() / 1000, money.currency_code()};
}

absl::StatusOr<inventory::Moment> MomentFrom(const parc::v1::Moment& wire) {
  inventory::Moment moment;
  PARC_ASSIGN(moment.as_of, DateFrom(wire.as_of_date(), "moment.as_of_date"));
  if (wire.has_known_at_time()) {
    PARC_ASSIGN(moment.known_at, TimeFrom(wire.known_at_time(), "moment.known_at_time"));
  }
  return moment;
}

absl::StatusOr<std::string> IdFrom(std::string_view name, std::string_view collection,
                                   std::string_view field) {
  const bool starts = name.starts_with(collection) && name.size() > collection.size() + 1 &&
                      name[collection.size()] == '/';
  const std::string_view id = starts ? name.substr(collection.size() + 1) : std::string_view();
  if (id.empty() || id.find('/') != std::string_view::npos) {
    return InvalidField("BAD_NAME", field,
                        fmt::format("\"{}\" is no name of the form {}/…", Shown(name), collection));
  }
  return std::string(id);
}

absl::StatusOr<std::string> OptionalIdFrom(std::string_view name, std::string_view collection,
                                           std::string_view field) {
  if (name.empty()) return std::string();
  return IdFrom(name, collection, field);
}

absl::StatusOr<std::string> OrderLineFrom(std::string_view name, std::string_view field) {
  constexpr std::string_view kOrders = "orders/";
  constexpr std::string_view kLines = "/lines/";
  const std::size_t lines = name.find(kLines);
  if (name.starts_with(kOrders) && lines != std::string_view::npos && lines > kOrders.size()) {
    const std::string_view order = name.substr(kOrders.size(), lines - kOrders.size());
    const std::string_view line = name.substr(lines + kLines.size());
    if (order.find('/') == std::string_view::npos && !line.empty() &&
        line.find('/') == std::string_view::npos) {
      return fmt::format("{}/{}", order, line);
    }
  }
  return InvalidField("BAD_NAME", field,
                      fmt::format("\"{}\" is no name of the form orders/…/lines/…", Shown(name)));
}

std::string NameOf(std::string_view collection, std::string_view id) {
  return id.empty() ? std::string() : fmt::format("{}/{}", collection, id);
}

std::string OrderLineName(std::string_view line) {
  const std::size_t slash = line.rfind('/');
  if (slash == std::string_view::npos) return {};
  return fmt::format("orders/{}/lines/{}", line.substr(0, slash), line.substr(slash + 1));
}

absl::StatusOr<fleet::FieldMask> MaskFrom(const google::protobuf::FieldMask& mask) {
  if (mask.paths().empty()) {
    return InvalidField("BAD_FIELD_MASK", "update_mask", "say which fields are to change");
  }
  return fleet::FieldMask(mask.paths().begin(), mask.paths().end());
}

absl::StatusOr<fleet::ChangeContext> ChangeContextFrom(const parc::v1::ChangeOptions& options,
                                                       fleet::ChangeContext context) {
  PARC_ASSIGN(context.effective, DateFrom(options.effective_date(), "options.effective_date"));
  PARC_TRY(fleet::CheckText(options.reason(), "options.reason", kMaxReason, fleet::Lines::kMany));
  context.reason = options.reason();
  return context;
}

absl::StatusOr<std::string> RequestIdFrom(const parc::v1::ChangeOptions& options) {
  const std::string id = absl::AsciiStrToLower(options.request_id());
  if (!id.empty() && !access::IsUuid(id)) {
    return InvalidField("BAD_REQUEST_ID", "options.request_id",
                        "must be a UUID of the client's own");
  }
  return id;
}

}  // namespace parc::rpc
