#include "daemon/rpc/checkin_answers.h"

#include <catch2/catch.hpp>

#include "parc/v1/agent.pb.h"

namespace parc::rpc {
namespace {

posture::Policy PolicyOf(std::int64_t version, const std::string& word) {
  const auto check = [&](const std::string& id, posture::Severity severity) {
    posture::Check made;
    made.id = id;
    made.severity = severity;
    made.expression = "network.online = true";
    made.title_en = word + " title of " + id;
    made.title_fr = word + " titre de " + id;
    made.remedy_en = word + " remedy of " + id;
    made.remedy_fr = word + " remède de " + id;
    return made;
  };
  auto policy = posture::MakePolicy(
      version, 86'400'000'000,
      {check("mild", posture::Severity::kInfo), check("grave", posture::Severity::kBlocker),
       check("also-grave", posture::Severity::kBlocker)});
  REQUIRE(policy.ok());
  return *std::move(policy);
}

v1::CheckInResponse Parsed(const std::string& bytes) {
  v1::CheckInResponse response;
  REQUIRE(response.ParseFromString(bytes));
  return response;
}

}  // namespace

TEST_CASE("an answer holds the problems, the most severe first, in the words of the policy") {
  const posture::Policy policy = PolicyOf(1, "old");
  CheckInAnswers answers;
  checkin::Answer answer;
  answer.stale = true;
  answer.next_contact = 900'000'000;
  answer.server_time = 1'584'702'000'000'000;
  answer.judgement.verdict = posture::Verdict::kNotReady;
  answer.judgement.checks = {
      {"mild", posture::Outcome::kUnknown, 0, "not reported", false},
      {"grave", posture::Outcome::kFail, 1'584'701'000'000'000, "network.online = false", true},
      {"gone", posture::Outcome::kFail, 0, std::string(300, 'e'), false},
      {"also-grave", posture::Outcome::kFail, 1, "", false}};

  const v1::CheckInResponse wire = Parsed(answers.Write(answer, policy, ""));
  CHECK(wire.stale());
  CHECK_FALSE(wire.send_complete());
  CHECK(wire.next_contact().seconds() == 900);
  CHECK(wire.server_time().seconds() == 1'584'702'000);
  CHECK(wire.verdict() == v1::VERDICT_NOT_READY);
  REQUIRE(wire.problems_size() == 4);
  const auto& grave = wire.problems(0);
  CHECK(grave.check() == "grave");
  CHECK(grave.severity() == v1::CHECK_SEVERITY_BLOCKER);
  CHECK(grave.outcome() == v1::CHECK_OUTCOME_FAIL);
  CHECK(grave.since_time().seconds() == 1'584'701'000);
  CHECK(grave.evidence() == "network.online = false");
  CHECK(grave.in_grace());
  CHECK(grave.title_en() == "old title of grave");
  CHECK(grave.title_fr() == "old titre de grave");
  CHECK(grave.remedy_en() == "old remedy of grave");
  CHECK(grave.remedy_fr() == "old remède de grave");
  CHECK(wire.problems(1).check() == "also-grave");
  CHECK(wire.problems(2).check() == "mild");
  CHECK_FALSE(wire.problems(2).has_since_time());
  const auto& gone = wire.problems(3);
  CHECK(gone.check() == "gone");
  CHECK(gone.severity() == v1::CHECK_SEVERITY_INFO);
  CHECK(gone.evidence().size() == 300);
  CHECK(gone.title_en().empty());

  SECTION("the next answer has the words of the policy that is in force by then") {
    const posture::Policy later = PolicyOf(2, "new");
    CHECK(Parsed(answers.Write(answer, later, "")).problems(0).title_en() == "new title of grave");
    CHECK(Parsed(answers.Write(answer, policy, "")).problems(0).title_en() == "old title of grave");
  }
  SECTION("the policy's applications go to who does not hold them") {
    CHECK(wire.applications_digest().empty());
    posture::Policy with = policy;
    posture::Application application;
    application.id = "intranet";
    application.host = "intranet.example";
    application.port = 443;
    with.applications.push_back(application);
    const v1::CheckInResponse first = Parsed(answers.Write(answer, with, ""));
    REQUIRE(first.applications_size() == 1);
    CHECK(first.applications(0).application() == "intranet");
    CHECK(first.applications(0).port() == 443);
    const v1::CheckInResponse next =
        Parsed(answers.Write(answer, with, first.applications_digest()));
    CHECK(next.applications_size() == 0);
    CHECK(next.applications_digest() == first.applications_digest());
    CHECK(Parsed(answers.Write(answer, policy, next.applications_digest())).applications_digest() ==
          "");
  }
  SECTION("an answer without problems has none") {
    answer.judgement.checks.clear();
    CHECK(Parsed(answers.Write(answer, policy, "")).problems_size() == 0);
  }
}

}  // namespace parc::rpc
