#include "daemon/app/logging.h"

#include <catch2/catch.hpp>
#include <sstream>

#include "spdlog/sinks/ostream_sink.h"

namespace parc::app {
namespace {

// What the log holds after `text` was logged, from the level on.
std::string Logged(const std::string& format, const std::string& text) {
  std::ostringstream out;
  spdlog::logger log("", std::make_shared<spdlog::sinks::ostream_sink_st>(out));
  log.set_formatter(MakeLogFormatter(format));
  log.info("{}", text);
  const std::string line = out.str();
  REQUIRE(line.back() == '\n');
  const std::string_view mark = format == "json" ? "\"level\"" : "info";
  return line.substr(line.find(mark), line.size() - line.find(mark) - 1);
}

}  // namespace

TEST_CASE("nobody writes a line of his own into the log") {
  struct Row {
    const char* what;
    std::string message;
    std::string text;
    std::string json;
  };
  const Row rows[] = {
      {"fields", "enrol.answered state=ISSUED device=0195 micros=7",
       "info  enrol.answered state=ISSUED device=0195 micros=7",
       R"("level":"info","event":"enrol.answered","state":"ISSUED","device":"0195","micros":"7"})"},
      {"a value with blanks", "x.failed reason=R message=it is so, since a=b",
       "info  x.failed reason=R message=it is so, since a=b",
       R"("level":"info","event":"x.failed","reason":"R","message":"it is so, since","a":"b"})"},
      {"no fields", "a sentence", "info  a sentence", R"("level":"info","event":"a sentence"})"},
      {"a forged line", "x.y name=a\n2026 error forged", R"(info  x.y name=a\x0a2026 error forged)",
       R"("level":"info","event":"x.y","name":"a\u000a2026 error forged"})"},
      {"an escape sequence", "x.y name=\x1b[31m\x7f", R"(info  x.y name=\x1b[31m\x7f)",
       R"("level":"info","event":"x.y","name":"\u001b[31m\u007f"})"},
      {"C1 control characters",
       "x.y name=\xC2\x9B"
       "31m",
       R"(info  x.y name=\x9b31m)", R"("level":"info","event":"x.y","name":"\u009b31m"})"},
      {"quotes", R"(x.y name="a"\)", R"(info  x.y name="a"\)",
       R"("level":"info","event":"x.y","name":"\"a\"\\"})"},
      {"accents", "x.y name=Orléans", "info  x.y name=Orléans",
       R"("level":"info","event":"x.y","name":"Orléans"})"},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    CHECK(Logged("text", row.message) == row.text);
    CHECK(Logged("json", row.message) == row.json);
  }
}

}  // namespace parc::app
