#include "agent/probes/notes.h"

#include <algorithm>

#include "agent/files/text.h"

namespace parc::agent {

void Notes::Unreadable(std::string_view fact, std::string_view reason) {
  v1::Unreadable& note = notes_.emplace_back();
  note.set_fact(std::string(fact));
  note.set_reason(Printable(reason));
}

void Notes::Unreadable(std::string_view fact, const absl::Status& status) {
  if (status.ok() || absl::IsNotFound(status)) return;
  Unreadable(fact, absl::IsPermissionDenied(status) ? std::string(kNeedsRootCollector)
                                                    : std::string(status.message()));
}

std::vector<v1::Unreadable> Notes::Sorted() const {
  std::vector<v1::Unreadable> sorted = notes_;
  const auto by_fact = [](const v1::Unreadable& a, const v1::Unreadable& b) {
    return a.fact() < b.fact();
  };
  std::stable_sort(sorted.begin(), sorted.end(), by_fact);
  const auto same = [](const v1::Unreadable& a, const v1::Unreadable& b) {
    return a.fact() == b.fact();
  };
  sorted.erase(std::unique(sorted.begin(), sorted.end(), same), sorted.end());
  return sorted;
}

}  // namespace parc::agent
