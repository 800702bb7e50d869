#include "daemon/inventory/reason.h"

#include <catch2/catch.hpp>

namespace parc {
namespace {

TEST_CASE("a refusal carries its reason, its field and its details") {
  const absl::Status refused =
      WithDetail(Refuse(absl::StatusCode::kInvalidArgument, "BAD_SERIAL", "a sentence", "serial"),
                 "column", "7");
  CHECK(refused.code() == absl::StatusCode::kInvalidArgument);
  CHECK(refused.message() == "a sentence");
  CHECK(ReasonOf(refused) == "BAD_SERIAL");
  CHECK(FieldOf(refused) == "serial");
  CHECK(DetailOf(refused, "column") == "7");
  CHECK(DetailOf(refused, "line").empty());
}

TEST_CASE("a status without a reason has the reason of its code") {
  CHECK(ReasonOf(absl::InternalError("x")) == "INTERNAL");
  CHECK(ReasonOf(absl::UnavailableError("x")) == "UNAVAILABLE");
  CHECK(FieldOf(absl::InternalError("x")).empty());
}

}  // namespace
}  // namespace parc
