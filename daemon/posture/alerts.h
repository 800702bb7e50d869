#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What somebody should know at once: raised when it begins, once, and resolved when it is over.
namespace parc::posture {

struct AlertRules {
  // READY laptops lost since `window` ago; 0: no alert.
  std::int64_t ready_drop = 20;
  std::int64_t window = std::int64_t{3600} * 1'000'000;  // microseconds
  // Laptops that cannot reach one application; 0: no alert.
  std::int64_t application_laptops = 20;
  // Laptops whose VPN certificate ends within so many days; 0: no alert.
  std::int64_t certificate_laptops = 20;
  std::int64_t certificate_days = 14;

  bool operator==(const AlertRules&) const = default;
};

enum class AlertKind { kReadyDrop, kApplicationLost, kCertificatesEnd };

// "READY_DROP", "APPLICATION_LOST", "CERTIFICATES_END".
std::string_view ToString(AlertKind kind);
std::optional<AlertKind> ParseAlertKind(std::string_view name);

// The fleet, as the rules look at it: laptops that somebody holds and that report.
struct AlertFigures {
  std::int64_t ready = 0;
  std::int64_t ready_before = 0;                         // `window` ago
  std::map<std::string, std::int64_t> unreachable = {};  // by application
  std::int64_t certificates_ending = 0;

  bool operator==(const AlertFigures&) const = default;
};

struct Alert {
  std::int64_t id = 0;  // 0: not stored yet
  AlertKind kind = AlertKind::kReadyDrop;
  std::string subject;         // an application; empty otherwise
  std::int64_t count = 0;      // laptops
  std::int64_t reference = 0;  // what `count` is seen against: READY laptops before
  std::int64_t raised = 0;     // UTC microseconds
  std::optional<std::int64_t> resolved;

  bool operator==(const Alert&) const = default;
};

// "143 fewer laptops are ready than an hour ago (812 → 669)".
std::string SentenceEn(const Alert& alert, const AlertRules& rules);
std::string SentenceFr(const Alert& alert, const AlertRules& rules);

struct AlertChanges {
  std::vector<Alert> raised;
  std::vector<Alert> resolved;  // of `open`, with the time
};

// What begins and what is over. An alert ends when less than half of what raised it is left, so
// that one which hovers about its limit does not come and go; a drop of readiness also ends after a
// week, when fewer ready laptops are what is usual. Pure.
AlertChanges Evaluate(const AlertRules& rules, const AlertFigures& figures,
                      const std::vector<Alert>& open, std::int64_t now);

}  // namespace parc::posture
