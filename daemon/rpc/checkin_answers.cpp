#include "daemon/rpc/checkin_answers.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "daemon/access/digest.h"
#include "daemon/posture/judge.h"
#include "daemon/rpc/convert_common.h"
#include "daemon/rpc/convert_verdicts.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "parc/v1/agent.pb.h"

namespace parc::rpc {
namespace {

constexpr std::uint32_t kLengthDelimited = 2;  // wire type
constexpr std::uint32_t kProblemTag =
    std::uint32_t{parc::v1::CheckInResponse::kProblemsFieldNumber} << 3 | kLengthDelimited;

// Of a result, what the policy does not say.
void FillOwn(const posture::CheckResult& result, parc::v1::CheckResult& wire) {
  wire.set_outcome(ToProto(result.outcome));
  if (result.since != 0) *wire.mutable_since_time() = TimeToProto(result.since);
  wire.set_evidence(result.evidence);
  wire.set_in_grace(result.in_grace);
}

}  // namespace

const CheckInAnswers::Words& CheckInAnswers::Of(std::string_view check) {
  const auto known = words_.find(check);
  if (known != words_.end()) return known->second;
  Words words;
  parc::v1::CheckResult wire;
  wire.set_check(std::string(check));
  if (const posture::Check* said = policy_->Find(check)) {
    words.severity = said->severity;
    wire.set_title_en(said->title_en);
    wire.set_title_fr(said->title_fr);
    wire.set_remedy_en(said->remedy_en);
    wire.set_remedy_fr(said->remedy_fr);
  }
  wire.set_severity(ToProto(words.severity));
  words.bytes = wire.SerializeAsString();
  return words_.emplace(check, std::move(words)).first->second;
}

void CheckInAnswers::Begin(const posture::Policy& policy) {
  policy_ = &policy;
  words_.clear();
  parc::v1::CheckInResponse list;
  for (const posture::Application& application : policy.applications) {
    parc::v1::ApplicationTarget& target = *list.add_applications();
    target.set_application(application.id);
    target.set_host(application.host);
    target.set_port(application.port);
    target.set_tls(application.tls);
    target.set_through_vpn(application.through_vpn);
  }
  applications_ = list.SerializeAsString();
  applications_digest_ = applications_.empty() ? std::string() : access::Sha256(applications_);
}

std::string CheckInAnswers::Write(const checkin::Answer& answer, const posture::Policy& policy,
                                  std::string_view held_applications) {
  if (policy_ != &policy) Begin(policy);
  parc::v1::CheckInResponse wire;
  wire.set_stale(answer.stale);
  wire.set_send_complete(answer.send_complete);
  *wire.mutable_next_contact() = DurationToProto(answer.next_contact);
  *wire.mutable_server_time() = TimeToProto(answer.server_time);
  wire.set_verdict(ToProto(answer.judgement.verdict));
  wire.set_applications_digest(applications_digest_);
  wire.set_problems_digest(answer.problems_digest);

  std::vector<Problem> problems;
  for (const posture::CheckResult& result : answer.judgement.checks)
    problems.push_back({&Of(result.check), &result});
  std::ranges::stable_sort(problems, {}, [](const Problem& each) { return each.words->severity; });

  std::string bytes = wire.SerializeAsString();
  if (held_applications != applications_digest_) bytes += applications_;
  AppendTo(bytes, problems);
  return bytes;
}

// The encoding of a message is that of its fields one after the other, in any order: parts of it
// may be written apart.
void CheckInAnswers::AppendTo(std::string& bytes, const std::vector<Problem>& problems) {
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream out(&stream);
  parc::v1::CheckResult own;
  for (const Problem& problem : problems) {
    own.Clear();
    FillOwn(*problem.result, own);
    out.WriteTag(kProblemTag);
    out.WriteVarint32(static_cast<std::uint32_t>(problem.words->bytes.size() + own.ByteSizeLong()));
    out.WriteString(problem.words->bytes);
    own.SerializeWithCachedSizes(&out);
  }
}

}  // namespace parc::rpc
