#pragma once

#include <string>
#include <string_view>

#include "daemon/access/device_changes.h"

namespace parc::access {

// What is known when a token that is good is used.
struct EnrolmentSituation {
  bool known =
      false;          // a laptop record belongs to the request, by the token's binding or by serial
  bool gone = false;  // that laptop is lost, stolen or retired
  bool live = false;  // it has a live device
  bool bound = false;          // the token is bound to it
  bool allow_replace = false;  // by the token
  // What the machine says of itself that contradicts the record; empty when nothing does.
  std::string disagreement;
};

struct EnrolmentDecision {
  EnrolOutcome outcome = EnrolOutcome::kPending;  // kIssued, kPending or kPendingTakeover
  std::string question;                           // for the person who must decide
};

// Never displaces a live device unless the token is bound to its laptop and allows it, and never
// trusts a machine that contradicts its record.
EnrolmentDecision Decide(const EnrolmentSituation& situation);

// How long the agent waits before it asks again about a request of that age (microseconds): soon
// while somebody may stand in front of it.
std::int64_t PollAfter(std::int64_t age);

}  // namespace parc::access
