#include "daemon/checkin/problems_digest.h"

#include <iterator>
#include <string_view>

#include "daemon/access/digest.h"
#include "fmt/format.h"

namespace parc::checkin {
namespace {

// Another number when an answer tells more of a problem: laptops then ask for what they hold.
constexpr std::string_view kForm = "1";

// Each text with its size, so that no two lists of texts give the same bytes.
void Append(std::string& bytes, std::string_view text) {
  fmt::format_to(std::back_inserter(bytes), "{}:", text.size());
  bytes += text;
}

void AppendWords(std::string& bytes, const posture::Check& check) {
  for (const std::string_view text :
       {std::string_view(check.id), posture::ToString(check.severity),
        std::string_view(check.title_en), std::string_view(check.title_fr),
        std::string_view(check.remedy_en), std::string_view(check.remedy_fr)}) {
    Append(bytes, text);
  }
}

}  // namespace

std::string ProblemsDigest::Of(const posture::Policy& policy,
                               const std::vector<posture::CheckResult>& problems) {
  if (problems.empty()) return {};
  std::string bytes;
  if (policy_ != &policy) {
    bytes = kForm;
    AppendWords(bytes, posture::IdentityCheck());
    for (const posture::Check& check : policy.checks) AppendWords(bytes, check);
    words_ = access::Sha256(bytes);
    policy_ = &policy;
  }
  bytes = words_;
  for (const posture::CheckResult& problem : problems) {
    Append(bytes, problem.check);
    Append(bytes, problem.evidence);
    fmt::format_to(std::back_inserter(bytes), "{},{},{};", static_cast<int>(problem.outcome),
                   problem.since, problem.in_grace);
  }
  return access::Sha256(bytes).substr(0, kSize);
}

}  // namespace parc::checkin
