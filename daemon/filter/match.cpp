#include "daemon/filter/match.h"

#include <algorithm>

#include "daemon/inventory/fold.h"

namespace parc::filter {

using inventory::CivilDate;
using inventory::FieldId;
using inventory::Kind;
using inventory::Value;

namespace {

bool TextMatches(std::string_view text, const Test& test) {
  const std::string folded = inventory::Fold(text);
  const std::string wanted = inventory::Fold(std::get<std::string>(test.value));
  if (test.comparison == Comparison::kHas || (test.any_prefix && test.any_suffix)) {
    return folded.find(wanted) != std::string::npos;
  }
  if (test.any_suffix) return folded.starts_with(wanted);
  if (test.any_prefix) return folded.ends_with(wanted);
  return folded == wanted;
}

template <typename T>
bool Compare(const T& left, Comparison comparison, const T& right) {
  switch (comparison) {
    case Comparison::kEqual:
    case Comparison::kHas:
      return left == right;
    case Comparison::kNotEqual:
      return left != right;
    case Comparison::kLess:
      return left < right;
    case Comparison::kLessOrEqual:
      return left <= right;
    case Comparison::kGreater:
      return left > right;
    case Comparison::kGreaterOrEqual:
      return left >= right;
  }
  return false;
}

bool TestText(const std::string& text, Kind kind, const Test& test) {
  const std::string& wanted = std::get<std::string>(test.value);
  if (kind == Kind::kEnum) return Compare<std::string>(text, test.comparison, wanted);
  const bool ordered = test.comparison != Comparison::kEqual &&
                       test.comparison != Comparison::kNotEqual &&
                       test.comparison != Comparison::kHas;
  if (kind == Kind::kVersion && !test.any_prefix && !test.any_suffix &&
      test.comparison != Comparison::kHas) {
    return Compare<std::string>(inventory::VersionKey(text), test.comparison,
                                inventory::VersionKey(wanted));
  }
  if (ordered)
    return Compare<std::string>(inventory::Fold(text), test.comparison, inventory::Fold(wanted));
  return TextMatches(text, test) != (test.comparison == Comparison::kNotEqual);
}

bool TestList(const std::vector<std::string>& list, const Test& test) {
  return std::any_of(list.begin(), list.end(), [&](const std::string& element) {
    Test of_element = test;
    of_element.comparison = Comparison::kEqual;
    return TextMatches(element, of_element);
  });
}

bool RunTest(const Test& test, const Value& value) {
  if (std::holds_alternative<std::monostate>(value)) return false;
  if (test.presence) {
    const auto* list = std::get_if<std::vector<std::string>>(&value);
    const auto* text = std::get_if<std::string>(&value);
    return !(list != nullptr && list->empty()) && !(text != nullptr && text->empty());
  }
  if (const auto* list = std::get_if<std::vector<std::string>>(&value))
    return TestList(*list, test);
  if (const auto* text = std::get_if<std::string>(&value)) {
    return TestText(*text, inventory::Get(test.field).kind, test);
  }
  if (const auto* boolean = std::get_if<bool>(&value)) {
    return Compare(*boolean, test.comparison, std::get<bool>(test.value));
  }
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    return Compare(*integer, test.comparison, std::get<std::int64_t>(test.value));
  }
  return Compare(std::get<CivilDate>(value), test.comparison, std::get<CivilDate>(test.value));
}

void Gather(const Expression& expression, std::vector<FieldId>& fields) {
  for (const Test& test : expression.test) {
    if (std::find(fields.begin(), fields.end(), test.field) == fields.end())
      fields.push_back(test.field);
  }
  for (const Expression& child : expression.children) Gather(child, fields);
}

}  // namespace

bool Match(const Expression& expression, absl::FunctionRef<Value(FieldId)> value_of) {
  const auto matches = [&](const Expression& child) { return Match(child, value_of); };
  switch (expression.node) {
    case Expression::Node::kAnd:
      return std::all_of(expression.children.begin(), expression.children.end(), matches);
    case Expression::Node::kOr:
      return std::any_of(expression.children.begin(), expression.children.end(), matches);
    case Expression::Node::kNot:
      return !matches(expression.children.front());
    case Expression::Node::kTest:
      return RunTest(expression.test.front(), value_of(expression.test.front().field));
  }
  return false;
}

std::vector<FieldId> FieldsOf(const Expression& expression) {
  std::vector<FieldId> fields;
  Gather(expression, fields);
  return fields;
}

}  // namespace parc::filter
