#include "daemon/filter/match.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/filter/parse.h"

namespace parc::filter {
namespace {

using inventory::CivilDate;
using inventory::FieldId;
using inventory::Resource;
using inventory::Value;

const std::map<FieldId, Value> kLaptop = {
    {FieldId::kAssetTag, std::string("ORL-0042")},
    {FieldId::kModel, std::string("Latitude 5420 éco")},
    {FieldId::kState, std::string("ASSIGNED")},
    {FieldId::kHolderTier, std::int64_t{1}},
    {FieldId::kPrice, std::int64_t{900}},
    {FieldId::kPurchaseDate, CivilDate{2020, 3, 12}},
    {FieldId::kLastSeen, std::int64_t{1'583'996'400'000'000}},  // 2020-03-12T07:00:00Z
    {FieldId::kTpm2, true},
    {FieldId::kOsVersion, std::string("9.10")},
    {FieldId::kTags, std::vector<std::string>{"loan", "VPN-test"}},
    {FieldId::kNetworkMacs, std::vector<std::string>{}},
    {FieldId::kNotes, std::string()},
};

Value ValueOf(FieldId field) {
  const auto found = kLaptop.find(field);
  return found == kLaptop.end() ? Value() : found->second;
}

TEST_CASE("a record matches as its values say") {
  struct Row {
    std::string_view filter;
    bool matches;
  };
  const Row row = GENERATE(
      Row{"", true}, Row{"state = ASSIGNED", true}, Row{"state != ASSIGNED", false},
      Row{"model = \"latitude 5420 ECO\"", true}, Row{"model = latitude*", true},
      Row{"model = *ECO", true}, Row{"model = *5420*", true}, Row{"model = 5420*", false},
      Row{"model:5420", true}, Row{"model:eco", true}, Row{"model != latitude*", false},
      Row{"model < m", true}, Row{"model > m", false}, Row{"price >= 900", true},
      Row{"price > 900", false}, Row{"tpm2 = true", true}, Row{"tpm2 != true", false},
      Row{"purchase_date < 2020-03-13", true}, Row{"purchase_date = 2020-03-12", true},
      Row{"last_seen > 2020-03-12", true}, Row{"last_seen < 2020-03-12T07:00:00Z", false},
      // Versions are ordered as versions.
      Row{"os.version < 24.04", true}, Row{"os.version = 9.010", true},
      Row{"os.version > 9.9", true}, Row{"os.version:9.1", true}, Row{"os.version = 9.*", true},
      // An element of a list, whole or by wildcard.
      Row{"tags:loan", true}, Row{"tags:LOAN", true}, Row{"tags:vpn", false},
      Row{"tags:vpn*", true}, Row{"tags:*test", true}, Row{"tags:*", true},
      Row{"network.macs:*", false},
      // Presence.
      Row{"notes:*", false}, Row{"model:*", true}, Row{"serial:*", false}, Row{"price:*", true},
      // Absent is neither equal nor unequal, and NOT of it is true.
      Row{"serial = x", false}, Row{"serial != x", false}, Row{"NOT serial = x", true},
      Row{"secure_boot = false", false}, Row{"NOT secure_boot = true", true},
      Row{"warranty_end < 2030-01-01", false},
      // Words.
      Row{"orl-0042", true}, Row{"0042", true}, Row{"eco latitude", true},
      Row{"eco thinkpad", false}, Row{"eco OR thinkpad", true}, Row{"-thinkpad", true},
      // Precedence, seen from outside: true AND (false OR true).
      Row{"tpm2 = true AND price = 1 OR price = 900", true},
      Row{"tpm2 = false AND price = 1 OR price = 900", false});
  INFO(row.filter);
  const auto expression = Parse(row.filter, Resource::kLaptops);
  REQUIRE(expression.ok());
  CHECK(Match(*expression, ValueOf) == row.matches);
}

TEST_CASE("the fields of a filter are told once each, in the order of their first use") {
  const auto expression =
      Parse("tpm2 = true AND (price > 1 OR NOT tpm2 = false) state = LOST", Resource::kLaptops);
  REQUIRE(expression.ok());
  CHECK(FieldsOf(*expression) ==
        std::vector<FieldId>{FieldId::kTpm2, FieldId::kPrice, FieldId::kState});
  CHECK(FieldsOf({}).empty());
}

}  // namespace
}  // namespace parc::filter
