#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "parc/v1/facts.pb.h"

namespace parc::agent {

// Reasons that more than one place gives.
inline constexpr std::string_view kNeedsRootCollector = "needs the root collector";
inline constexpr std::string_view kRootCollectorSilent = "the root collector did not answer";

// What a probe could not read, by the name of the fact it would have given (`parc fields` lists
// them). Absence is no note: what is not there is simply not in the facts.
class Notes {
 public:
  void Unreadable(std::string_view fact, std::string_view reason);
  // The reason is taken from `status`. NOT_FOUND and OK are absence: no note.
  void Unreadable(std::string_view fact, const absl::Status& status);

  // Sorted by fact, one for each fact.
  std::vector<v1::Unreadable> Sorted() const;

 private:
  std::vector<v1::Unreadable> notes_;
};

}  // namespace parc::agent
