#include "daemon/filter/parse.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "daemon/inventory/reason.h"
#include "fmt/format.h"

namespace parc::filter {
namespace {

using inventory::FieldId;
using inventory::Kind;
using inventory::Resource;

std::string Show(const Test& test) {
  const inventory::Field& field = inventory::Get(test.field);
  if (test.presence) return fmt::format("{}:*", field.name);
  constexpr std::string_view kSigns[] = {"=", "!=", "<", "<=", ">", ">=", ":"};
  return fmt::format("{}{}{}{}{}", field.name, kSigns[static_cast<std::size_t>(test.comparison)],
                     test.any_prefix ? "*" : "", inventory::ToText(test.value, field.kind),
                     test.any_suffix ? "*" : "");
}

// As an s-expression: "(and state=LOST (not tpm2=true))". A bare word is shown by itself.
std::string Show(const Expression& expression) {
  if (expression.node == Expression::Node::kTest) return Show(expression.test.front());
  const std::size_t words = inventory::SearchedFields(Resource::kLaptops).size();
  if (expression.node == Expression::Node::kOr && expression.children.size() == words &&
      expression.children.front().node == Expression::Node::kTest &&
      expression.children.front().test.front().field == FieldId::kAssetTag) {
    return fmt::format("'{}'",
                       std::get<std::string>(expression.children.front().test.front().value));
  }
  std::string text = expression.node == Expression::Node::kAnd  ? "(and"
                     : expression.node == Expression::Node::kOr ? "(or"
                                                                : "(not";
  for (const Expression& child : expression.children) text += " " + Show(child);
  return text + ")";
}

TEST_CASE("filters are read as AIP-160 says") {
  struct Row {
    std::string_view filter;
    std::string_view tree;
  };
  const Row row = GENERATE(
      Row{"", "(and)"}, Row{" \t\n", "(and)"},
      // OR binds tighter than AND.
      Row{"a AND b OR c", "(and 'a' (or 'b' 'c'))"}, Row{"a OR b AND c", "(and (or 'a' 'b') 'c')"},
      Row{"a AND b OR c AND d", "(and 'a' (or 'b' 'c') 'd')"},
      Row{"a OR b OR c", "(or 'a' 'b' 'c')"}, Row{"(a AND b) OR c", "(or (and 'a' 'b') 'c')"},
      // A sequence binds tighter than AND and looser than OR.
      Row{"a b AND c", "(and (and 'a' 'b') 'c')"}, Row{"a AND b c", "(and 'a' (and 'b' 'c'))"},
      Row{"a b OR c d", "(and 'a' (or 'b' 'c') 'd')"},
      // Keywords are upper-case only.
      Row{"a and b", "(and 'a' 'and' 'b')"}, Row{"a or b", "(and 'a' 'or' 'b')"},
      Row{"not a", "(and 'not' 'a')"}, Row{"And", "'And'"},
      // Negation binds to one simple term.
      Row{"NOT a", "(not 'a')"}, Row{"-a", "(not 'a')"}, Row{"NOT a b", "(and (not 'a') 'b')"},
      Row{"NOT a OR b", "(or (not 'a') 'b')"}, Row{"a -b", "(and 'a' (not 'b'))"},
      Row{"NOT (a OR b)", "(not (or 'a' 'b'))"}, Row{"-(a b)", "(not (and 'a' 'b'))"},
      Row{"NOT(a)", "(not 'a')"}, Row{"a-b", "'a-b'"}, Row{"-state = LOST", "(not state=LOST)"},
      // Restrictions.
      Row{"state = LOST", "state=LOST"}, Row{"state=LOST", "state=LOST"},
      Row{"state = lost", "state=LOST"}, Row{"state != \"IN_STOCK\"", "state!=IN_STOCK"},
      Row{"price >= 900", "price>=900"}, Row{"price < -5", "price<-5"},
      Row{"tpm2 = true AND secure_boot != false", "(and tpm2=true secure_boot!=false)"},
      Row{"purchase_date <= 2020-03-12", "purchase_date<=2020-03-12"},
      Row{"last_seen > 2020-03-12T08:30:00Z", "last_seen>2020-03-12T08:30:00Z"},
      Row{"last_seen > 2020-03-12", "last_seen>2020-03-12T00:00:00Z"},
      Row{"os.version >= 24.04.1", "os.version>=24.04.1"},
      Row{"site = \"Orléans\"", "site=Orléans"}, Row{"model = 'Dell 5420'", "model=Dell 5420"},
      Row{"notes = d'azur", "notes=d'azur"},
      // Has, presence, wildcards.
      Row{"tags:vpn", "tags:vpn"}, Row{"tags : vpn", "tags:vpn"},
      Row{"vpn.certificate.expires:*", "vpn.certificate.expires:*"}, Row{"notes:*", "notes:*"},
      Row{"tags:*", "tags:*"}, Row{"notes:\"*\"", "notes:*"}, Row{"NOT holder:*", "(not holder:*)"},
      Row{"tags:lo*", "tags:lo*"}, Row{"serial = PF*", "serial=PF*"},
      Row{"serial = *DE", "serial=*DE"}, Row{"serial != *0A*", "serial!=*0A*"},
      Row{"model = \"Dell*\"", "model=Dell*"}, Row{"model = a*b", "model=a*b"},
      Row{"model < a*", "model<a*"},  // an order has no wildcards
      Row{"\"two words\"", "'two words'"}, Row{"PF0*", "'PF0'"},
      // Quotes and escapes.
      Row{R"(notes = "say \"hi\"")", R"(notes=say "hi")"},
      Row{R"(notes = 'l\'été')", "notes=l'été"}, Row{R"(notes = "a\\b")", R"(notes=a\b)"},
      Row{R"(notes = "l'été")", "notes=l'été"}, Row{"notes = \"\"", "notes="},
      Row{R"(notes = "100 %_")", "notes=100 %_"},
      // Values of one field in parentheses.
      Row{"state = (LOST OR RETIRED)", "(or state=LOST state=RETIRED)"},
      Row{"tags:(vpn -loan) x", "(and (and tags:vpn (not tags:loan)) 'x')"},
      Row{"NOT state=(LOST OR (RETIRED))", "(not (or state=LOST state=RETIRED))"},
      Row{"\"or\"", "'or'"},
      // What looks like SQL is text.
      Row{R"(notes = "'; DROP TABLE laptops; --")", "notes='; DROP TABLE laptops; --"},
      // Blanks of all kinds, or none.
      Row{"(state=LOST)AND(tpm2=true)", "(and state=LOST tpm2=true)"},
      Row{"\nstate\t=\r\nLOST ", "state=LOST"}, Row{"(((a)))", "'a'"});
  INFO(row.filter);
  const auto parsed = Parse(row.filter, Resource::kLaptops);
  INFO(parsed.status());
  REQUIRE(parsed.ok());
  CHECK(Show(*parsed) == row.tree);
}

TEST_CASE("presence and a literal star are two things") {
  CHECK(Parse("notes:*", Resource::kLaptops)->test.front().presence);
  CHECK_FALSE(Parse("notes:\"*\"", Resource::kLaptops)->test.front().presence);
}

TEST_CASE("a bare word is looked for in every searched field of its resource") {
  const auto parsed = Parse("dupont", Resource::kPeople);
  REQUIRE(parsed.ok());
  const auto fields = inventory::SearchedFields(Resource::kPeople);
  REQUIRE(parsed->node == Expression::Node::kOr);
  REQUIRE(parsed->children.size() == fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    CHECK(parsed->children[i].test.front() ==
          Test{.field = fields[i], .comparison = Comparison::kHas, .value = std::string("dupont")});
  }
}

TEST_CASE("a filter that cannot be read is refused at the column where it goes wrong") {
  struct Row {
    std::string filter;
    int column;
    std::string_view what;
  };
  const Row row = GENERATE(
      Row{"'; DROP TABLE laptops; --", 1, "this quote is never closed"},
      Row{"model = \"Dell", 9, "this quote is never closed"},
      Row{"model = \"Dell\\\"", 9, "this quote is never closed"},
      Row{"(state = LOST", 1, "this parenthesis is never closed"},
      Row{"state = LOST)", 13, "this parenthesis was never opened"},
      Row{"()", 2, "a field or a word is expected here"},
      Row{"state = ", 9, "a value for state is missing here"},
      Row{"state = )", 9, "a value for state is missing here"},
      Row{"= LOST", 1, "a field or a word is expected here"},
      Row{"AND a", 1, "a field or a word is expected here"},
      Row{"a AND", 6, "the filter ends where a term is expected"},
      Row{"a OR", 5, "the filter ends where a term is expected"},
      Row{"a AND OR b", 7, "a field or a word is expected here"},
      Row{"NOT", 4, "the filter ends where a term is expected"},
      Row{"NOT NOT a", 5, "a field or a word is expected here"},
      Row{"! a", 1, "\"!\" stands alone"}, Row{"state ! LOST", 7, "\"!\" stands alone"},
      Row{"now() > 3", 4, "there are no functions in filters"},
      Row{"\"state\" = LOST", 1, "a field stands on the left"},
      Row{"sate = LOST", 1, "laptops have no field \"sate\"; did you mean state?"},
      Row{"qqqqqqqqq = 1", 1, "`parc fields` lists them"},
      Row{"mail = a", 1, "laptops have no field \"mail\""},  // a field of people
      Row{"State = LOST", 1, "did you mean state?"},
      Row{"state < LOST", 7, "state is compared with = or != only"},
      Row{"state:LOST", 6, "state is compared with = or != only"},
      Row{"tpm2 >= true", 6, "tpm2 is compared with = or != only"},
      Row{"tags = vpn", 6, "ask for an element with \":\""},
      Row{"price:3", 6, "asks for its presence only"},
      Row{"last_seen:2020", 10, "asks for its presence only"},
      Row{"price = abc", 9, "a whole number, not \"abc\""}, Row{"price = 1.5", 9, "a whole number"},
      Row{"price = 1e3", 9, "a whole number"}, Row{"price = \"\"", 9, "a whole number"},
      Row{"price = 99999999999999999999", 9, "a whole number"},
      Row{"tpm2 = yes", 8, "true or false"}, Row{"tpm2 = TRUE", 8, "true or false"},
      Row{"purchase_date = 30/02/2020", 17, "a date, as 2020-03-12"},
      Row{"purchase_date = 2020-02-30", 17, "a date, as 2020-03-12"},
      Row{"last_seen > yesterday", 13, "a time, as 2020-03-12"},
      Row{"state = LOSTT", 9, "state is never \"LOSTT\"; it is one of IN_STOCK, PREPARING"},
      Row{"state = \"\"", 9, "state is never \"\""},
      // Other languages' operators, which would match nothing in silence.
      Row{"a && b", 3, "write AND, or \"&&\" to look for the word"}, Row{"a || b", 3, "write OR"},
      Row{"state == LOST", 8, "one \"=\" compares"},
      Row{"state = (LOST OR site = a)", 18, "only values of one field"},
      Row{"state = (LOST", 9, "this parenthesis is never closed"},
      Row{"state = ()", 10, "a field or a word is expected here"},
      // Columns are counted in characters, not in bytes.
      Row{"\"é\" AND sate = LOST", 9, "did you mean state?"},
      Row{"\"日本💻\" AND sate = LOST", 11, "did you mean state?"},
      Row{"notes = \"Orléans", 9, "this quote is never closed"},
      Row{std::string("model = \0*", 10), 9, "there is no NUL in filters"},
      // Caps.
      Row{std::string(10'240, 'a'), 4097, "a filter is no longer than 4096 bytes"},
      Row{std::string(kMaxDepth, '(') + "a" + std::string(kMaxDepth, ')'), kMaxDepth + 1,
          "nested"});
  INFO(row.filter.substr(0, 80));
  const auto parsed = Parse(row.filter, Resource::kLaptops);
  REQUIRE_FALSE(parsed.ok());
  const absl::Status& refused = parsed.status();
  CHECK(refused.code() == absl::StatusCode::kInvalidArgument);
  CHECK(ReasonOf(refused) == "BAD_FILTER");
  CHECK(FieldOf(refused) == "filter");
  CHECK(DetailOf(refused, "column") == fmt::format("{}", row.column));
  CHECK_THAT(std::string(refused.message()),
             Catch::StartsWith(fmt::format("filter, column {}: ", row.column)) &&
                 Catch::Contains(std::string(row.what)));
}

TEST_CASE("a suggestion comes with a misspelt field or value, and only then") {
  const auto suggestion = [](std::string_view filter) {
    return DetailOf(Parse(filter, Resource::kLaptops).status(), "suggestion");
  };
  CHECK(suggestion("sate = LOST") == "state");
  CHECK(suggestion("state = LOSTT") == "LOST");
  CHECK(suggestion("state = in_stok") == "IN_STOCK");
  CHECK(suggestion("qqqqqqqqq = 1").empty());
  CHECK(suggestion("state = qqqqqqqqqqqqq").empty());
  CHECK(suggestion("price = abc").empty());
}

TEST_CASE("nesting and terms are capped, and what stays below is read") {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '(') + "a" +
           std::string(static_cast<std::size_t>(depth), ')');
  };
  CHECK(Parse(nested(kMaxDepth - 1), Resource::kLaptops).ok());
  CHECK_FALSE(Parse(nested(kMaxDepth), Resource::kLaptops).ok());
  CHECK_FALSE(Parse(std::string(4096, '('), Resource::kLaptops).ok());

  std::string terms = "tpm2 = true";
  for (int i = 1; i < kMaxTerms; ++i) terms += " OR tpm2 = true";
  CHECK(Parse(terms, Resource::kLaptops).ok());
  const auto too_many = Parse(terms + " OR tpm2 = true", Resource::kLaptops);
  REQUIRE_FALSE(too_many.ok());
  CHECK_THAT(std::string(too_many.status().message()), Catch::Contains("more than 100 terms"));

  // Depth counts what is open at once, not what was.
  std::string side_by_side = "(a)";
  for (int i = 0; i < 50; ++i) side_by_side += " AND (a)";
  CHECK(Parse(side_by_side, Resource::kLaptops).ok());
}

TEST_CASE("an order names fields, each once, with a direction") {
  const auto order = ParseOrder(" holder.name,price desc , state asc", Resource::kLaptops);
  REQUIRE(order.ok());
  CHECK(*order == std::vector<OrderTerm>{{FieldId::kHolderName, false},
                                         {FieldId::kPrice, true},
                                         {FieldId::kState, false}});
  CHECK(ParseOrder("", Resource::kLaptops)->empty());
  for (const std::string_view bad : {"qqqq", "price, price desc", "tags", "price DESC",
                                     "price descending", ",", "desc", "mail"}) {
    INFO(bad);
    const auto refused = ParseOrder(bad, Resource::kLaptops);
    REQUIRE_FALSE(refused.ok());
    CHECK(ReasonOf(refused.status()) == "BAD_ORDER");
    CHECK(FieldOf(refused.status()) == "order_by");
  }
  CHECK_FALSE(ParseOrder(std::string(513, 'a'), Resource::kLaptops).ok());
}

}  // namespace
}  // namespace parc::filter
