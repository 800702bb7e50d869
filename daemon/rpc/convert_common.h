#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/fleet/change.h"
#include "daemon/fleet/changes.h"
#include "daemon/inventory/civil_date.h"
#include "daemon/inventory/laptop.h"
#include "daemon/inventory/moment.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"
#include "google/type/money.pb.h"
#include "parc/v1/common.pb.h"

// Dates, times, money, names and the options of changes: messages ↔ values. Refusals are
// INVALID_ARGUMENT and name the field.
namespace parc::rpc {

// INVALID_ARGUMENT for `reason`; the sentence names the field.
absl::Status InvalidField(std::string_view reason, std::string_view field, std::string_view what);

google::type::Date ToProto(const inventory::CivilDate& date);
google::type::Money ToProto(const inventory::Money& money);
google::protobuf::Timestamp TimeToProto(std::int64_t micros);
google::protobuf::Duration DurationToProto(std::int64_t micros);

// Nothing for 0-0-0. BAD_DATE for what the calendar does not have.
absl::StatusOr<std::optional<inventory::CivilDate>> DateFrom(const google::type::Date& date,
                                                             std::string_view field);
// BAD_DATE when it is missing, too.
absl::StatusOr<inventory::CivilDate> RequiredDateFrom(const google::type::Date& date,
                                                      std::string_view field);
// UTC microseconds. OUT_OF_RANGE.
absl::StatusOr<std::int64_t> TimeFrom(const google::protobuf::Timestamp& time,
                                      std::string_view field);
absl::StatusOr<std::int64_t> DurationFrom(const google::protobuf::Duration& duration,
                                          std::string_view field);
absl::StatusOr<inventory::Money> MoneyFrom(const google::type::Money& money,
                                           std::string_view field);
absl::StatusOr<inventory::Moment> MomentFrom(const parc::v1::Moment& moment);

// The id in a resource name: "X1" of "laptops/X1" for the collection "laptops". BAD_NAME for
// another collection and for no id.
absl::StatusOr<std::string> IdFrom(std::string_view name, std::string_view collection,
                                   std::string_view field = "name");
// The same, empty for an empty name.
absl::StatusOr<std::string> OptionalIdFrom(std::string_view name, std::string_view collection,
                                           std::string_view field);
// "REFERENCE/2" of "orders/REFERENCE/lines/2".
absl::StatusOr<std::string> OrderLineFrom(std::string_view name, std::string_view field = "name");

// "laptops/X1"; empty for an empty id.
std::string NameOf(std::string_view collection, std::string_view id);
// "orders/REFERENCE/lines/2" of "REFERENCE/2".
std::string OrderLineName(std::string_view line);

// BAD_FIELD_MASK for an empty one.
absl::StatusOr<fleet::FieldMask> MaskFrom(const google::protobuf::FieldMask& mask);

// What a change states about itself. BAD_REQUEST_ID, BAD_DATE, BAD_TEXT. `context` comes with
// actor, now and today.
absl::StatusOr<fleet::ChangeContext> ChangeContextFrom(const parc::v1::ChangeOptions& options,
                                                       fleet::ChangeContext context);
absl::StatusOr<std::string> RequestIdFrom(const parc::v1::ChangeOptions& options);

}  // namespace parc::rpc
