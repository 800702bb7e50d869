#include "daemon/rpc/agent_service.h"

#include <memory>

#include "daemon/checkin/pacing.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/rpc/checkin_answers.h"
#include "daemon/rpc/convert_common.h"
#include "daemon/rpc/convert_facts.h"
#include "fmt/format.h"
#include "parc/v1/agent.pb.h"
#include "spdlog/logger.h"

namespace parc::rpc {
namespace {

using SharedCall = std::shared_ptr<Call>;

// A refused device is told when to try again, spread over the fleet.
absl::Status WithPushback(absl::Status status, const std::string& device) {
  if (!absl::IsResourceExhausted(status)) return status;
  constexpr double kFull = 1.0;
  return WithDetail(std::move(status), kRetryPushback,
                    fmt::format("{}", checkin::PushbackMillis(device, kFull)));
}

using SharedAnswers = std::shared_ptr<CheckInAnswers>;

absl::Status CheckIn(const AgentParts& parts, const SharedAnswers& answers, const SharedCall& call,
                     const grpc::ByteBuffer& bytes) {
  v1::CheckInRequest request;
  PARC_TRY(Parse(bytes, request));
  PARC_ASSIGN(checkin::Report report, ReportFrom(request));
  const access::DeviceIdentity& device = *call->peer().device;
  absl::Status status = parts.intake->Submit(
      device, std::move(report), call->now(),
      [call, parts, answers,
       held = request.applications_digest()](absl::StatusOr<checkin::Answer> answer) {
        if (!answer.ok()) {
          return call->Answer(WithPushback(answer.status(), call->peer().device->id));
        }
        if (answer->found_copy) {
          call->context().log->warn("device.copied device={} peer={}", call->peer().device->id,
                                    call->peer().Name());
        }
        if (parts.rechecks->IsQuick(call->peer().device->laptop, call->now()))
          answer->next_contact = parts.quick_interval;
        call->AnswerBytes(answers->Write(*answer, parts.policy->Get(), held));
      });
  return WithPushback(std::move(status), device.id);
}

absl::Status RenewCertificate(const AgentParts& parts, const SharedCall& call,
                              const grpc::ByteBuffer& bytes) {
  v1::RenewCertificateRequest request;
  PARC_TRY(Parse(bytes, request));
  return parts.enrolment->SubmitRenew(
      *call->peer().device, request.csr(), call->now(),
      [call](const absl::StatusOr<access::DeviceCertificate>& certificate) {
        if (!certificate.ok()) return call->Answer(certificate.status());
        v1::RenewCertificateResponse response;
        for (const std::string& der : certificate->chain) response.add_certificate_chain(der);
        *response.mutable_renew_time() = TimeToProto(certificate->renew_at);
        call->Answer(response);
      });
}

}  // namespace

void RegisterAgent(Handlers& handlers, const AgentParts& parts) {
  handlers.Queued("/parc.v1.AgentService/CheckIn",
                  [parts, answers = std::make_shared<CheckInAnswers>()](
                      const SharedCall& call, const grpc::ByteBuffer& bytes) {
                    return CheckIn(parts, answers, call, bytes);
                  });
  handlers.Unary("/parc.v1.AgentService/RenewCertificate",
                 [parts](const SharedCall& call, const grpc::ByteBuffer& bytes) {
                   return RenewCertificate(parts, call, bytes);
                 });
}

}  // namespace parc::rpc
