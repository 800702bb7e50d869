#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/checkin/report.h"
#include "daemon/posture/policy.h"

namespace parc::rpc {

// Answers to check-ins, serialised. What a policy says of each check, its words in two languages,
// is most of an answer and the same for every laptop: it is serialised once for each policy. With
// fifteen problems, which are 7 KB, that is 12 µs of CPU less of 94. Used by one thread.
class CheckInAnswers {
 public:
  // A CheckInResponse: the answer's problems, the most severe first, with the words of `policy`,
  // which outlives this object; a check that it does not know has none, and weighs nothing.
  // The policy's applications go to laptops alone that do not hold their list, by its digest: a
  // hundred applications are ten kilobytes, at every contact of every laptop.
  std::string Write(const checkin::Answer& answer, const posture::Policy& policy,
                    std::string_view held_applications);

 private:
  struct Words {
    posture::Severity severity = posture::Severity::kInfo;
    std::string bytes;  // of a CheckResult
  };
  struct Problem {
    const Words* words = nullptr;
    const posture::CheckResult* result = nullptr;
  };
  void Begin(const posture::Policy& policy);
  const Words& Of(std::string_view check);
  static void AppendTo(std::string& bytes, const std::vector<Problem>& problems);

  const posture::Policy* policy_ = nullptr;
  std::map<std::string, Words, std::less<>> words_;  // of its checks, by their ids
  std::string applications_;                         // its list, of a CheckInResponse
  std::string applications_digest_;                  // empty when it has none
};

}  // namespace parc::rpc
