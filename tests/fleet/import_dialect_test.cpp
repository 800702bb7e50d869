#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "daemon/fleet/import.h"
#include "daemon/inventory/reason.h"
#include "tests/fleet/fleet_support.h"

namespace parc::test {
namespace {

using Catch::Contains;
using fleet::Encoding;
using fleet::ImportFile;
using fleet::ImportKind;
using fleet::ReadImportFile;

constexpr std::string_view kBom = "\xEF\xBB\xBF";

absl::StatusOr<ImportFile> Read(std::string_view bytes, Encoding encoding = Encoding::kAuto) {
  return ReadImportFile(ImportKind::kPeople, std::string(bytes), encoding);
}

// All cells of all rows, "a|b" each.
std::vector<std::string> Rows(const ImportFile& file) {
  std::vector<std::string> rows;
  fleet::ImportFileRows cut(file);
  fleet::ImportRow row;
  while (cut.Next(row)) {
    std::string text = std::to_string(row.line) + ":";
    for (std::size_t i = 0; i < row.cells.size(); ++i) text += (i == 0 ? "" : "|") + row.cells[i];
    rows.push_back(text);
  }
  return rows;
}

TEST_CASE("one table reads the same in every dialect of an office") {
  const std::string separator = GENERATE(";", ",", "\t");
  const std::string line_end = GENERATE("\n", "\r\n", "\r");
  const std::string encoding = GENERATE("utf-8", "utf-8 with BOM", "windows-1252");
  INFO(separator << " " << encoding);
  const bool ansi = encoding == "windows-1252";
  const std::string accented = ansi ? "Andr\xE9 \x8Cuvrard" : "André Œuvrard";
  std::string bytes = "Matricule" + separator + "Nom" + separator + "Population" + line_end + "P1" +
                      separator + accented + separator + (ansi ? "Si\xE8ge" : "Siège") + line_end +
                      "P2" + separator + "\"a" + separator + "b\"" + separator + "" + line_end;
  if (encoding == "utf-8 with BOM") bytes = std::string(kBom) + bytes;
  const auto file = Read(bytes);
  INFO(file.status());
  REQUIRE(file.ok());
  CHECK(file->headers == std::vector<std::string>{"Matricule", "Nom", "Population"});
  CHECK(Rows(*file) ==
        std::vector<std::string>{"2:P1|André Œuvrard|Siège", "3:P2|a" + separator + "b|"});
  const std::string shown = separator == "\t" ? "tab" : "'" + separator + "'";
  CHECK(file->dialect == (ansi ? "windows-1252" : "utf-8") + std::string(", separator ") + shown +
                             ", 3 columns, 2 rows");
}

TEST_CASE("Windows-1252 has a euro, quotes and dashes where Latin-1 has nothing") {
  const auto file = Read("a;b\n\x80;\x93\x85\x94 \x96 \x92\xFF\n");
  REQUIRE(file.ok());
  CHECK(Rows(*file) == std::vector<std::string>{"2:€|“…” – ’ÿ"});
}

TEST_CASE("an encoding that is named holds, whatever the bytes look like") {
  CHECK(Rows(*Read("a;b\n\xC3\xA9;1\n", Encoding::kWindows1252)) ==
        std::vector<std::string>{"2:Ã©|1"});
  CHECK(Rows(*Read("a;b\n\xC3\xA9;1\n", Encoding::kUtf8)) == std::vector<std::string>{"2:é|1"});
  CHECK(Refusal(Read("a;b\n\xE9;1\n", Encoding::kUtf8).status()) == "INVALID_ARGUMENT BAD_CSV");
  CHECK(Refusal(Read(std::string(kBom) + "a;b\n\xE9;1\n").status()) == "INVALID_ARGUMENT BAD_CSV");
}

TEST_CASE("bytes that are almost UTF-8 are read as Windows-1252, never as half a letter") {
  for (const std::string bytes :
       {"\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE9t"}) {
    const auto file = Read("a;b\n" + bytes + ";1\n");
    REQUIRE(file.ok());
    CHECK_THAT(file->dialect, Catch::StartsWith("windows-1252"));
  }
}

TEST_CASE("quoted cells hold separators, quotes and line breaks of any form") {
  const auto file = Read(
      "a;b\n"
      "\"x;y\";\"say \"\"hi\"\"\"\n"
      "\"two\nlines\";\"two\r\nlines\"\n"
      "\"old\rMac\";7\n"
      "it\"s;\" kept within \"\n"
      "\"\";\"\"\"\"\n");
  INFO(file.status());
  REQUIRE(file.ok());
  CHECK(Rows(*file) == std::vector<std::string>{"2:x;y|say \"hi\"", "3:two\nlines|two\nlines",
                                                "6:old\nMac|7", "8:it\"s|kept within", "9:|\""});
}

TEST_CASE("lines are counted as an editor counts them, blank ones included") {
  const auto file = Read("\n;;\na;b;c\n\n1;2;3\n;;\n\"x\n\ny\";2;3\n4;5;6");
  REQUIRE(file.ok());
  CHECK(Rows(*file) == std::vector<std::string>{"5:1|2|3", "7:x\n\ny|2|3", "10:4|5|6"});
}

TEST_CASE("what keeps a spreadsheet from running a cell is taken off, and only that") {
  const auto file = Read(
      "a;b\n"
      "'=1+1;'+33 6\n"
      "'-5;'@x\n"
      "=1+1;+33 6\n"
      "'quoted';'\n"
      "d'azur;''=x\n");
  REQUIRE(file.ok());
  CHECK(Rows(*file) == std::vector<std::string>{"2:=1+1|+33 6", "3:-5|@x", "4:=1+1|+33 6",
                                                "5:'quoted'|'", "6:d'azur|''=x"});
}

TEST_CASE("blanks around cells are no part of them, no-break ones included") {
  const auto file = Read("a ; b\n x\t;\xC2\xA0y \xC2\xA0\n");
  REQUIRE(file.ok());
  CHECK(file->headers == std::vector<std::string>{"a", "b"});
  CHECK(Rows(*file) == std::vector<std::string>{"2:x|y"});
}

TEST_CASE("a file that cannot be read is refused by the line") {
  struct Row {
    std::string bytes;
    std::string line;
    std::string what;
  };
  const std::vector<Row> rows = {
      {"", "1", "the file is empty"},
      {"\n\n;;\n", "1", "the file is empty"},
      {"\xFF\xFE"
       "a",
       "1", "UTF-16"},
      {"\xFE\xFF"
       "a",
       "1", "UTF-16"},
      {"a;b\n1;2\n\"x;2\n3;4\n", "3", "a quoted cell that begins here never ends"},
      {"a;b\n\"x\"y;2\n", "2", "text follows the closing quote"},
      {"a;b\n1;2\n" + std::string(4097, 'x') + ";2\n", "3", "cell 1 is longer than 4096 bytes"},
      {std::string("a;b\n1;2\0\n", 9), "2", "NUL byte"},
      {"a;b\n" + std::string(200, ';') + "\n", "2", "more than 200 columns"},
  };
  for (const Row& row : rows) {
    INFO(row.bytes.substr(0, 40));
    const auto refused = Read(row.bytes);
    REQUIRE_FALSE(refused.ok());
    CHECK(Refusal(refused.status()) == "INVALID_ARGUMENT BAD_CSV");
    CHECK(DetailOf(refused.status(), "line") == row.line);
    CHECK_THAT(std::string(refused.status().message()),
               Contains("line " + row.line + ": ") && Contains(row.what));
  }
}

TEST_CASE("a hostile file costs its own size and no more") {
  std::string bytes = "Matricule;Nom\n";
  for (int i = 0; i < 20'000; ++i) bytes += "a\n";
  const auto file = Read(bytes);
  REQUIRE(file.ok());
  CHECK(file->rows == 20'000);
  CHECK(file->text.size() == bytes.size());
  for (std::int64_t i = 20'000; i < fleet::kMaxImportRows; ++i) bytes += "a\n";
  CHECK(Read(bytes).ok());  // as many as there may be
  bytes += "a\n";
  const auto refused = Read(bytes);
  CHECK(Refusal(refused.status()) == "INVALID_ARGUMENT FILE_TOO_LARGE");
  CHECK_THAT(std::string(refused.status().message()), Contains("more than 100000 rows"));
  CHECK(Refusal(Read(std::string((128u << 20) + 1, 'a')).status()) ==
        "INVALID_ARGUMENT FILE_TOO_LARGE");
  CHECK(Refusal(Read(std::string(70u << 20, '\x80')).status()) ==
        "INVALID_ARGUMENT FILE_TOO_LARGE");  // 210 MB of euros
  CHECK(Refusal(Read(std::string(64u << 20, 'a')).status()) == "INVALID_ARGUMENT BAD_CSV");
}

TEST_CASE("of many refused rows 10,000 are told and the others counted") {
  ScratchFleet fleet;
  std::string bytes = "Matricule;Nom;Population\n";
  for (int i = 0; i < 12'000; ++i) bytes += "é" + std::string(4000, 'x') + "\n";
  const auto result = Import(fleet, ImportKind::kPeople, bytes);
  REQUIRE(result.ok());
  CHECK(result->refused == 12'000);
  CHECK(result->rows.size() == fleet::kMaxRowResults);
  CHECK(result->rows_left_off == 2'000);
  CHECK_FALSE(result->applied);
  CHECK(result->rows.back().line == 10'001);
  CHECK(result->rows.back().key.size() == 128);
}

TEST_CASE("the separator is what the header has most of, outside quotes") {
  CHECK(Read("\"a;b;c\",d,e\n1,2,3\n")->headers == std::vector<std::string>{"a;b;c", "d", "e"});
  CHECK(Read("Nom, prénom;Prix\n\"x\";1\n")->headers ==
        std::vector<std::string>{"Nom, prénom", "Prix"});
  CHECK(Read("only\nx\n")->headers == std::vector<std::string>{"only"});
}

}  // namespace
}  // namespace parc::test
