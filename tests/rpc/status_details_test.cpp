#include "daemon/rpc/status_details.h"

#include <catch2/catch.hpp>

#include "daemon/inventory/reason.h"
#include "google/rpc/error_details.pb.h"
#include "grpcpp/support/status.h"

namespace parc::rpc {

TEST_CASE("a refusal keeps its code, reason, field and details on the way over the wire") {
  absl::Status refused = WithDetail(Refuse(absl::StatusCode::kFailedPrecondition, "ILLEGAL_MOVE",
                                           "A retired laptop cannot be assigned.", "event"),
                                    "possible_events", "none");
  const grpc::Status wire = ToGrpc(refused);
  CHECK(wire.error_code() == grpc::StatusCode::FAILED_PRECONDITION);
  CHECK(wire.error_message() == "A retired laptop cannot be assigned.");
  google::rpc::Status details;
  REQUIRE(details.ParseFromString(wire.error_details()));
  REQUIRE(details.details_size() == 2);
  google::rpc::ErrorInfo info;
  REQUIRE(details.details(0).UnpackTo(&info));
  CHECK(info.domain() == "parc");
  CHECK(info.reason() == "ILLEGAL_MOVE");
  CHECK(info.metadata().at("possible_events") == "none");
  CHECK(FromRpcStatus(details) == refused);
}

TEST_CASE("every error has a reason, also one that nobody gave a reason") {
  CHECK(ReasonOf(FromRpcStatus(ToRpcStatus(absl::CancelledError("gone")))) == "CANCELLED");
  CHECK(ToRpcStatus(absl::OkStatus()).details_size() == 0);
  CHECK(FromRpcStatus(ToRpcStatus(absl::OkStatus())).ok());
}

TEST_CASE("what went wrong inside is not told to strangers") {
  for (const auto code :
       {absl::StatusCode::kInternal, absl::StatusCode::kUnknown, absl::StatusCode::kDataLoss}) {
    const absl::Status cause(code, "no such table: laptops in /var/lib/parc/parc.db");
    CHECK(IsOurFault(cause));
    CHECK(ToRpcStatus(cause).DebugString().find("parc.db") == std::string::npos);
  }
  CHECK_FALSE(IsOurFault(absl::NotFoundError("x")));
}

TEST_CASE("clients learn that the storage failed, and neither its SQL nor its files") {
  for (const char* reason : {"STORAGE_FULL", "STORAGE_BUSY", "STORAGE_FAILED"}) {
    const absl::Status cause = WithDetail(
        Refuse(absl::StatusCode::kUnavailable, reason,
               "running \"INSERT INTO replies\" in /var/lib/parc/parc.db: disk I/O error (10)"),
        "file", "/var/lib/parc/parc.db");
    CHECK(IsHidden(cause));
    CHECK_FALSE(IsOurFault(cause));
    const google::rpc::Status wire = ToRpcStatus(cause);
    CHECK(ReasonOf(FromRpcStatus(wire)) == reason);
    CHECK(wire.code() == static_cast<int>(absl::StatusCode::kUnavailable));
    for (const char* secret : {"INSERT", "parc.db", "/var"}) {
      CHECK(wire.SerializeAsString().find(secret) == std::string::npos);
    }
  }
  CHECK_FALSE(IsHidden(Refuse(absl::StatusCode::kResourceExhausted, "BUSY", "busy")));
}

TEST_CASE("hostile text is cut between characters, and its control characters are shown as such") {
  struct Row {
    std::string_view text;
    std::string_view shown;
  };
  const Row rows[] = {
      {"Orléans", "Orléans"},
      {std::string_view("a\0b", 3), "a\\x00b"},
      {"\x1b[31mred", "\\x1b[31mred"},
      {"tab\tline\n", "tab\\x09line\\x0a"},
      {"\xff\xfe", "\\xff\\xfe"},
      {"\xc3", "\\xc3"},
      {"\xed\xa0\x80", "\\xed\\xa0\\x80"},  // a surrogate
      {"\xc0\xaf", "\\xc0\\xaf"},           // overlong
      {"\xe2\x80\xae"
       "abc",
       "\\xe2\\x80\\xaeabc"},  // turns the line around
      {"\xc2\x85", "\\xc2\\x85"},
  };
  for (const Row& row : rows) CHECK(Shown(row.text) == row.shown);
  CHECK(Shown("éééé", 5) == "éé…");
  CHECK(Shown(std::string(100, 'x')) == std::string(64, 'x') + "…");
  const absl::Status hostile = absl::InvalidArgumentError(std::string(100'000, '\xff'));
  CHECK(ToGrpc(hostile).error_details().size() < 4096);
}

}  // namespace parc::rpc
