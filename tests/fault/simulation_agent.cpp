#include "tests/fault/simulation_agent.h"

#include <algorithm>

#include "daemon/access/tokens.h"
#include "daemon/inventory/reason.h"
#include "fmt/format.h"

namespace parc::simulation {

namespace {

constexpr std::int64_t kInterval = 15 * kMinute;

inventory::FactSheet FactsOf(int contents) {
  inventory::FactSheet facts;
  facts.sections = {inventory::Section::kOs};
  facts.values = {{inventory::FieldId::kOsId, std::string("debian")},
                  {inventory::FieldId::kOsKernel, KernelOf(contents)}};
  return facts;
}

std::string IdOfToken(const std::string& token) {
  return access::ParseToken(access::TokenKind::kEnrolment, token)->id;
}

}  // namespace

Agent::Agent(World& world, std::string tag) : world_(world), tag_(std::move(tag)) {
  contents_ = world_.NewContents();
}

std::string Agent::Describe() const {
  return fmt::format("{}: device={} token={} report {}, stored {}, heard \"{}\"", tag_, device_,
                     token_.empty() ? "none" : "some", sequence_, stored_, heard_);
}

void Agent::Reinstall() {
  token_.clear();
  device_.clear();
  certificate_ = {};
  key_to_be_ = 0;
  sequence_ = stored_ = 0;
  base_ = 0;
  problems_.clear();
  ++boot_;
}

// One timer: a later call takes the place of an earlier one.
void Agent::Wake(std::int64_t wait) {
  const std::uint64_t number = ++wake_;
  world_.timeline.In(wait, [this, number] {
    if (number == wake_) Contact();
  });
}

void Agent::Contact() {
  // Unless an answer says better: full jitter.
  failures_ = std::min(failures_ + 1, 9);
  const std::int64_t longest = std::min<std::int64_t>(1800, std::int64_t{5} << failures_) * kSecond;
  Wake(kSecond + world_.dice.Below(static_cast<int>(longest / kSecond)) * kSecond);
  if (device_.empty()) {
    if (!token_.empty()) Enrol();
    return;
  }
  if (world_.Clock() >= certificate_.renew_at) Renew();
  Report();
}

void Agent::Enrol() {
  if (enrolment_key_ == 0) enrolment_key_ = world_.NewKey();
  access::EnrolCall call;
  call.token = token_;
  call.csr = world_.keys.Csr(enrolment_key_);
  call.serial = "SN-" + tag_;
  call.agent_version = "0.1.0";
  world_.network.Send([this, call, key = enrolment_key_, token = token_] {
    world_.core->Enrol(call, tag_, [this, key, token](absl::StatusOr<access::EnrolAnswer> answer) {
      if (answer.ok() && answer->outcome != access::EnrolOutcome::kRejected)
        world_.ledger.TokenTaken(IdOfToken(token), key);
      if (answer.ok() && answer->outcome == access::EnrolOutcome::kIssued)
        world_.ledger.Issued(answer->device_id, answer->certificate.serial);
      world_.network.Send([this, key, answer] { TakeEnrolment(key, answer); });
    });
    world_.PlanCommit();
  });
}

void Agent::TakeEnrolment(int key, const absl::StatusOr<access::EnrolAnswer>& answer) {
  if (key != enrolment_key_ || !device_.empty()) return;
  failures_ = 0;
  heard_ = answer.ok() ? fmt::format("enrolment {}", static_cast<int>(answer->outcome))
                       : answer.status().ToString();
  const bool again = answer.ok() ? answer->outcome == access::EnrolOutcome::kPending ||
                                       answer->outcome == access::EnrolOutcome::kPendingTakeover
                                 : absl::IsResourceExhausted(answer.status()) ||
                                       absl::IsUnavailable(answer.status());
  if (again) return Wake(kMinute);
  enrolment_key_ = 0;
  token_.clear();
  if (!answer.ok() || answer->outcome != access::EnrolOutcome::kIssued) return;
  ++world_.outcome.enrolments;
  device_ = answer->device_id;
  certificate_ = answer->certificate;
  base_ = 0;
  stored_ = 0;
  Wake(kSecond);
}

void Agent::Renew() {
  if (key_to_be_ == 0) key_to_be_ = world_.NewKey();
  world_.network.Send([this, key = key_to_be_, device = device_, shown = certificate_] {
    const Ledger::Arrived arrived = world_.ledger.Arrive(device, shown.serial);
    world_.core->Renew(
        shown.chain.front(), world_.keys.Csr(key),
        [this, arrived, device, key](absl::StatusOr<access::DeviceCertificate> answer) {
          if (answer.ok()) {
            world_.ledger.Accepted(arrived);
            world_.ledger.Issued(device, answer->serial);
          }
          world_.network.Send([this, key, answer] { TakeRenewal(key, answer); });
        });
    world_.PlanCommit();
  });
}

void Agent::TakeRenewal(int key, const absl::StatusOr<access::DeviceCertificate>& answer) {
  if (key != key_to_be_ || device_.empty() || !answer.ok()) return;
  key_to_be_ = 0;
  certificate_ = *answer;
  ++world_.outcome.renewals;
}

void Agent::Report() {
  if (world_.dice.OneIn(3)) contents_ = world_.NewContents();
  if (world_.dice.OneIn(20)) ++boot_;
  ++sequence_;
  world_.ledger.Made(device_, sequence_, contents_);
  SendReport();
}

void Agent::SendReport() {
  checkin::Report report;
  report.boot_id = fmt::format("00000000-0000-4000-8000-{:012}", boot_);
  report.sequence = sequence_;
  report.sent = world_.timeline.now();
  report.agent_version = "0.1.0";
  report.digest = DigestOf(contents_);
  if (base_ != 0) report.base_digest = DigestOf(base_);
  report.facts = FactsOf(contents_);
  report.held_problems = problems_;
  world_.network.Send([this, report, contents = contents_, device = device_, shown = certificate_] {
    const Ledger::Arrived arrived = world_.ledger.Arrive(device, shown.serial);
    world_.core->CheckIn(
        shown.chain.front(), report,
        [this, arrived, report, contents, shown](absl::StatusOr<checkin::Answer> answer) {
          if (answer.ok()) {
            ++world_.outcome.check_ins;
            world_.ledger.Accepted(arrived);
            if (!answer->send_complete) world_.ledger.Stored(arrived.device, report.sequence);
          }
          world_.network.Send([this, arrived, report, contents, answer] {
            if (arrived.device != device_) return;
            if (!answer.ok()) {
              TakeRefusal(answer.status(), arrived.serial);
            } else {
              TakeAnswer(report.sequence, contents, answer);
              TakeProblems(report.held_problems, *answer);
            }
          });
        });
    world_.PlanCommit();
  });
}

void Agent::TakeAnswer(std::uint64_t sequence, int contents,
                       const absl::StatusOr<checkin::Answer>& answer) {
  failures_ = 0;
  if (sequence == sequence_) Wake(answer->next_contact);
  if (answer->send_complete) {
    base_ = 0;
    if (sequence == sequence_) SendReport();
    return;
  }
  stored_ = std::max(stored_, sequence);
  if (!answer->stale) base_ = contents;
}

void Agent::TakeProblems(const std::string& held, const checkin::Answer& answer) {
  const std::string& told = answer.problems_digest;
  if (answer.judgement.checks.empty() && !told.empty() && told != held)
    world_.ledger.Break("problems", tag_ + " was not sent the problems that it has");
  problems_ = told;
}

bool Agent::TakeRefusal(const absl::Status& status, const std::string& serial) {
  if (absl::IsInvalidArgument(status))
    world_.ledger.Break("honest", fmt::format("{}: {}", tag_, status.ToString()));
  heard_ = status.ToString();
  const bool mine = serial == certificate_.serial;
  const bool over = absl::IsUnauthenticated(status) || absl::IsPermissionDenied(status);
  if (!mine || !over) return false;
  device_.clear();
  certificate_ = {};
  key_to_be_ = 0;
  return true;
}

}  // namespace parc::simulation
