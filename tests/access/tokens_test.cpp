#include "daemon/access/tokens.h"

#include <catch2/catch.hpp>
#include <cctype>
#include <regex>
#include <vector>

#include "daemon/access/digest.h"
#include "daemon/inventory/reason.h"
#include "tests/access/access_support.h"

namespace parc::access {

TEST_CASE("a token is read back as it was made") {
  const RandomBytes dice = LoadedDice();
  for (const TokenKind kind : {TokenKind::kEnrolment, TokenKind::kPerson}) {
    const TokenParts made = MakeToken(kind, dice);
    const auto read = ParseToken(kind, FormatToken(kind, made));
    REQUIRE(read.ok());
    CHECK(*read == made);
    CHECK(IsTokenId(read->id));
  }
}

TEST_CASE("tokens have the form that the documentation promises") {
  const RandomBytes dice = LoadedDice();
  CHECK(std::regex_match(FormatToken(TokenKind::kEnrolment, MakeToken(TokenKind::kEnrolment, dice)),
                         std::regex("parcE1\\.[a-z2-7]{10}\\.[a-z2-7]{26}\\.[0-9a-f]{8}")));
  CHECK(std::regex_match(FormatToken(TokenKind::kPerson, MakeToken(TokenKind::kPerson, dice)),
                         std::regex("parcP1\\.[a-z2-7]{10}\\.[a-z2-7]{32}\\.[0-9a-f]{8}")));
}

TEST_CASE("the checksum of a token is the CRC-32 that other languages' libraries compute") {
  const TokenParts token{"aaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbbbb"};
  CHECK(FormatToken(TokenKind::kEnrolment, token) ==
        "parcE1.aaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbb.18150a0c");  // zlib.crc32 of Python
}

TEST_CASE("a token in capitals, or with blanks around it, is the same token") {
  const TokenParts made = MakeToken(TokenKind::kEnrolment, LoadedDice());
  std::string text = FormatToken(TokenKind::kEnrolment, made);
  for (char& c : text) c = static_cast<char>(std::toupper(c));
  CHECK(*ParseToken(TokenKind::kEnrolment, " " + text + "\n") == made);
}

TEST_CASE("every mistyped character is noticed before the database is asked") {
  const std::string text =
      FormatToken(TokenKind::kEnrolment, MakeToken(TokenKind::kEnrolment, LoadedDice()));
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string wrong = text;
    wrong[i] = text[i] == 'a' ? 'b' : 'a';
    INFO(wrong);
    const auto parsed = ParseToken(TokenKind::kEnrolment, wrong);
    CHECK(parsed.status().code() == absl::StatusCode::kInvalidArgument);
    CHECK(ReasonOf(parsed.status()) == "BAD_TOKEN_FORMAT");
  }
}

TEST_CASE("what is no token at all is refused without an echo") {
  const std::string person =
      FormatToken(TokenKind::kPerson, MakeToken(TokenKind::kPerson, LoadedDice()));
  const std::vector<std::string> others = {"",
                                           "parcE1",
                                           "parcE1...",
                                           "a.b.c.d.e",
                                           std::string(5000, 'a'),
                                           person,
                                           "\x00\xff",
                                           "parcE1.aaaaaaaaaa.b.00000000"};
  for (const std::string& other : others) {
    const auto parsed = ParseToken(TokenKind::kEnrolment, other);
    CHECK(ReasonOf(parsed.status()) == "BAD_TOKEN_FORMAT");
    CHECK(parsed.status().message() == "The enrolment code is mistyped: copy it again as a whole.");
  }
}

TEST_CASE("an enrolment URL embeds the trust") {
  CHECK(EnrolmentUrl("parc.example", 8444, "parcE1.x.y.z", "00ff") ==
        "parc://parc.example:8444/#parcE1.x.y.z&ca=sha256:00ff");
  CHECK(EnrolmentUrl("::1", 8444, "t", "f") == "parc://[::1]:8444/#t&ca=sha256:f");
}

TEST_CASE("secrets are compared as a whole") {
  CHECK(SameSecret("abc", "abc"));
  CHECK_FALSE(SameSecret("abc", "abd"));
  CHECK_FALSE(SameSecret("abc", "abcd"));
  CHECK(Hex(Sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace parc::access
