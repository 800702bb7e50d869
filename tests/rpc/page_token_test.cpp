#include "daemon/rpc/page_token.h"

#include <catch2/catch.hpp>

#include "daemon/inventory/reason.h"

namespace parc::rpc {
namespace {

const PageBinding kBinding{.method = "/parc.v1.LaptopService/ListLaptops",
                           .filter = "state = PREPARED",
                           .order_by = "model",
                           .parent = "",
                           .moment = "m"};

}  // namespace

TEST_CASE("a page token brings its cursor back, and letters that a URL takes") {
  const std::string cursor("[\"PC-1\",\0 7]", 11);
  const std::string token = SealPageToken("key", kBinding, cursor);
  CHECK(
      token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
      std::string::npos);
  const auto opened = OpenPageToken("key", kBinding, token);
  REQUIRE(opened.ok());
  CHECK(*opened == cursor);
}

TEST_CASE("no cursor is no token, and no token is the first page") {
  CHECK(SealPageToken("key", kBinding, "").empty());
  CHECK(OpenPageToken("key", kBinding, "")->empty());
}

TEST_CASE("a page token is worth nothing for another key, list, filter, order, parent or moment") {
  const std::string token = SealPageToken("key", kBinding, "cursor");
  const auto refused = [&](std::string_view key, const PageBinding& binding) {
    const auto opened = OpenPageToken(key, binding, token);
    CHECK(ReasonOf(opened.status()) == "BAD_PAGE_TOKEN");
    CHECK(FieldOf(opened.status()) == "page_token");
  };
  refused("other key", kBinding);
  PageBinding other = kBinding;
  other.method = "/parc.v1.PersonService/ListPeople";
  refused("key", other);
  other = kBinding;
  other.filter = "";
  refused("key", other);
  // The parts do not run into each other.
  other.filter = "state = PREPAREDm";
  other.order_by = "odel";
  refused("key", other);
  other = kBinding;
  other.parent = "people/p-1";
  refused("key", other);
  other = kBinding;
  other.moment = "n";
  refused("key", other);
}

}  // namespace parc::rpc
