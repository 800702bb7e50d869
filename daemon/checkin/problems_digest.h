#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "daemon/posture/judge.h"
#include "daemon/posture/policy.h"

namespace parc::checkin {

// Tells what laptops are told of their problems apart, so that a laptop which holds the list is not
// sent it again: fifteen problems with their words are 7 KB. Used by one thread.
class ProblemsDigest {
 public:
  static constexpr std::size_t kSize = 16;

  // kSize bytes, which differ where a problem, its date or evidence, or any word of `policy` does;
  // empty when there are no problems. The same after a restart, and on another machine.
  // `policy` outlives this object.
  std::string Of(const posture::Policy& policy, const std::vector<posture::CheckResult>& problems);

 private:
  const posture::Policy* policy_ = nullptr;
  std::string words_;  // digest of its words
};

}  // namespace parc::checkin
