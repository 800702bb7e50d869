#include <charconv>

#include "daemon/inventory/reason.h"
#include "daemon/posture/policy_file.h"
#include "daemon/rpc/convert_common.h"
#include "daemon/rpc/convert_policies.h"
#include "daemon/rpc/people_handlers.h"
#include "parc/v1/policies.pb.h"

namespace parc::rpc {
namespace {

// A policy that is not in force has the version it would get.
absl::StatusOr<posture::Policy> Candidate(const posture::Policy& in_force,
                                          const std::string& text) {
  return posture::ParsePolicy(text, in_force.version + 1);
}

// 0 for an empty name.
absl::StatusOr<std::int64_t> VersionFrom(const std::string& name) {
  if (name.empty()) return 0;
  PARC_ASSIGN(const std::string id, IdFrom(name, "policies"));
  std::int64_t version = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), version);
  if (error == std::errc() && end == id.data() + id.size() && version > 0) return version;
  return Refuse(absl::StatusCode::kInvalidArgument, "BAD_NAME",
                "name: a policy is named by its version, as policies/3", "name");
}

absl::StatusOr<v1::Policy> GetPolicy(const Question& question,
                                     const v1::GetPolicyRequest& request) {
  PARC_ASSIGN(const std::int64_t version, VersionFrom(request.name()));
  PARC_ASSIGN(const fleet::KeptPolicy kept, fleet::GetPolicy(question.view, version));
  return ToProto(kept);
}

absl::StatusOr<v1::ListPoliciesResponse> ListPolicies(const Question& question,
                                                      const v1::ListPoliciesRequest& request) {
  PARC_ASSIGN(const fleet::ListQuery query, QueryOf(question, request));
  PARC_ASSIGN(const auto page, fleet::ListPolicies(question.view, query));
  v1::ListPoliciesResponse response;
  PutPage(question, request, page, response,
          [&](const posture::PolicyRecord& record) { *response.add_policies() = ToProto(record); });
  return response;
}

absl::StatusOr<v1::Policy> CheckPolicy(const Question& question,
                                       const v1::CheckPolicyRequest& request) {
  PARC_ASSIGN(const posture::Policy policy,
              Candidate(*question.view.context().policy, request.text()));
  v1::Policy wire;
  PutChecks(policy, wire);
  return wire;
}

absl::Status PreviewPolicy(const std::shared_ptr<People>& people,
                           const std::shared_ptr<LongCall>& call, const grpc::ByteBuffer& bytes) {
  v1::PreviewPolicyRequest request;
  PARC_TRY(Parse(bytes, request));
  PARC_ASSIGN(posture::Policy parsed, Candidate(people->parts.policy->Get(), request.text()));
  const auto policy = std::make_shared<const posture::Policy>(std::move(parsed));
  if (people->previewing.exchange(true)) {
    return Refuse(absl::StatusCode::kResourceExhausted, "BUSY",
                  "another policy is being previewed; try again in a moment");
  }
  // Freed when the question was answered, or could not be asked.
  const std::shared_ptr<void> turn(nullptr, [people](void*) { people->previewing = false; });
  return SubmitQuestion(people, call, [call, policy, turn](fleet::View& view) {
    const fleet::PreviewRun run{.progress =
                                    [call](double share) {
                                      v1::PreviewPolicyResponse part;
                                      part.mutable_progress()->set_share(share);
                                      call->Report(part);
                                    },
                                .cancelled = [call] { return !call->Wanted(); }};
    const absl::StatusOr<fleet::PolicyPreview> preview = fleet::PreviewPolicy(view, *policy, run);
    if (!preview.ok()) return call->Answer(preview.status());
    v1::PreviewPolicyResponse response;
    *response.mutable_preview() = ToProto(*preview, *policy);
    call->Answer(response);
  });
}

absl::StatusOr<v1::Policy> ApplyPolicy(Edit& edit, const v1::ApplyPolicyRequest& request) {
  PARC_ASSIGN(const fleet::KeptPolicy kept,
              fleet::ApplyPolicy(edit.change, request.text(), request.etag()));
  if (kept.is_new) {
    edit.AfterCommit(
        [policy = kept.policy, in_force = edit.parts.policy, judge_again = edit.parts.judge_again] {
          in_force->Put(policy);
          if (judge_again) judge_again();
        });
  }
  return ToProto(kept);
}

}  // namespace

void RegisterPolicies(PeopleHandlers& handlers) {
  handlers.Ask("/parc.v1.PolicyService/GetPolicy", GetPolicy);
  handlers.Ask("/parc.v1.PolicyService/ListPolicies", ListPolicies);
  handlers.Ask("/parc.v1.PolicyService/CheckPolicy", CheckPolicy);
  handlers.handlers().Long("/parc.v1.PolicyService/PreviewPolicy",
                           [people = handlers.people()](const std::shared_ptr<LongCall>& call,
                                                        const grpc::ByteBuffer& bytes) {
                             return PreviewPolicy(people, call, bytes);
                           });
  handlers.Change("/parc.v1.PolicyService/ApplyPolicy", ApplyPolicy);
}

}  // namespace parc::rpc
