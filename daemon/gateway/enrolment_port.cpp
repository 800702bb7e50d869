#include "daemon/gateway/enrolment_port.h"

#include <optional>
#include <string_view>
#include <utility>

#include "daemon/access/time_units.h"
#include "daemon/gateway/answers.h"
#include "daemon/inventory/reason.h"
#include "daemon/rpc/status_details.h"
#include "parc/v1/enrolment.pb.h"
#include "spdlog/logger.h"

namespace parc::gateway {
namespace {

constexpr char kMethod[] = "/parc.v1.EnrolmentService/Enrol";  // as the gRPC ports count theirs
constexpr char kMediaType[] = "application/proto";

v1::EnrolmentState ToProto(access::EnrolOutcome outcome) {
  switch (outcome) {
    case access::EnrolOutcome::kIssued:
      return v1::ENROLMENT_STATE_ISSUED;
    case access::EnrolOutcome::kPending:
      return v1::ENROLMENT_STATE_PENDING;
    case access::EnrolOutcome::kPendingTakeover:
      return v1::ENROLMENT_STATE_PENDING_TAKEOVER;
    case access::EnrolOutcome::kRejected:
      return v1::ENROLMENT_STATE_REJECTED;
  }
  return v1::ENROLMENT_STATE_UNSPECIFIED;
}

access::EnrolCall FromProto(const v1::EnrolRequest& wire) {
  return {.token = wire.token(),
          .csr = wire.csr(),
          .serial = wire.serial(),
          .uuid = wire.uuid(),
          .manufacturer = wire.manufacturer(),
          .model = wire.model(),
          .agent_version = wire.agent_version()};
}

v1::EnrolResponse ToProto(const access::EnrolAnswer& answer, const std::string& agent_endpoint) {
  v1::EnrolResponse wire;
  wire.set_state(ToProto(answer.outcome));
  if (answer.outcome == access::EnrolOutcome::kIssued) {
    wire.set_device_id(answer.device_id);
    for (const std::string& der : answer.certificate.chain) wire.add_certificate_chain(der);
    wire.mutable_renew_time()->set_seconds(answer.certificate.renew_at / access::kSecond);
    wire.set_agent_endpoint(agent_endpoint);
  }
  if (answer.poll_after > 0) {
    wire.mutable_poll_after()->set_seconds(answer.poll_after / access::kSecond);
    wire.mutable_poll_after()->set_nanos(
        static_cast<std::int32_t>(answer.poll_after % access::kSecond * 1000));
  }
  wire.set_fingerprint(answer.fingerprint);
  return wire;
}

// The media type alone, without parameters such as "; charset=…".
std::string_view MediaType(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  const std::size_t last = type.find_last_not_of(" \t");
  return last == std::string_view::npos ? std::string_view() : type.substr(0, last + 1);
}

std::optional<Response> RefuseForeign(const Request& request) {
  if (PathOf(request.target) != kEnrolPath) {
    return RefuseRequest(404, "this port serves enrolment only");
  }
  if (request.method != "POST") {
    Response response = RefuseRequest(405, "enrolment is a POST");
    response.allow = "POST";
    return response;
  }
  if (MediaType(request.content_type) != kMediaType) {
    return RefuseRequest(415, "the body must be application/proto");
  }
  return std::nullopt;
}

// One enrolment on its way: logged and counted once, whatever becomes of it.
class Call {
 public:
  Call(std::shared_ptr<const EnrolmentPortParts> parts, Reply reply)
      : parts_(std::move(parts)), reply_(std::move(reply)), started_(parts_->now()) {}

  void Finish(const absl::StatusOr<access::EnrolAnswer>& answer) {
    const std::int64_t micros = parts_->now() - started_;
    const std::string code = absl::StatusCodeToString(answer.status().code());
    if (parts_->count) parts_->count(kMethod, code, micros);
    if (answer.ok()) {
      parts_->log->info("enrol.answered state={} device={} micros={}",
                        v1::EnrolmentState_Name(ToProto(answer->outcome)), answer->device_id,
                        micros);
      Response response;
      response.content_type = kMediaType;
      response.body = ToProto(*answer, parts_->agent_endpoint).SerializeAsString();
      return reply_(std::move(response));
    }
    const absl::Status& status = answer.status();
    if (rpc::IsHidden(status)) {
      parts_->log->error("enrol.failed code={} reason={} message={}", code, ReasonOf(status),
                         std::string(status.message()));
    } else {
      // The cause of a rejected token stands here and nowhere else: the answer must not tell.
      parts_->log->info("enrol.refused code={} reason={} cause=\"{}\" micros={}", code,
                        ReasonOf(status), access::RejectionCause(status), micros);
    }
    reply_(ErrorAnswer(status));
  }

 private:
  std::shared_ptr<const EnrolmentPortParts> parts_;
  Reply reply_;
  std::int64_t started_;
};

}  // namespace

Handler EnrolmentPort(EnrolmentPortParts parts_given) {
  const auto parts = std::make_shared<const EnrolmentPortParts>(std::move(parts_given));
  return [parts](Request request, Reply reply) {
    if (std::optional<Response> refusal = RefuseForeign(request)) return reply(*refusal);
    const auto call = std::make_shared<Call>(parts, std::move(reply));
    v1::EnrolRequest wire;
    if (!wire.ParseFromString(request.body)) {
      return call->Finish(Refuse(absl::StatusCode::kInvalidArgument, "MALFORMED",
                                 "the body is not a valid EnrolRequest"));
    }
    const absl::Status queued =
        parts->submit(FromProto(wire), request.source, parts->now(),
                      [call](absl::StatusOr<access::EnrolAnswer> answer) { call->Finish(answer); });
    if (!queued.ok()) call->Finish(queued);
  };
}

}  // namespace parc::gateway
