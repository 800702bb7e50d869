#include "daemon/checkin/standings.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

#include "daemon/checkin/arrival.h"

namespace parc::checkin {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
// A clock that drifts less than this changes nothing: else every report would.
constexpr std::int64_t kSkewTolerance = 30;
// A fleet has few; one that invents them is not kept.
constexpr std::size_t kMaxVersions = 64;

std::uint8_t DigitOf(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  return static_cast<std::uint8_t>((c | 0x20) - 'a' + 10);
}

}  // namespace

std::optional<std::int64_t> Skew(std::optional<std::int64_t> stored, std::int64_t sent,
                                 std::int64_t now) {
  if (sent == 0) return std::nullopt;
  const std::int64_t skew = (sent - now) / kSecond;
  if (stored.has_value() && std::abs(skew - *stored) <= kSkewTolerance) return stored;
  return skew;
}

Standings::Standings(store::Connection& writer, const store::ContactLog& log,
                     const posture::PolicyInForce& policies)
    : log_(log),
      policies_(policies),
      watch_(writer, [this](std::string_view table, std::int64_t row) { Changed(table, row); }) {}

void Standings::Changed(std::string_view table, std::int64_t row) {
  if (log_.is_writing()) return;
  if (table == "devices") {
    changed_devices_.insert(row);
  } else if (table == "laptops" || table == "contacts" || table == "facts" || table == "posture") {
    known_.erase(row);
  }
}

// The report's text has 32 hexadecimal digits and dashes, see CheckReport.
Standings::BootId Standings::BootOf(std::string_view text) {
  BootId id = {};
  std::size_t digits = 0;
  for (const char c : text) {
    if (c == '-' || digits == 2 * id.size()) continue;
    id[digits / 2] = static_cast<std::uint8_t>(id[digits / 2] << 4 | DigitOf(c));
    ++digits;
  }
  return id;
}

bool Standings::TakeUnchanged(const access::DeviceIdentity& device, const Report& report,
                              std::int64_t now, Answer& answer) {
  if (const std::int64_t version = policies_.Get().version; version != version_) {
    known_.clear();
    version_ = version;
  }
  const auto found = known_.find(device.laptop);
  if (found == known_.end() || device.promotes) return false;
  Known& known = found->second;
  const bool in_order = known.device == device.row && !changed_devices_.contains(device.row) &&
                        known.sequence < report.sequence &&
                        report.sequence - known.sequence <= kMaxSequenceStep &&
                        known.boot == BootOf(report.boot_id);
  if (!in_order || std::memcmp(known.digest.data(), report.digest.data(), known.digest.size()) != 0)
    return false;
  if (*known.agent_version != report.agent_version ||
      (known.next_judgement.has_value() && *known.next_judgement <= now) ||
      Skew(known.skew, report.sent, now) != known.skew)
    return false;
  const std::string_view problems =
      known.has_problems ? std::string_view(known.problems.data(), known.problems.size()) : "";
  if (report.held_problems != problems) return false;
  known.sequence = report.sequence;
  answer.problems_digest = problems;
  answer.judgement.verdict = known.verdict;
  answer.judgement.since = known.since;
  answer.judgement.policy_version = version_;
  answer.judgement.next = known.next_judgement;
  return true;
}

void Standings::Keep(const access::DeviceIdentity& device, const Report& report,
                     std::optional<std::int64_t> skew, const Answer& answer) {
  const posture::Judgement& judgement = answer.judgement;
  if (judgement.policy_version != version_ ||
      (versions_.size() >= kMaxVersions && !versions_.contains(report.agent_version)))
    return Forget(device.laptop);
  Known known;
  known.device = device.row;
  known.sequence = report.sequence;
  std::copy_n(report.digest.begin(), known.digest.size(), known.digest.begin());
  known.boot = BootOf(report.boot_id);
  known.agent_version = &*versions_.insert(report.agent_version).first;
  known.skew = skew;
  known.verdict = judgement.verdict;
  known.since = judgement.since;
  known.next_judgement = judgement.next;
  known.has_problems = !answer.problems_digest.empty();
  std::copy_n(answer.problems_digest.begin(), answer.problems_digest.size(),
              known.problems.begin());
  known_.insert_or_assign(device.laptop, std::move(known));
  changed_devices_.erase(device.row);
}

}  // namespace parc::checkin
