#pragma once

#include "absl/functional/function_ref.h"
#include "daemon/filter/expression.h"

namespace parc::filter {

// Whether a record matches. `value_of` gives a field's value; absent is std::monostate.
bool Match(const Expression& expression,
           absl::FunctionRef<inventory::Value(inventory::FieldId)> value_of);

// The fields that `expression` looks at, each once, in the order of their first use.
std::vector<inventory::FieldId> FieldsOf(const Expression& expression);

}  // namespace parc::filter
