#include <catch2/catch.hpp>

#include "daemon/access/digest.h"
#include "daemon/inventory/try.h"
#include "daemon/posture/policy_file.h"
#include "parc/v1/agent.pb.h"
#include "parc/v1/policies.grpc.pb.h"
#include "parc/v1/readiness.grpc.pb.h"
#include "tests/rpc/edge_support.h"

// Policies and the fleet's readiness over real sockets.
namespace parc::rpc {
namespace {

constexpr char kGet[] = "/parc.v1.PolicyService/GetPolicy";
constexpr char kApply[] = "/parc.v1.PolicyService/ApplyPolicy";
constexpr char kReportMethod[] = "/parc.v1.AgentService/CheckIn";

const std::string& OneCheck() {
  static const std::string text = R"([[check]]
id = "system"
severity = "blocker"
passes = "os.id = debian"
title.en = "It runs Debian"
title.fr = "Il tourne sous Debian"
remedy.en = "Install Debian."
remedy.fr = "Installer Debian."
)";
  return text;
}

v1::CheckInResponse SendReport(const std::shared_ptr<grpc::Channel>& channel,
                               std::uint64_t sequence, const std::string& os,
                               const std::string& held_applications = "",
                               const std::string& held_problems = "") {
  v1::CheckInRequest request;
  request.set_boot_id("0f8fad5bd9cb469fa16570867728950e");
  request.set_report_seq(sequence);
  request.set_agent_version("0.1.0");
  request.mutable_facts()->mutable_os()->set_id(os);
  request.set_applications_digest(held_applications);
  request.set_problems_digest(held_problems);
  request.set_facts_digest(access::Sha256(request.facts().SerializeAsString()));
  const Reply reply = CallRaw(channel, kReportMethod, request.SerializeAsString());
  INFO(reply.Verdict() << ": " << reply.status.error_message());
  REQUIRE(reply.status.ok());
  v1::CheckInResponse response;
  REQUIRE(response.ParseFromString(reply.bytes));
  return response;
}

void Authorise(const Edge& edge, grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  context.AddMetadata("authorization", "Bearer " + edge.admin());
}

}  // namespace

TEST_CASE("a policy is previewed, applied, in force at once, and judged by") {
  Edge edge;
  const auto laptop = edge.AgentChannel(edge.EnrolledLaptop("PC-1"));
  CHECK(SendReport(laptop, 1, "debian").verdict() != v1::VERDICT_READY);

  v1::PolicyService::Stub stub(edge.PeopleChannel());
  grpc::ClientContext context;
  Authorise(edge, context);
  v1::PreviewPolicyRequest preview;
  preview.set_text(OneCheck());
  const auto stream = stub.PreviewPolicy(&context, preview);
  v1::PreviewPolicyResponse last;
  while (stream->Read(&last)) {
  }
  REQUIRE(stream->Finish().ok());
  CHECK(last.preview().laptops() == 1);
  CHECK(last.preview().etag() == "1");
  REQUIRE(last.preview().changes_size() == 1);
  CHECK(last.preview().changes(0).laptop() == "laptops/PC-1");
  CHECK(last.preview().changes(0).to_verdict() == v1::VERDICT_READY);

  v1::ApplyPolicyRequest apply;
  apply.set_text(OneCheck());
  apply.mutable_options()->set_reason("only Debian");
  v1::Policy applied;
  REQUIRE(edge.Ask(kApply, apply, &applied).status.ok());
  CHECK(applied.version() == 1);
  CHECK(edge.policy.Get().checks.size() == 1);
  CHECK(edge.judged_again == 1);
  v1::Policy kept;
  REQUIRE(edge.Ask(kGet, v1::GetPolicyRequest(), &kept).status.ok());
  CHECK(kept.text() == OneCheck());
  CHECK(kept.reason() == "only Debian");
  CHECK(kept.actor_name().empty() == false);
  CHECK(SendReport(laptop, 2, "fedora").verdict() == v1::VERDICT_NOT_READY);
  CHECK(SendReport(laptop, 3, "debian").verdict() == v1::VERDICT_READY);
}

TEST_CASE("what is wrong with a policy is told by line, column and check; nothing changes") {
  Edge edge;
  v1::ApplyPolicyRequest apply;
  apply.set_text(OneCheck() + "grace = \"soon\"\n");
  const Reply reply = edge.Ask(kApply, apply);
  CHECK(reply.Verdict() == "INVALID_ARGUMENT BAD_POLICY");
  CHECK(reply.field() == "text");
  apply.set_text(OneCheck());
  apply.set_etag("7");
  CHECK(edge.Ask(kApply, apply).Verdict() == "ABORTED ETAG_MISMATCH");
  apply.clear_etag();
  apply.mutable_options()->set_validate_only(true);
  CHECK(edge.Ask(kApply, apply).status.ok());
  CHECK(edge.judged_again == 0);
  CHECK(edge.Ask(kGet, v1::GetPolicyRequest()).Verdict() == "NOT_FOUND POLICY_NOT_FOUND");
}

TEST_CASE("a laptop that was asked for is told to come back soon") {
  Edge edge;
  const auto laptop = edge.AgentChannel(edge.EnrolledLaptop("PC-1"));
  v1::RecheckLaptopRequest request;
  request.set_name("laptops/PC-1");
  constexpr char kRecheck[] = "/parc.v1.ReadinessService/RecheckLaptop";
  CHECK(edge.Ask(kRecheck, request).Verdict() == "FAILED_PRECONDITION NEVER_REPORTED");
  CHECK(SendReport(laptop, 1, "debian").next_contact().seconds() > 600);
  v1::RecheckLaptopResponse asked;
  REQUIRE(edge.Ask(kRecheck, request, &asked).status.ok());
  CHECK(asked.laptop() == "laptops/PC-1");
  CHECK(asked.quick_interval().seconds() == 10);
  CHECK(asked.expected_time().seconds() - asked.last_contact_time().seconds() == 900);
  CHECK(SendReport(laptop, 2, "debian").next_contact().seconds() == 10);
  CHECK(SendReport(laptop, 3, "debian").next_contact().seconds() == 10);
  // Asked for once more, it is known to come back as soon as it was told.
  REQUIRE(edge.Ask(kRecheck, request, &asked).status.ok());
  CHECK(asked.expected_time().seconds() - asked.last_contact_time().seconds() == 10);
}

// Hands PC-1 to somebody.
void HandOut(Edge& edge) {
  edge.Do([](fleet::Change& change) -> absl::Status {
    inventory::Person person;
    person.id = "p-1";
    person.name = "Aïcha Bâ";
    person.population = "staff";
    PARC_TRY(change.CreatePerson(person).status());
    PARC_TRY(change.MoveLaptop("PC-1", inventory::LaptopEvent::kPrepare, "").status());
    PARC_TRY(change.MoveLaptop("PC-1", inventory::LaptopEvent::kPrepared, "").status());
    return change.AssignLaptop("PC-1", "p-1", /*additional=*/false, "").status();
  });
}

// The policy that ships, with two applications.
posture::Policy WithTwoApplications() {
  posture::Policy policy = posture::DefaultPolicy();
  REQUIRE(AddApplication(policy, {"mail", "mail.example.org", 993, true, false, "Mail", "Courriel"})
              .ok());
  REQUIRE(AddApplication(policy, {"erp", "erp.example.org", 443, true, true, "", ""}).ok());
  return policy;
}

TEST_CASE("laptops get the applications of the policy in force, once for each list") {
  Edge edge;
  const auto laptop = edge.AgentChannel(edge.EnrolledLaptop("PC-1"));
  CHECK(SendReport(laptop, 1, "debian").applications_digest().empty());

  v1::ApplyPolicyRequest apply;
  apply.set_text(OneCheck() + R"([[application]]
id = "erp"
url = "https://erp.example.org"
through_vpn = true
)");
  v1::Policy applied;
  REQUIRE(edge.Ask(kApply, apply, &applied).status.ok());
  REQUIRE(applied.applications_size() == 1);
  CHECK(applied.applications(0).host() == "erp.example.org");
  const v1::CheckInResponse first = SendReport(laptop, 2, "debian");
  REQUIRE(first.applications_size() == 1);
  CHECK(first.applications(0).application() == "erp");
  CHECK(first.applications(0).host() == "erp.example.org");
  CHECK(first.applications(0).port() == 443);
  CHECK(first.applications(0).tls());
  CHECK(first.applications(0).through_vpn());
  // Who does not say that it holds the list gets it again.
  CHECK(SendReport(laptop, 3, "debian").applications_size() == 1);
  const v1::CheckInResponse held = SendReport(laptop, 4, "debian", first.applications_digest());
  CHECK(held.applications_size() == 0);
  CHECK(held.applications_digest() == first.applications_digest());

  // Another policy with the same list sends nothing; another list is sent.
  apply.set_text("# The same.\n" + apply.text());
  REQUIRE(edge.Ask(kApply, apply).status.ok());
  CHECK(SendReport(laptop, 5, "debian", first.applications_digest()).applications_size() == 0);
  apply.set_text(apply.text() + "[[application]]\nid = \"mail\"\nhost = \"mail\"\nport = 25\n" +
                 "through_vpn = false\n");
  REQUIRE(edge.Ask(kApply, apply).status.ok());
  CHECK(SendReport(laptop, 6, "debian", first.applications_digest()).applications_size() == 2);
  apply.set_text(OneCheck());
  REQUIRE(edge.Ask(kApply, apply).status.ok());
  const v1::CheckInResponse none = SendReport(laptop, 7, "debian", first.applications_digest());
  CHECK(none.applications_size() == 0);
  CHECK(none.applications_digest().empty());
}

TEST_CASE("laptops get their problems once for each list") {
  Edge edge;
  const auto laptop = edge.AgentChannel(edge.EnrolledLaptop("PC-1"));
  const v1::CheckInResponse first = SendReport(laptop, 1, "debian");
  REQUIRE(first.problems_size() > 5);
  const std::string held = first.problems_digest();
  CHECK(held.size() == 16);
  // Who does not say that it holds the list gets it again.
  CHECK(SendReport(laptop, 2, "debian").problems_size() == first.problems_size());
  const v1::CheckInResponse same = SendReport(laptop, 3, "debian", "", held);
  CHECK(same.problems_size() == 0);
  CHECK(same.problems_digest() == held);
  CHECK(same.verdict() == first.verdict());

  v1::ApplyPolicyRequest apply;
  apply.set_text(OneCheck());
  REQUIRE(edge.Ask(kApply, apply).status.ok());
  const v1::CheckInResponse other = SendReport(laptop, 4, "fedora", "", held);
  CHECK(other.problems_size() == 1);
  CHECK(other.problems_digest() != held);
  const v1::CheckInResponse none = SendReport(laptop, 5, "debian", "", other.problems_digest());
  CHECK(none.problems_size() == 0);
  CHECK(none.problems_digest().empty());
}

TEST_CASE("who has a program, and which applications answer, is told over the wire") {
  Edge edge;
  const auto laptop = edge.AgentChannel(edge.EnrolledLaptop("PC-1"));
  HandOut(edge);
  edge.policy.Put(WithTwoApplications());
  v1::CheckInRequest report;
  report.set_boot_id("0f8fad5bd9cb469fa16570867728950e");
  report.set_report_seq(1);
  report.set_agent_version("0.1.0");
  v1::Tool& tool = *report.mutable_facts()->mutable_tools()->add_tools();
  tool.set_name("teams");
  tool.set_version("1.5.00");
  v1::Applications& applications = *report.mutable_facts()->mutable_applications();
  v1::ApplicationAnswer* answer = applications.add_answers();
  answer->set_application("erp");
  answer->set_answer(v1::GATEWAY_ANSWER_SILENT);
  answer = applications.add_answers();
  answer->set_application("mail");
  answer->set_answer(v1::GATEWAY_ANSWER_REACHABLE);
  report.set_facts_digest(access::Sha256(report.facts().SerializeAsString()));
  REQUIRE(CallRaw(laptop, kReportMethod, report.SerializeAsString()).status.ok());

  constexpr char kRollout[] = "/parc.v1.ReadinessService/GetRolloutReport";
  v1::GetRolloutReportRequest request;
  CHECK(edge.Ask(kRollout, request).Verdict() == "INVALID_ARGUMENT BAD_TOOL");
  request.set_tool("Teams");
  v1::RolloutReport rollout;
  REQUIRE(edge.Ask(kRollout, request, &rollout).status.ok());
  CHECK(rollout.total().laptops() == 1);
  CHECK(rollout.total().installed() == 1);
  REQUIRE(rollout.versions_size() == 1);
  CHECK(rollout.versions(0).version() == "1.5.00");
  CHECK(rollout.known_tools().empty());
  request.set_tool("zoom");
  REQUIRE(edge.Ask(kRollout, request, &rollout).status.ok());
  CHECK(rollout.total().missing() == 1);
  REQUIRE(rollout.known_tools_size() == 1);
  CHECK(rollout.known_tools(0) == "teams");

  v1::ApplicationReport reached;
  REQUIRE(edge.Ask("/parc.v1.ReadinessService/GetApplicationReport",
                   v1::GetApplicationReportRequest(), &reached)
              .status.ok());
  CHECK(reached.reachable() == 1);
  REQUIRE(reached.applications_size() == 2);
  CHECK(reached.applications(0).application() == "erp");
  CHECK(reached.applications(0).failed() == 1);
  CHECK_FALSE(reached.applications(0).reachable());
  CHECK(reached.applications(0).through_vpn());
  CHECK(reached.applications(1).reached() == 1);
  CHECK(reached.applications(1).title_fr() == "Courriel");
  CHECK(reached.applications(1).port() == 993);
}

TEST_CASE("a watch tells what changes, goes on where it ended, and ends with the daemon") {
  Edge edge;
  const auto laptop = edge.AgentChannel(edge.EnrolledLaptop("PC-1"));
  v1::ReadinessService::Stub stub(edge.PeopleChannel());
  const fleet::ViewContext now{.now = edge.now(),
                               .today = inventory::DayOf(edge.now(), "Europe/Paris"),
                               .zone = "Europe/Paris",
                               .stale_after = edge.policy.Get().stale_after,
                               .policy = &edge.policy.Get()};
  std::string token;
  {
    grpc::ClientContext context;
    Authorise(edge, context);
    const auto stream = stub.WatchFleet(&context, v1::WatchFleetRequest());
    v1::WatchFleetResponse message;
    REQUIRE(stream->Read(&message));  // it has begun
    CHECK_FALSE(message.has_change());
    SendReport(laptop, 1, "debian");
    edge.watches.Tick(*edge.views, now);
    REQUIRE(stream->Read(&message));
    CHECK(message.change().laptop() == "laptops/PC-1");
    CHECK(message.change().from_verdict() == v1::VERDICT_UNSPECIFIED);
    CHECK(message.change().to_verdict() != v1::VERDICT_UNSPECIFIED);
    token = message.resume_token();
    context.TryCancel();
    while (stream->Read(&message)) {
    }
    CHECK(stream->Finish().error_code() == grpc::StatusCode::CANCELLED);
  }
  edge.Do([](fleet::Change& change) {
    return change.MoveLaptop("PC-1", inventory::LaptopEvent::kPrepare, "").status();
  });
  grpc::ClientContext context;
  Authorise(edge, context);
  v1::WatchFleetRequest resumed;
  resumed.set_resume_token(token);
  const auto stream = stub.WatchFleet(&context, resumed);
  v1::WatchFleetResponse message;
  REQUIRE(stream->Read(&message));
  edge.watches.Tick(*edge.views, now);
  REQUIRE(stream->Read(&message));
  CHECK(message.change().event() == v1::LAPTOP_EVENT_PREPARE);
  CHECK(message.change().to_state() == v1::LAPTOP_STATE_PREPARING);
  edge.watches.Stop();
  while (stream->Read(&message)) {
  }
  CHECK(stream->Finish().error_code() == grpc::StatusCode::UNAVAILABLE);

  v1::WatchFleetRequest bad;
  bad.set_resume_token("yesterday");
  grpc::ClientContext other;
  Authorise(edge, other);
  const auto refused = stub.WatchFleet(&other, bad);
  CHECK_FALSE(refused->Read(&message));
  CHECK(refused->Finish().error_code() == grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_CASE("a policy that is no policy is refused everywhere") {
  Edge edge;
  v1::CheckPolicyRequest request;
  request.set_text(std::string(posture::DefaultPolicyText()));
  v1::Policy checked;
  REQUIRE(edge.Ask("/parc.v1.PolicyService/CheckPolicy", request, &checked).status.ok());
  CHECK(checked.checks_size() == static_cast<int>(posture::DefaultPolicy().checks.size()));
  CHECK(checked.name().empty());
  request.set_text("no policy");
  CHECK(edge.Ask("/parc.v1.PolicyService/CheckPolicy", request).Verdict() ==
        "INVALID_ARGUMENT BAD_POLICY");
}

}  // namespace parc::rpc
