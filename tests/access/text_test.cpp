#include "daemon/access/text.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "daemon/inventory/reason.h"

namespace parc::access {

TEST_CASE("text of people is taken as it is, or not at all") {
  const std::vector<std::string> good = {"", "Élodie", "日本", "\xf0\x9f\x92\xbb", "a b"};
  for (const std::string& text : good) CHECK(CheckText(text, "owner", 64).ok());

  const std::vector<std::string> bad = {
      std::string(65, 'a'),
      "a\nb",
      std::string("a\0b", 3),
      "\x7f",
      "\xc2\x85",
      "\xe2\x80\xa8",  // NEL, line separator
      "\xe2\x80\xae",
      "\xe2\x81\xa6",  // right-to-left override, isolate
      "\xc0\x80",
      "\xe0\x80\x80",
      "\xf0\x80\x80\x80",  // not the shortest form
      "\xed\xa0\x80",
      "\xf4\x90\x80\x80",  // surrogate, beyond Unicode
      "\xc3",
      "\xe2\x82",
      "\x80",
      "\xff",
  };
  for (const std::string& text : bad) {
    const absl::Status refused = CheckText(text, "owner", 64);
    CHECK(ReasonOf(refused) == "BAD_TEXT");
    CHECK(FieldOf(refused) == "owner");
  }
}

TEST_CASE("text of machines is cleaned") {
  CHECK(*CleanText("  Latitude\t5440 \n", "model") == "Latitude 5440");
  CHECK(*CleanText(std::string("\0\x1b[31mred\x7f", 9), "model") == "[31mred");
  CHECK(*CleanText("a\xe2\x80\xae\xe2\x81\xa9z\xd8\x9c", "model") == "az");
  CHECK(*CleanText(std::string(256, 'x'), "model") == std::string(256, 'x'));
  CHECK(ReasonOf(CleanText(std::string(257, 'x'), "model").status()) == "BAD_TEXT");
  CHECK(ReasonOf(CleanText("\xc3\x28", "model").status()) == "BAD_TEXT");
}

}  // namespace parc::access
