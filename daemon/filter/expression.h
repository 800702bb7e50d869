#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "daemon/inventory/fields.h"

namespace parc::filter {

enum class Comparison { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual, kHas };

// One typed test of one field.
struct Test {
  inventory::FieldId field;
  Comparison comparison = Comparison::kEqual;
  // What the field is compared with: bool, integer (also times), date or text; ignored by a
  // presence test.
  inventory::Value value;
  // For text: `*` stood at this end of the value.
  bool any_prefix = false;
  bool any_suffix = false;
  // `field:*`: the field has a value.
  bool presence = false;

  bool operator==(const Test&) const = default;
};

// A filter as a tree. An empty kAnd matches everything.
struct Expression {
  enum class Node { kAnd, kOr, kNot, kTest };

  Node node = Node::kAnd;
  std::vector<Expression> children;  // of kAnd, kOr; one of kNot
  std::vector<Test> test;            // one of kTest

  bool operator==(const Expression&) const = default;
};

}  // namespace parc::filter
