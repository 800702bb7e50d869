#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/filter/expression.h"
#include "daemon/inventory/fields.h"

// Parc's one filter language: AIP-160 (https://google.aip.dev/160), without function calls, typed
// by the catalogue of fields.
//   - OR binds tighter than AND: `a AND b OR c` is `a AND (b OR c)`.
//   - A sequence of terms without an operator binds tighter than AND and looser than OR, and means
//   AND: as in the EBNF of
//     the specification, `a b AND c` is `(a b) AND c`.
//   - Keywords are upper-case. `NOT x` and `-x` negate.
//   - `=` and `!=` on text ignore case and accents and take `*` at either end. Enums and booleans
//   take `=` and `!=` only.
//   - `:` is the has-operator: `tags:vpn` an element, `notes:dock` a part of the text, `serial:*`
//   any value.
//   - A bare word is looked for in the text fields of SearchedFields().
//   - A test of an absent value is false, and its negation true.
namespace parc::filter {

inline constexpr std::size_t kMaxLength = 4096;  // bytes
inline constexpr int kMaxDepth = 10;  // SQLite's own parser takes a hundred symbols, see where.cpp
inline constexpr int kMaxTerms = 100;

// INVALID_ARGUMENT BAD_FILTER, with the details "column" (counted from 1 in characters) and, where
// there is one, "suggestion". An empty text matches everything.
absl::StatusOr<Expression> Parse(std::string_view text, inventory::Resource resource);

struct OrderTerm {
  inventory::FieldId field;
  bool descending = false;

  bool operator==(const OrderTerm&) const = default;
};

// "holder.name, price desc". INVALID_ARGUMENT BAD_ORDER.
absl::StatusOr<std::vector<OrderTerm>> ParseOrder(std::string_view text,
                                                  inventory::Resource resource);

}  // namespace parc::filter
