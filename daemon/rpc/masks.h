#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "daemon/access/roles.h"
#include "daemon/inventory/fields.h"
#include "google/protobuf/message.h"

// What a role may see of what it may ask for. A field that a role may not see is absent from its
// answers, and cannot be filtered or sorted by: else it could be found out by asking often.
namespace parc::rpc {

// A field of the API that needs a permission of its own, by its full name.
struct MaskedField {
  std::string_view field;  // "parc.v1.Laptop.holder"
  access::Permission permission;
};
std::span<const MaskedField> MaskedFields();

// Clears, at any depth, what `role` may not see.
void Mask(access::Role role, google::protobuf::Message& message);

// The permission that a field of the filter language asks for, besides that of the list; nothing
// when there is none.
std::optional<access::Permission> PermissionOf(inventory::FieldId field);

// Whether `role` has that permission; what the checks below refuse by, and ListFields tells.
bool MayLookAt(access::Role role, inventory::FieldId field);

// PERMISSION_DENIED ROLE_DENIED when `filter`, `order_by` or `fields` look at something that `role`
// may not see; INVALID_ARGUMENT for what does not parse.
absl::Status CheckFields(access::Role role, inventory::Resource resource, std::string_view filter,
                         std::string_view order_by, const std::vector<std::string>& fields = {});

// The same for the filter over people that totals are asked with: without kReadPeople it may look
// only at what does not single a person out.
absl::Status CheckTotalsFilter(access::Role role, std::string_view filter);

}  // namespace parc::rpc
