#include <optional>
#include <utility>

#include "daemon/access/device_changes.h"
#include "daemon/access/device_changes_state.h"
#include "daemon/access/digest.h"
#include "daemon/access/tokens.h"
#include "daemon/inventory/identity.h"
#include "daemon/inventory/lifecycle.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

// What people decide about enrolments: tokens, approvals, refusals.
namespace parc::access {

using store::EnrolmentCandidate;
using store::EnrolmentRequestRecord;
using store::EnrolmentTokenRecord;

namespace {

constexpr std::int64_t kDefaultLifetime = kDay;
constexpr std::int64_t kMaxLifetime = 14 * kDay;
constexpr int kMaxUses = 500;

absl::Status Invalid(std::string_view reason, std::string_view field, std::string_view what) {
  return Refuse(absl::StatusCode::kInvalidArgument, reason, fmt::format("{}: {}", field, what),
                field);
}

absl::Status CheckWish(const EnrolmentTokenWish& wish) {
  const bool bound = !wish.laptop.empty() || !wish.serial.empty();
  if (!wish.laptop.empty() && !wish.serial.empty()) {
    return Invalid("BAD_BINDING", "serial", "a token is bound to a laptop or to a serial");
  }
  if (wish.allow_replace && !bound) {
    return Invalid("BAD_BINDING", "allow_replace",
                   "a token that may replace a device is bound to a laptop or a serial");
  }
  if (wish.max_uses < 1 || wish.max_uses > kMaxUses) {
    return Invalid("OUT_OF_RANGE", "max_uses", fmt::format("must lie between 1 and {}", kMaxUses));
  }
  if (bound && wish.max_uses > 1) {
    return Invalid("OUT_OF_RANGE", "max_uses", "a bound token is used once");
  }
  if (wish.lifetime < 0 || wish.lifetime > kMaxLifetime) {
    return Invalid("OUT_OF_RANGE", "lifetime", "must be at most 14 days");
  }
  if (!wish.serial.empty() && !inventory::NormaliseSerial(wish.serial).has_value()) {
    return Invalid("BAD_SERIAL", "serial", "is a placeholder, which many machines show");
  }
  return absl::OkStatus();
}

absl::Status BadState(std::string_view what) {
  return Refuse(absl::StatusCode::kFailedPrecondition, "BAD_STATE", what);
}

absl::Status NoLaptop(std::string_view name) {
  return Refuse(absl::StatusCode::kNotFound, "LAPTOP_NOT_FOUND",
                fmt::format("no laptop has the asset tag or serial \"{}\"", name.substr(0, 64)),
                "laptop");
}

// Only a laptop that may come back enrols.
absl::Status CheckNotGone(const EnrolmentCandidate& laptop) {
  if (!IsGone(laptop)) return absl::OkStatus();
  if (laptop.state == inventory::ToString(inventory::LaptopState::kRetired)) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "LAPTOP_RETIRED",
                  fmt::format("{} is RETIRED: it is at the end of its life; record a new laptop",
                              laptop.asset_tag));
  }
  return BadState(
      fmt::format("{} is {}: record first that it was found.", laptop.asset_tag, laptop.state));
}

// The request, if it still waits.
absl::StatusOr<EnrolmentRequestRecord> Existing(
    absl::StatusOr<std::optional<EnrolmentRequestRecord>> found, std::int64_t now) {
  if (!found.ok()) return found.status();
  // Enrolments that a bound token decided are no requests that anybody sees.
  if (!found->has_value() || (*found)->automatic) {
    return Refuse(absl::StatusCode::kNotFound, "REQUEST_NOT_FOUND",
                  "There is no such enrolment request.", "name");
  }
  EnrolmentRequestRecord request = **std::move(found);
  const bool open = !request.device.has_value() && request.state != store::kRequestRejected &&
                    request.state != store::kRequestExpired;
  if (open && request.decided.value_or(request.created) < now - kRequestLifetime) {
    request.state = store::kRequestExpired;
  }
  return request;
}

}  // namespace

absl::StatusOr<DeviceChanges::CreatedToken> DeviceChanges::CreateEnrolmentToken(
    const EnrolmentTokenWish& wish, std::string_view actor, std::int64_t now) {
  PARC_TRY(CheckWish(wish));
  PARC_TRY(state_->Tidy(now));
  EnrolmentTokenRecord token;
  if (!wish.laptop.empty()) {
    PARC_ASSIGN(const auto laptop, state_->laptops.Find(wish.laptop));
    if (!laptop.has_value()) return NoLaptop(wish.laptop);
    token.laptop = laptop->id;
  }
  token.serial_key = inventory::NormaliseSerial(wish.serial);
  std::optional<EnrolmentCandidate> bound_to;
  if (token.laptop.has_value()) {
    PARC_ASSIGN(bound_to, state_->enrolments.CandidateByRow(*token.laptop));
  } else if (token.serial_key.has_value()) {
    PARC_ASSIGN(bound_to, state_->enrolments.CandidateBySerial(*token.serial_key));
  }
  if (bound_to.has_value()) PARC_TRY(CheckNotGone(*bound_to));
  token.max_uses = wish.max_uses;
  token.allow_replace = wish.allow_replace;
  token.created = now;
  token.creator = actor;
  token.expires = now + (wish.lifetime == 0 ? kDefaultLifetime : wish.lifetime);
  const TokenParts parts = MakeToken(TokenKind::kEnrolment, state_->random);
  token.token = parts.id;
  token.secret_sha256 = Hex(Sha256(parts.secret));
  PARC_TRY(state_->tokens.Insert(token));
  return CreatedToken{.id = parts.id, .secret = FormatToken(TokenKind::kEnrolment, parts)};
}

absl::Status DeviceChanges::RevokeEnrolmentToken(std::string_view id, std::int64_t now) {
  PARC_ASSIGN(const auto token, state_->tokens.Find(id));
  if (!token.has_value()) {
    return Refuse(absl::StatusCode::kNotFound, "TOKEN_NOT_FOUND",
                  "There is no such enrolment token.", "name");
  }
  return state_->tokens.Revoke(token->row, now);
}

absl::Status DeviceChanges::ApproveRequest(std::string_view id, std::string_view laptop,
                                           bool allow_replace, std::string_view actor,
                                           std::int64_t now) {
  PARC_ASSIGN(EnrolmentRequestRecord request, Existing(state_->enrolments.Find(id), now));
  if (request.state != store::kRequestPending) {
    return BadState(fmt::format("The request is {} already.", request.state));
  }
  PARC_ASSIGN(const std::optional<EnrolmentCandidate> shown, state_->CandidateOf(request));
  if (!laptop.empty()) {
    PARC_ASSIGN(const auto named, state_->laptops.Find(laptop));
    if (!named.has_value()) return NoLaptop(laptop);
    if (request.laptop.has_value() && request.laptop != named->id) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "TOKEN_BOUND",
                    fmt::format("The enrolment code was made for {}: make another one for {}.",
                                shown.has_value() ? shown->asset_tag : "another laptop", laptop),
                    "laptop");
    }
    request.laptop = named->id;
  }
  PARC_ASSIGN(const std::optional<EnrolmentCandidate> record, state_->CandidateOf(request));
  if (!record.has_value()) {
    return Invalid("LAPTOP_REQUIRED", "laptop",
                   "no record matches this machine by its serial; name the laptop that it is");
  }
  PARC_TRY(CheckNotGone(*record));
  // What the list of requests showed is agreed to; another laptop's device is not, a slip of the
  // tag.
  const bool foreseen = shown.has_value() && shown->live_device == record->live_device;
  if (record->live_device.has_value() && !foreseen && !allow_replace) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "DEVICE_LIVE",
                  fmt::format("{} has an agent that reports: approving this request for it would "
                              "cut that one off. Say --replace if that is meant.",
                              record->asset_tag),
                  "laptop");
  }
  request.state = store::kRequestApproved;
  request.laptop = record->laptop;
  request.displaces = record->live_device;
  request.decided = now;
  request.decided_by = actor;
  return state_->enrolments.Decide(request);
}

absl::Status DeviceChanges::RejectRequest(std::string_view id, std::string_view actor,
                                          std::int64_t now) {
  PARC_ASSIGN(EnrolmentRequestRecord request, Existing(state_->enrolments.Find(id), now));
  if (request.state == store::kRequestRejected) return absl::OkStatus();
  if (request.device.has_value()) {
    return BadState("The laptop has its certificate already: revoke the device.");
  }
  if (request.state == store::kRequestExpired) return BadState("The request is EXPIRED already.");
  request.state = store::kRequestRejected;
  request.decided = now;
  request.decided_by = actor;
  return state_->enrolments.Decide(request);
}

}  // namespace parc::access
