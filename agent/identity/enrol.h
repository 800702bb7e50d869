#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "agent/identity/store.h"
#include "agent/net/socket.h"
#include "agent/net/tls.h"
#include "parc/v1/enrolment.pb.h"

namespace parc::agent {

// What a technician hands over: `parc://host:port/#<token>&ca=sha256:<64 hex>`.
struct EnrolmentCode {
  std::string host;
  int port = 0;
  std::string token;
  std::string root_fingerprint;  // 64 lower-case hex digits: SHA-256 of the root's DER

  bool operator==(const EnrolmentCode&) const = default;
};

// INVALID_ARGUMENT with a sentence that holds nothing of the code.
absl::StatusOr<EnrolmentCode> ParseEnrolmentCode(std::string_view text);

// The server, judged by the root that the code names: the root is found in the chain that was sent,
// and the chain must lead to it and carry the code's host name. Returns the root in PEM.
// UNAUTHENTICATED otherwise: never trust on first use, never the system's store.
absl::StatusOr<std::string> VerifyPinned(STACK_OF(X509) * chain, const EnrolmentCode& code,
                                         std::int64_t now);

struct EnrolmentAnswer {
  absl::Status refusal;  // the server's own; the response is then empty
  v1::EnrolResponse response;
  std::string root_pem;
};

// Sends one request (serialized) to the server of `code`, after the server has proved itself. An
// error is one of this end or of the way, so that the same request may be sent again.
absl::StatusOr<EnrolmentAnswer> SendEnrolment(const EnrolmentCode& code, std::string_view request,
                                              const std::string& proxy, std::int64_t now,
                                              Deadline deadline);

// A new key and request for this code, kept on disk before it is sent, or those that wait already
// for the same code. `about` brings the identity of the machine.
absl::StatusOr<PendingEnrolment> PrepareEnrolment(IdentityStore& store, std::string_view url,
                                                  const v1::EnrolRequest& about);

// Takes the answer to a pending enrolment: an issued certificate becomes the current identity; a
// refusal is returned, and one for good ends the request; while it is pending only its words are
// kept.
absl::Status TakeEnrolment(IdentityStore& store, const PendingEnrolment& pending,
                           const EnrolmentAnswer& answer);

}  // namespace parc::agent
