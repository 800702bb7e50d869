#include "daemon/inventory/fold.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace parc::inventory {
namespace {

TEST_CASE("names are equal whatever their case and accents") {
  struct Row {
    std::string_view written;
    std::string_view folded;
  };
  const Row row = GENERATE(
      Row{"Orléans", "orleans"}, Row{"ORLÉANS", "orleans"}, Row{"Élus", "elus"},
      Row{"ŒUVRE", "oeuvre"}, Row{"œuvre", "oeuvre"}, Row{"Ægir", "aegir"},
      Row{"Straße", "strasse"}, Row{"ÿ", "y"}, Row{"Ÿ", "y"}, Row{"Ā", "a"}, Row{"ž", "z"},
      Row{"ſ", "s"}, Row{"À", "a"}, Row{"Ŀ", "l"}, Row{"ŀ", "l"}, Row{"Ł", "l"}, Row{"ł", "l"},
      Row{"ŋ", "n"}, Row{"Ő", "o"}, Row{"ř", "r"}, Row{"ş", "s"}, Row{"ţ", "t"}, Row{"ů", "u"},
      Row{"ŵ", "w"}, Row{"ŷ", "y"}, Row{"ĳ", "ij"}, Row{"ķ", "k"}, Row{"ı", "i"}, Row{"ħ", "h"},
      Row{"ģ", "g"}, Row{"ę", "e"}, Row{"đ", "d"}, Row{"č", "c"}, Row{"Ð", "d"}, Row{"þ", "th"},
      Row{"ø", "o"}, Row{"Noël Çağla", "noel cagla"}, Row{"", ""}, Row{"A-1_b", "a-1_b"});
  INFO(row.written);
  CHECK(Fold(row.written) == row.folded);
}

TEST_CASE("letters outside the Latin tables stay as they are") {
  for (const std::string_view text : {"×", "÷", "Ωμέγα", "Москва", "日本", "°", "№", "€", "💻"}) {
    CHECK(Fold(text) == text);
  }
}

TEST_CASE("folding twice is folding once, also for what is no UTF-8") {
  for (const std::string_view text :
       {"Orléans", "Straße", "\xC3", "a\xC3", "\xC3\xC3\xA9", "\xFF\xFE", "\x80"}) {
    const std::string once = Fold(text);
    CHECK(Fold(once) == once);
  }
}

TEST_CASE("version keys sort as versions do") {
  const std::vector<std::string> ascending = {
      "",     "1",       "1.2",   "1.2.9",   "1.2.10", "1.10",           "2",
      "9.10", "22.04.4", "24.04", "24.04.1", "24.10",  "5.10.0-9-amd64",
  };
  std::vector<std::string> by_version = ascending;
  std::sort(by_version.begin(), by_version.end(), [](const std::string& a, const std::string& b) {
    return VersionKey(a) < VersionKey(b);
  });
  const std::vector<std::string> expected = {
      "",     "1",       "1.2",   "1.2.9",   "1.2.10", "1.10", "2", "5.10.0-9-amd64",
      "9.10", "22.04.4", "24.04", "24.04.1", "24.10"};
  CHECK(by_version == expected);
}

TEST_CASE("leading zeros of a part do not make another version") {
  CHECK(VersionKey("1.02") == VersionKey("1.2"));
  CHECK(VersionKey("0") == VersionKey("000"));
  CHECK(VersionKey("6.1.0-A") == VersionKey("6.1.0-a"));
  CHECK(VersionKey("1.0") != VersionKey("1"));
}

TEST_CASE("parts longer than ten digits still make different keys") {
  CHECK(VersionKey("20240101123456") != VersionKey("20240101123457"));
  CHECK(VersionKey("20240101123456") < VersionKey("20240101123457"));
}

}  // namespace
}  // namespace parc::inventory
