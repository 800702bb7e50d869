#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "client/dates.h"
#include "client/exit.h"
#include "client/explain.h"
#include "client/files.h"
#include "client/lib/errors.h"
#include "client/lifetime.h"
#include "client/listing.h"
#include "client/money.h"
#include "client/proto_text.h"
#include "client/suggest.h"

namespace parc::client {
namespace {

constexpr std::int64_t kNow = 1584606000'000000;  // 2020-03-19 09:20 in Paris

TEST_CASE("a pipe is read when somebody writes into it, and not waited for when nobody does") {
  std::string directory = "/tmp/parc-files-XXXXXX";
  REQUIRE(::mkdtemp(directory.data()) != nullptr);
  const std::string pipe = directory + "/pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const auto silent = OpenFile(pipe, std::chrono::milliseconds(50));
  CHECK(ReasonOf(silent.status()) == "NO_FILE");
  CHECK(std::string(silent.status().message()).find("nobody writes") != std::string::npos);
  CHECK(ReasonOf(OpenFile(directory).status()) == "NO_FILE");
  // Larger than what a pipe holds: it is read to its end as a file is.
  const std::string text(200'000, 'x');
  std::thread writer([&] { CHECK(WriteFile(pipe, text).ok()); });
  const auto file = OpenFile(pipe);
  REQUIRE(file.ok());
  std::string read(text.size() + 1, '\0');
  read.resize(std::fread(read.data(), 1, read.size(), file->get()));
  writer.join();
  CHECK(read == text);
  std::filesystem::remove_all(directory);
}

TEST_CASE("days are typed in the ways an office writes them") {
  ::setenv("TZ", "Europe/Paris", 1);
  ::tzset();
  struct Row {
    const char* typed;
    const char* day;
  };
  const Row rows[] = {{"2020-03-20", "2020-03-20"}, {"20/03/2020", "2020-03-20"},
                      {"5/4/2020", "2020-04-05"},   {"today", "2020-03-19"},
                      {"yesterday", "2020-03-18"},  {"hier", "2020-03-18"},
                      {"2020-02-29", "2020-02-29"}};
  for (const Row& row : rows) {
    INFO(row.typed);
    const auto date = ParseDate(row.typed, kNow);
    REQUIRE(date.ok());
    CHECK(IsoDate(*date) == row.day);
  }
  for (const char* typed : {"", "2020-13-01", "2019-02-29", "20.03.2020", "soon", "20/03/20",
                            "2020-03-20x", "0000-00-00"}) {
    INFO(typed);
    CHECK(ReasonOf(ParseDate(typed, kNow).status()) == "BAD_DATE");
  }
}

TEST_CASE("times are of this machine's zone unless they say theirs") {
  ::setenv("TZ", "Europe/Paris", 1);
  ::tzset();
  CHECK(IsoTime(*ParseTime("2020-03-20T08:00:00Z", kNow)) == "2020-03-20T08:00:00Z");
  CHECK(IsoTime(*ParseTime("2020-03-20T08:00:00+01:00", kNow)) == "2020-03-20T07:00:00Z");
  CHECK(IsoTime(*ParseTime("2020-03-20 08:00", kNow)) == "2020-03-20T07:00:00Z");
  CHECK(IsoTime(*ParseTime("20/03/2020 08:00:30", kNow)) == "2020-03-20T07:00:30Z");
  CHECK(IsoTime(*ParseTime("2020-03-20", kNow)) == "2020-03-20T22:59:59Z");
  for (const char* typed : {"", "25:00", "2020-03-20 25:00", "2020-03-20 08:61", "later"}) {
    INFO(typed);
    CHECK(ReasonOf(ParseTime(typed, kNow).status()) == "BAD_TIME");
  }
}

TEST_CASE("spans and amounts are read strictly") {
  CHECK(*ParseLifetime("90m") == 5400);
  CHECK(*ParseLifetime("24h") == 86400);
  CHECK(*ParseLifetime("14d") == 14 * 86400);
  for (const char* typed : {"", "24", "h", "-1h", "1w", "1h30", "999999999999999999999h"}) {
    INFO(typed);
    CHECK(ReasonOf(ParseLifetime(typed).status()) == "BAD_SPAN");
  }
  const auto money = ParseMoney("849,90", "EUR");
  REQUIRE(money.ok());
  CHECK(money->units() == 849);
  CHECK(money->nanos() == 900'000'000);
  CHECK(Amount(*money) == "849.90");
  for (const char* typed : {"", "1 000", "-3", "1.2.3", "€5"}) {
    INFO(typed);
    CHECK(ReasonOf(ParseMoney(typed, "EUR").status()) == "BAD_AMOUNT");
  }
}

TEST_CASE("names go in and out of the API's form") {
  CHECK(NameIn("laptops", "PF0ABCDE") == "laptops/PF0ABCDE");
  CHECK(NameIn("laptops", "laptops/PF0ABCDE") == "laptops/PF0ABCDE");
  CHECK(IdOf("people/p-00142") == "p-00142");
  CHECK(IdOf("").empty());
  CHECK(LineName("BC-7/1") == "orders/BC-7/lines/1");
  CHECK(LineName("orders/BC-7/lines/1") == "orders/BC-7/lines/1");
  CHECK(LineName("BC-7").empty());
  CHECK(LineName("/1").empty());
  CHECK(LineName("BC-7/").empty());
  CHECK(LineId("orders/BC-7/lines/1") == "BC-7/1");
  CHECK(Word("LAPTOP_STATE_IN_STOCK", "LAPTOP_STATE_") == "IN_STOCK");
  CHECK(Word("LAPTOP_STATE_UNSPECIFIED", "LAPTOP_STATE_").empty());
}

TEST_CASE("a slip of the pen is met with the word that was meant") {
  const std::vector<std::string> verbs = {"status", "laptops", "laptop", "assign", "history"};
  CHECK(Nearest("statsu", verbs) == "status");
  CHECK(Nearest("asign", verbs) == "assign");
  CHECK(Nearest("laptosp", verbs) == "laptops");
  CHECK(Nearest("xyz", verbs).empty());
  CHECK(Nearest("", verbs).empty());
  CHECK(Nearest("name", {"asset_tag", "holder.name"}) == "holder.name");
}

TEST_CASE("columns are chosen by name or added to the usual ones") {
  using Names = std::vector<std::string>;
  const Names usual = {"a", "b"};
  CHECK(ChosenColumns("", usual) == usual);
  CHECK(ChosenColumns("c, d", usual) == Names{"c", "d"});
  CHECK(ChosenColumns("+c,+d", usual) == Names{"a", "b", "c", "d"});
  CHECK(ReasonOf(UnknownColumn("serail", {"serial"})) == "UNKNOWN_COLUMN");
}

TEST_CASE("every error has an exit code that scripts may branch on") {
  using C = absl::StatusCode;
  struct Row {
    C code;
    Exit exit;
  };
  const Row rows[] = {
      {C::kOk, Exit::kOk},
      {C::kInvalidArgument, Exit::kUsage},
      {C::kNotFound, Exit::kNotFound},
      {C::kAlreadyExists, Exit::kConflict},
      {C::kFailedPrecondition, Exit::kConflict},
      {C::kAborted, Exit::kConflict},
      {C::kUnauthenticated, Exit::kAccess},
      {C::kPermissionDenied, Exit::kAccess},
      {C::kUnavailable, Exit::kUnavailable},
      {C::kDeadlineExceeded, Exit::kUnavailable},
      {C::kResourceExhausted, Exit::kUnavailable},
      {C::kInternal, Exit::kFailure},
      {C::kUnknown, Exit::kFailure},
  };
  for (const Row& row : rows) CHECK(ExitFor(absl::Status(row.code, "x")) == row.exit);
}

TEST_CASE("an error says what is wrong and what to do next, in the user's language") {
  const absl::Status missing = MakeError(absl::StatusCode::kNotFound, "LAPTOP_NOT_FOUND",
                                         "no laptop has the asset tag or serial \"X\"");
  const auto english = Explain(missing, {});
  REQUIRE(english.size() == 2);
  CHECK(english[0] == "no laptop has the asset tag or serial \"X\"");
  CHECK(english[1].find("parc laptops") != std::string::npos);
  const auto french = Explain(missing, {.language = Language::kFrench, .filter = {}, .server = {}});
  CHECK(french[0].find("ce portable n'existe pas") == 0);
}

TEST_CASE("the caret stands under the character that is wrong, accents and wide ones counted") {
  const std::string filter = "site = \"Orléans 東京\" AND stat = X";
  const absl::Status bad = MakeError(absl::StatusCode::kInvalidArgument, "BAD_FILTER",
                                     "unknown field \"stat\"", {{"column", "25"}});
  const auto lines = Explain(bad, {.language = {}, .filter = filter, .server = {}});
  REQUIRE(lines.size() == 3);
  CHECK(lines[1] == "  " + filter);
  CHECK(lines[2] == "  " + std::string(26, ' ') + "^");  // two characters are two columns wide
}

TEST_CASE("what the transport says is said in words") {
  const ErrorContext context{.language = {}, .filter = {}, .server = "parc.example:8445"};
  CHECK(Explain(absl::UnavailableError("failed to connect to all addresses"), context)[0] ==
        "cannot reach the Parc server at parc.example:8445");
  CHECK(
      Explain(absl::UnavailableError("Ssl handshake failed: CERTIFICATE_VERIFY_FAILED"), context)[0]
          .find("certificate") != std::string::npos);
  CHECK(Explain(absl::UnavailableError("DNS resolution failed"), context)[0].find("host name") !=
        std::string::npos);
  CHECK(Explain(absl::DeadlineExceededError("Deadline Exceeded"), context)[0] ==
        "parc.example:8445 did not answer in time");
  CHECK(Explain(absl::DeadlineExceededError("Deadline Exceeded"), context)[1].find(
            "parc history") != std::string::npos);
  const auto late =
      MakeError(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED", "not in time");
  CHECK(Explain(late, context)[1].find("parc history") != std::string::npos);
}

TEST_CASE("details survive the way through gRPC and the gateway") {
  const absl::Status made =
      MakeError(absl::StatusCode::kAborted, "ETAG_MISMATCH", "changed", {{"etag", "7"}});
  const ErrorDetails details = DetailsOf(made);
  CHECK(details.reason == "ETAG_MISMATCH");
  CHECK(details.domain == "parc");
  CHECK(details.metadata.at("etag") == "7");
  CHECK(DetailsOf(absl::UnavailableError("x")).reason.empty());
  CHECK(FromGrpc(grpc::Status::OK).ok());
  const absl::Status broken =
      FromGrpc(grpc::Status(grpc::StatusCode::NOT_FOUND, "no", "these bytes are no message"));
  CHECK(broken.code() == absl::StatusCode::kNotFound);
  CHECK(DetailsOf(broken).reason.empty());
}

}  // namespace
}  // namespace parc::client
