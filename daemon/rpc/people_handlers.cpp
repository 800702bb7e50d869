#include "daemon/rpc/people_handlers.h"

#include "daemon/access/digest.h"
#include "daemon/rpc/convert_common.h"

namespace parc::rpc {

fleet::ViewContext ViewContextOf(const Call& call, const PeopleParts& parts) {
  const Context& context = call.context();
  const posture::Policy& policy = parts.policy->Get();
  return {.now = call.now(),
          .today = inventory::DayOf(call.now(), context.zone),
          .zone = context.zone,
          .stale_after = policy.stale_after,
          .policy = &policy};
}

fleet::ViewContext Edit::Now() const {
  fleet::ViewContext context = ViewContextOf(call, parts);
  context.now = change.context().now;  // so that it sees what it wrote
  return context;
}

absl::StatusOr<inventory::Moment> MomentOf(const parc::v1::Moment& moment) {
  return MomentFrom(moment);
}

std::string DigestOf(const grpc::ByteBuffer& request) { return access::Sha256(Flatten(request)); }

absl::Status SubmitQuestion(const std::shared_ptr<People>& people,
                            const std::shared_ptr<Call>& call,
                            std::function<void(fleet::View& view)> job) {
  return people->parts.views->Submit(
      ViewContextOf(*call, people->parts),
      [call, job = std::move(job)](absl::StatusOr<fleet::View*> view) {
        if (!view.ok()) {
          call->Answer(view.status());
        } else if (!call->Wanted()) {
          call->Answer(absl::CancelledError("The client gave up."));
        } else {
          job(**view);
        }
      });
}

absl::Status SubmitChange(const std::shared_ptr<People>& people, const std::shared_ptr<Call>& call,
                          const parc::v1::ChangeOptions& options, ChangeJob job) {
  PARC_ASSIGN(
      fleet::ChangeContext context,
      ChangeContextFrom(options, {.actor = call->peer().Name(),
                                  .now = call->now(),
                                  .today = inventory::DayOf(call->now(), call->context().zone),
                                  .effective = {},
                                  .reason = {}}));
  fleet::RequestIdentity identity{.request_id = {},
                                  .method = std::string(call->method().name),
                                  .body_digest = std::move(job.body_digest),
                                  .validate_only = options.validate_only(),
                                  .bytes = job.bytes,
                                  .urgent = job.urgent};
  PARC_ASSIGN(identity.request_id, RequestIdFrom(options));
  const bool dry = options.validate_only();
  auto secret = std::make_shared<std::string>();
  return people->parts.changes->Submit(
      std::move(context), std::move(identity),
      [people, call, make = std::move(job.make), secret](fleet::Change& change) {
        Edit edit{change, *call, people->parts, {}};
        absl::StatusOr<std::string> bytes = make(edit);
        *secret = std::move(edit.secret);
        return bytes;
      },
      [call, answer = std::move(job.answer), secret, dry](absl::StatusOr<std::string> bytes) {
        if (!bytes.ok()) {
          call->Answer(bytes.status());
        } else {
          answer(*bytes, dry ? std::string() : *secret);  // a dry run's secret opens nothing
        }
      });
}

}  // namespace parc::rpc
