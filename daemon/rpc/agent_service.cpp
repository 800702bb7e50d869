#include "daemon/rpc/agent_service.h"

#include <atomic>
#include <memory>

#include "daemon/access/digest.h"
#include "daemon/checkin/pacing.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
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

// The applications of a policy as laptops get them. The list goes to those alone that do not hold
// it: a hundred applications are ten kilobytes, at every contact of every laptop.
class ApplicationList {
 public:
  explicit ApplicationList(const posture::Policy& policy) : policy_(&policy) {
    for (const posture::Application& application : policy.applications) {
      v1::ApplicationTarget& target = *list_.add_applications();
      target.set_application(application.id);
      target.set_host(application.host);
      target.set_port(application.port);
      target.set_tls(application.tls);
      target.set_through_vpn(application.through_vpn);
    }
    if (!policy.applications.empty()) digest_ = access::Sha256(list_.SerializeAsString());
  }

  bool IsOf(const posture::Policy& policy) const { return policy_ == &policy; }

  void Put(const std::string& held, v1::CheckInResponse& response) const {
    response.set_applications_digest(digest_);
    if (held != digest_) *response.mutable_applications() = list_.applications();
  }

 private:
  const posture::Policy* policy_;
  v1::CheckInResponse list_;
  std::string digest_;
};

// The list of the policy in force, made once for each.
class ApplicationLists {
 public:
  std::shared_ptr<const ApplicationList> Of(const posture::Policy& policy) {
    auto newest = newest_.load();
    if (newest == nullptr || !newest->IsOf(policy)) {
      newest = std::make_shared<const ApplicationList>(policy);
      newest_.store(newest);
    }
    return newest;
  }

 private:
  std::atomic<std::shared_ptr<const ApplicationList>> newest_;
};

using SharedLists = std::shared_ptr<ApplicationLists>;

absl::Status CheckIn(const AgentParts& parts, const SharedLists& lists, const SharedCall& call,
                     const grpc::ByteBuffer& bytes) {
  v1::CheckInRequest request;
  PARC_TRY(Parse(bytes, request));
  PARC_ASSIGN(checkin::Report report, ReportFrom(request));
  const access::DeviceIdentity& device = *call->peer().device;
  absl::Status status = parts.intake->Submit(
      device, std::move(report), call->now(),
      [call, parts, lists,
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
        const posture::Policy& policy = parts.policy->Get();
        v1::CheckInResponse response = ToProto(*answer, policy);
        lists->Of(policy)->Put(held, response);
        call->Answer(response);
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
                  [parts, lists = std::make_shared<ApplicationLists>()](
                      const SharedCall& call, const grpc::ByteBuffer& bytes) {
                    return CheckIn(parts, lists, call, bytes);
                  });
  handlers.Unary("/parc.v1.AgentService/RenewCertificate",
                 [parts](const SharedCall& call, const grpc::ByteBuffer& bytes) {
                   return RenewCertificate(parts, call, bytes);
                 });
}

}  // namespace parc::rpc
