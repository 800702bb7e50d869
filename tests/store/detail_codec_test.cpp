#include "daemon/store/detail_codec.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace parc::store {
namespace {

using posture::CheckResult;
using posture::Outcome;

const std::string kBegan = "1584660000000000";

TEST_CASE("results come back from their column, those that are no problem without evidence") {
  std::vector<CheckResult> checks = {{"a", Outcome::kPass, 7, "", false},
                                     {"b", Outcome::kFail, 7, "b = false", true},
                                     {"c", Outcome::kUnknown, 7, "c: not reported", false},
                                     {"d", Outcome::kNotApplicable, 0, "", false},
                                     {"e", Outcome::kError, 9, "two machines", false},
                                     {"f", Outcome::kPending, -1, "", false},
                                     {"g", Outcome::kStale, 9, "", true}};
  const auto back = UnpackChecks(Pack(checks));
  REQUIRE(back.ok());
  CHECK(*back == checks);
  CHECK(PackAlike(checks, *back));
  CHECK(UnpackChecks(Pack(std::vector<CheckResult>{}))->empty());

  checks[0].evidence = "a = true";
  checks[3].evidence = "d = 4";
  CHECK(Pack(checks) == Pack(*back));
  CHECK(PackAlike(checks, *back));
  CHECK_FALSE(PackAlike(checks, {}));
  const std::vector<CheckResult> same = *back;
  const auto differs = [&](auto change) {
    std::vector<CheckResult> other = same;
    change(other[1]);
    return !PackAlike(other, same) && Pack(other) != Pack(same);
  };
  CHECK(differs([](CheckResult& it) { it.check = "B"; }));
  CHECK(differs([](CheckResult& it) { it.outcome = Outcome::kUnknown; }));
  CHECK(differs([](CheckResult& it) { it.since = 8; }));
  CHECK(differs([](CheckResult& it) { it.evidence = ""; }));
  CHECK(differs([](CheckResult& it) { it.in_grace = false; }));
}

TEST_CASE("a result that says nothing new is its name and three bytes") {
  const std::vector<CheckResult> checks(20, {"net-online", Outcome::kPass, 7, "net = true", false});
  CHECK(Pack(checks).size() == 20 * (std::string("net-online").size() + 3) + 2);
}

TEST_CASE("rows from before schema 13 are read as they are") {
  const std::string old = "net-online\x1FPASS\x1F" + kBegan + "\x1Fnetwork.online = true\x1F" +
                          "0\x1F\x1Ewall\x1F" + "FAIL\x1F" + kBegan +
                          "\x1F"
                          "firewall = false\x1F" +
                          "1\x1F\x1E";
  const auto checks = UnpackChecks(old);
  REQUIRE(checks.ok());
  REQUIRE(checks->size() == 2);
  CHECK((*checks)[0] == CheckResult{"net-online", Outcome::kPass, 1584660000000000,
                                    "network.online = true", false});
  CHECK((*checks)[1] ==
        CheckResult{"wall", Outcome::kFail, 1584660000000000, "firewall = false", true});
  CHECK(PackAlike(*checks, *UnpackChecks(Pack(*checks))));
}

TEST_CASE("results are counted without a copy, and an outcome without a name is an error") {
  const std::vector<CheckResult> checks = {{"a", Outcome::kPass, 7, "", false},
                                           {"b", Outcome::kFail, 7, "b = false", true}};
  std::string seen;
  const auto status = ForEachCheck(Pack(checks), [&](const CheckGlance& glance) {
    seen += std::string(glance.check) + std::string(posture::ToString(glance.outcome)) +
            (glance.in_grace ? "!" : "") + " ";
  });
  CHECK(status.ok());
  CHECK(seen == "aPASS bFAIL! ");
  for (const std::string outcome : {"X", "PAST", ""}) {
    INFO(outcome);
    const std::string row = "a\x1F" + outcome + "\x1F\x1E";
    CHECK(absl::IsInternal(UnpackChecks(row).status()));
    CHECK(absl::IsInternal(ForEachCheck(row, [](const CheckGlance&) {})));
  }
}

}  // namespace
}  // namespace parc::store
