#pragma once

#include "absl/status/statusor.h"
#include "daemon/fleet/import.h"
#include "daemon/fleet/view.h"
#include "daemon/inventory/fields.h"
#include "parc/v1/fleet.pb.h"

namespace parc::rpc {

parc::v1::GetStatusResponse ToProto(const fleet::Status& status);
parc::v1::Field ToProto(const inventory::Field& field);

// INVALID_ARGUMENT BAD_KIND, BAD_ENCODING.
absl::StatusOr<fleet::ImportKind> ImportKindFrom(parc::v1::ImportKind kind);
absl::StatusOr<fleet::Encoding> EncodingFrom(std::string_view encoding);

// At most 10,000 rows; the rest is counted.
parc::v1::ImportFileResponse ToProto(const fleet::ImportResult& result);

}  // namespace parc::rpc
