#include <utility>

#include "daemon/access/device_changes.h"
#include "daemon/access/device_changes_state.h"
#include "daemon/access/device_refusals.h"
#include "daemon/access/digest.h"
#include "daemon/access/enrolment_decision.h"
#include "daemon/access/text.h"
#include "daemon/access/tokens.h"
#include "daemon/inventory/identity.h"
#include "daemon/inventory/lifecycle.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

// How a laptop comes to its first certificate.
namespace parc::access {

using store::EnrolmentCandidate;
using store::EnrolmentRequestRecord;
using store::EnrolmentTokenRecord;

namespace {

// One payload that no edge passes on: strangers must not learn whether a token exists.
constexpr char kCauseUrl[] = "parc/private/cause";

absl::Status TokenRejected(std::string_view cause) {
  absl::Status status = Refuse(absl::StatusCode::kUnauthenticated, "TOKEN_REJECTED",
                               "The enrolment code is not accepted: ask for a new one.", "token");
  status.SetPayload(kCauseUrl, absl::Cord(std::string(cause)));
  return status;
}

// Why Consume() found nothing. Called for every refusal, so that all take the same time.
std::string CauseOf(const std::optional<EnrolmentTokenRecord>& token,
                    std::string_view secret_sha256, std::int64_t now) {
  if (!token.has_value()) return "unknown token";
  if (!SameSecret(token->secret_sha256, secret_sha256)) return "wrong secret";
  if (token->revoked.has_value()) return "revoked token";
  if (token->expires <= now) return "expired token";
  if (token->uses >= token->max_uses) return "used token";
  return "bound to another serial";
}

absl::StatusOr<EnrolmentRequestRecord> Describe(const EnrolCall& call, const PublicKey& key,
                                                std::int64_t now) {
  EnrolmentRequestRecord request;
  request.spki_sha256 = Hex(key.spki_sha256);
  request.fingerprint = FingerprintWords(key.spki_sha256);
  PARC_ASSIGN(request.serial, CleanText(call.serial, "serial"));
  PARC_ASSIGN(request.uuid, CleanText(call.uuid, "uuid"));
  PARC_ASSIGN(request.manufacturer, CleanText(call.manufacturer, "manufacturer"));
  PARC_ASSIGN(request.model, CleanText(call.model, "model"));
  PARC_ASSIGN(request.agent_version, CleanText(call.agent_version, "agent_version"));
  request.serial_key = inventory::NormaliseSerial(request.serial);
  request.created = now;
  return request;
}

EnrolAnswer Waiting(const EnrolmentRequestRecord& request, EnrolOutcome outcome, std::int64_t now) {
  return {.outcome = outcome,
          .device_id = "",
          .certificate = {},
          .poll_after = PollAfter(now - request.created),
          .fingerprint = request.fingerprint};
}

EnrolAnswer RejectedAnswer() {
  EnrolAnswer answer;
  answer.outcome = EnrolOutcome::kRejected;
  return answer;
}

}  // namespace

std::string RejectionCause(const absl::Status& status) {
  const auto cause = status.GetPayload(kCauseUrl);
  return cause.has_value() ? std::string(*cause) : std::string();
}

bool IsGone(const EnrolmentCandidate& laptop) {
  using inventory::LaptopState;
  return laptop.state == inventory::ToString(LaptopState::kLost) ||
         laptop.state == inventory::ToString(LaptopState::kStolen) ||
         laptop.state == inventory::ToString(LaptopState::kRetired);
}

absl::StatusOr<EnrolAnswer> DeviceChanges::Enrol(const EnrolCall& call, std::int64_t now,
                                                 Effect& effect) {
  PARC_ASSIGN(const TokenParts parts, ParseToken(TokenKind::kEnrolment, call.token));
  PARC_ASSIGN(const PublicKey key, ParseCsr(call.csr));
  PARC_ASSIGN(EnrolmentRequestRecord request, Describe(call, key, now));
  const std::string secret = Hex(Sha256(parts.secret));

  PARC_ASSIGN(std::optional<EnrolmentRequestRecord> earlier,
              state_->enrolments.FindRepeated(parts.id, secret, request.spki_sha256));
  if (earlier.has_value()) return state_->Repeat(*std::move(earlier), key, now, effect);

  PARC_ASSIGN(const std::optional<EnrolmentTokenRecord> token,
              state_->tokens.Consume(parts.id, secret, request.serial_key, now));
  if (!token.has_value()) {
    PARC_ASSIGN(const std::optional<EnrolmentTokenRecord> refused, state_->tokens.Find(parts.id));
    return TokenRejected(CauseOf(refused, secret, now));
  }
  return state_->Begin(*token, std::move(request), key, now, effect);
}

absl::StatusOr<EnrolAnswer> DeviceChanges::State::Begin(const EnrolmentTokenRecord& token,
                                                        EnrolmentRequestRecord request,
                                                        const PublicKey& key, std::int64_t now,
                                                        Effect& effect) {
  PARC_ASSIGN(const auto owner, devices.FindCertificate(request.spki_sha256));
  if (owner.has_value()) return KeyAlreadyEnrolled();
  PARC_TRY(Tidy(now));
  PARC_TRY(enrolments.ForgetOpenOf(request.spki_sha256));

  request.request = MakeUuid7(now, random);
  request.token = token.row;
  request.laptop = token.laptop;
  PARC_ASSIGN(const std::optional<EnrolmentCandidate> laptop, CandidateOf(request));
  EnrolmentSituation situation;
  situation.bound = token.bound();
  situation.allow_replace = token.allow_replace;
  if (laptop.has_value()) {
    situation.known = true;
    situation.gone = IsGone(*laptop);
    situation.live = laptop->live_device.has_value();
    PARC_ASSIGN(situation.disagreement, Disagreement(request, *laptop));
  }
  const EnrolmentDecision decision = Decide(situation);

  if (decision.outcome == EnrolOutcome::kIssued) {
    request.automatic = true;
    request.decided = now;
    request.decided_by = token.creator;
    PARC_ASSIGN(EnrolAnswer answer, Issue(request, *laptop, key, now, effect));
    PARC_TRY(enrolments.Insert(request));
    return answer;
  }
  PARC_ASSIGN(const std::int64_t pending, enrolments.CountPending());
  if (pending >= kMaxPendingRequests) {
    return Refuse(absl::StatusCode::kResourceExhausted, "QUEUE_FULL",
                  "Too many enrolments wait for approval; try again later.");
  }
  request.state = store::kRequestPending;
  request.question = decision.question;
  PARC_TRY(enrolments.Insert(request));
  return Waiting(request, decision.outcome, now);
}

absl::StatusOr<EnrolAnswer> DeviceChanges::State::Repeat(EnrolmentRequestRecord request,
                                                         const PublicKey& key, std::int64_t now,
                                                         Effect& effect) {
  if (request.device.has_value()) return IssuedBefore(request, now);
  const bool open =
      request.state == store::kRequestPending || request.state == store::kRequestApproved;
  if (!open) return RejectedAnswer();
  if (request.decided.value_or(request.created) < now - kRequestLifetime) {
    request.state = store::kRequestExpired;
    request.decided = now;
    PARC_TRY(enrolments.Decide(request));
    return RejectedAnswer();
  }
  if (request.state == store::kRequestApproved) {
    return FetchApproved(std::move(request), key, now, effect);
  }
  PARC_ASSIGN(const std::optional<EnrolmentCandidate> laptop, CandidateOf(request));
  const bool takeover = laptop.has_value() && (laptop->live_device.has_value() || IsGone(*laptop));
  return Waiting(request, takeover ? EnrolOutcome::kPendingTakeover : EnrolOutcome::kPending, now);
}

absl::StatusOr<EnrolAnswer> DeviceChanges::State::FetchApproved(EnrolmentRequestRecord request,
                                                                const PublicKey& key,
                                                                std::int64_t now, Effect& effect) {
  PARC_ASSIGN(const std::optional<EnrolmentCandidate> laptop, CandidateOf(request));
  if (!laptop.has_value()) return absl::InternalError("an approved request has no laptop");
  const bool unforeseen =
      laptop->live_device.has_value() && laptop->live_device != request.displaces;
  if (unforeseen || IsGone(*laptop)) {
    // Not what the person agreed to: ask again.
    request.state = store::kRequestPending;
    request.displaces.reset();
    request.decided.reset();
    request.decided_by.clear();
    PARC_TRY(enrolments.Decide(request));
    return Waiting(request, EnrolOutcome::kPendingTakeover, now);
  }
  PARC_ASSIGN(EnrolAnswer answer, Issue(request, *laptop, key, now, effect));
  PARC_TRY(enrolments.Decide(request));
  return answer;
}

absl::StatusOr<EnrolAnswer> DeviceChanges::State::IssuedBefore(
    const EnrolmentRequestRecord& request, std::int64_t now) {
  PARC_ASSIGN(const auto device, devices.FindByRow(*request.device));
  PARC_ASSIGN(const auto certificate, devices.FindCertificate(request.spki_sha256));
  if (!device.has_value() || !certificate.has_value()) {
    return absl::InternalError("an enrolment lost its device or certificate");
  }
  if (device->state != store::kDeviceActive || certificate->not_after <= now) {
    return RejectedAnswer();
  }
  if (certificate->serial != device->current_serial) return KeyAlreadyEnrolled();
  return EnrolAnswer{.outcome = EnrolOutcome::kIssued,
                     .device_id = device->device,
                     .certificate = FromRecord(*certificate),
                     .poll_after = 0,
                     .fingerprint = ""};
}

absl::StatusOr<EnrolAnswer> DeviceChanges::State::Issue(EnrolmentRequestRecord& request,
                                                        const EnrolmentCandidate& laptop,
                                                        const PublicKey& key, std::int64_t now,
                                                        Effect& effect) {
  if (laptop.live_device.has_value()) {
    PARC_TRY(End(*laptop.live_device, store::kDeviceReplaced, "the laptop was enrolled again", now,
                 effect));
  }
  EnrolAnswer answer;
  answer.outcome = EnrolOutcome::kIssued;
  answer.device_id = MakeUuid7(now, random);
  PARC_ASSIGN(answer.certificate, ca.IssueDevice(key, answer.device_id, now));
  PARC_ASSIGN(const std::int64_t row,
              devices.Insert(answer.device_id, laptop.laptop, request.agent_version,
                             ToRecord(answer.certificate, key, 0, now)));
  PARC_TRY(Publish(row, effect));
  request.state = store::kRequestApproved;
  request.laptop = laptop.laptop;
  request.device = row;
  return answer;
}

absl::StatusOr<std::optional<EnrolmentCandidate>> DeviceChanges::State::CandidateOf(
    const EnrolmentRequestRecord& request) {
  if (request.laptop.has_value()) return enrolments.CandidateByRow(*request.laptop);
  if (!request.serial_key.has_value()) return std::optional<EnrolmentCandidate>();
  return enrolments.CandidateBySerial(*request.serial_key);
}

absl::StatusOr<std::string> DeviceChanges::State::Disagreement(
    const EnrolmentRequestRecord& request, const EnrolmentCandidate& laptop) {
  std::string text =
      inventory::Disagreement(laptop.serial, request.serial, laptop.uuid, request.uuid);
  if (!text.empty() || !request.serial_key.has_value()) return text;
  PARC_ASSIGN(const auto other, enrolments.CandidateBySerial(*request.serial_key));
  if (other.has_value() && other->laptop != laptop.laptop) {
    return fmt::format("its serial {} is that of {}", *request.serial_key, other->asset_tag);
  }
  return std::string();
}

absl::Status DeviceChanges::State::Tidy(std::int64_t now) {
  PARC_TRY(enrolments.ExpireOpen(now - kRequestLifetime, now));
  PARC_TRY(enrolments.ForgetEnded(now - kEndedRequestsKept));
  return tokens.ForgetExpired(now - kExpiredTokensKept);
}

}  // namespace parc::access
