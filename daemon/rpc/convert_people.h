#pragma once

#include "absl/status/statusor.h"
#include "daemon/inventory/person.h"
#include "parc/v1/people.pb.h"

namespace parc::rpc {

parc::v1::Person ToProto(const inventory::Person& person);
parc::v1::Site ToProto(const inventory::Site& site);

// As a client states them; what is output only is not read. INVALID_ARGUMENT BAD_NAME, BAD_DATE,
// BAD_TELEWORK.
absl::StatusOr<inventory::Person> PersonFrom(const parc::v1::Person& person);
absl::StatusOr<inventory::Site> SiteFrom(const parc::v1::Site& site);

}  // namespace parc::rpc
