#include "daemon/posture/alerts.h"

#include <algorithm>
#include <array>

#include "fmt/format.h"

namespace parc::posture {
namespace {

constexpr std::array<std::string_view, 3> kKinds = {"READY_DROP", "APPLICATION_LOST",
                                                    "CERTIFICATES_END"};
constexpr std::int64_t kWeek = std::int64_t{7 * 24 * 3600} * 1'000'000;

// What could be an alert now, and its limit.
struct Candidate {
  AlertKind kind;
  std::string subject;
  std::int64_t count;
  std::int64_t limit;
  std::int64_t reference = 0;
};

std::vector<Candidate> CandidatesOf(const AlertRules& rules, const AlertFigures& figures) {
  std::vector<Candidate> candidates = {
      {AlertKind::kReadyDrop, "", figures.ready_before - figures.ready, rules.ready_drop,
       figures.ready_before},
      {AlertKind::kCertificatesEnd, "", figures.certificates_ending, rules.certificate_laptops}};
  for (const auto& [application, laptops] : figures.unreachable) {
    candidates.push_back(
        {AlertKind::kApplicationLost, application, laptops, rules.application_laptops});
  }
  return candidates;
}

bool IsOver(const Alert& alert, const AlertRules& rules, const AlertFigures& figures,
            std::int64_t now) {
  switch (alert.kind) {
    case AlertKind::kReadyDrop:
      return rules.ready_drop == 0 || now - alert.raised >= kWeek ||
             2 * (alert.reference - figures.ready) < rules.ready_drop;
    case AlertKind::kApplicationLost: {
      const auto found = figures.unreachable.find(alert.subject);
      const std::int64_t count = found == figures.unreachable.end() ? 0 : found->second;
      return rules.application_laptops == 0 || 2 * count < rules.application_laptops;
    }
    case AlertKind::kCertificatesEnd:
      return rules.certificate_laptops == 0 ||
             2 * figures.certificates_ending < rules.certificate_laptops;
  }
  return true;
}

// "1 laptop", "143 laptops"; French takes none for one, too.
std::string CountEn(std::int64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}
std::string CountFr(std::int64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count < 2 ? one : many);
}

std::string WindowEn(const AlertRules& rules) {
  const std::int64_t minutes = rules.window / 60'000'000;
  return minutes == 60 ? "an hour" : CountEn(minutes, "minute", "minutes");
}
std::string WindowFr(const AlertRules& rules) {
  const std::int64_t minutes = rules.window / 60'000'000;
  return minutes == 60 ? "une heure" : CountFr(minutes, "minute", "minutes");
}

}  // namespace

std::string_view ToString(AlertKind kind) { return kKinds.at(static_cast<std::size_t>(kind)); }

std::optional<AlertKind> ParseAlertKind(std::string_view name) {
  const auto found = std::find(kKinds.begin(), kKinds.end(), name);
  if (found == kKinds.end()) return std::nullopt;
  return static_cast<AlertKind>(found - kKinds.begin());
}

std::string SentenceEn(const Alert& alert, const AlertRules& rules) {
  switch (alert.kind) {
    case AlertKind::kReadyDrop:
      return fmt::format("{} can work from home than {} ago ({}, now {})",
                         CountEn(alert.count, "laptop fewer", "fewer laptops"), WindowEn(rules),
                         alert.reference, alert.reference - alert.count);
    case AlertKind::kApplicationLost:
      return fmt::format("{} cannot reach the application {}",
                         CountEn(alert.count, "laptop", "laptops"), alert.subject);
    case AlertKind::kCertificatesEnd:
      return fmt::format("the VPN {} within {}",
                         alert.count == 1
                             ? "certificate of 1 laptop ends"
                             : fmt::format("certificates of {} laptops end", alert.count),
                         CountEn(rules.certificate_days, "day", "days"));
  }
  return {};
}

std::string SentenceFr(const Alert& alert, const AlertRules& rules) {
  switch (alert.kind) {
    case AlertKind::kReadyDrop:
      return fmt::format("{} télétravailler par rapport à il y a {} ({}, maintenant {})",
                         CountFr(alert.count, "poste de moins peut", "postes de moins peuvent"),
                         WindowFr(rules), alert.reference, alert.reference - alert.count);
    case AlertKind::kApplicationLost:
      return fmt::format("{} pas l'application {}",
                         CountFr(alert.count, "poste n'atteint", "postes n'atteignent"),
                         alert.subject);
    case AlertKind::kCertificatesEnd:
      return fmt::format(
          "{} sous {}",
          alert.count == 1 ? "le certificat VPN d'un poste expire"
                           : fmt::format("les certificats VPN de {} postes expirent", alert.count),
          CountFr(rules.certificate_days, "jour", "jours"));
  }
  return {};
}

AlertChanges Evaluate(const AlertRules& rules, const AlertFigures& figures,
                      const std::vector<Alert>& open, std::int64_t now) {
  AlertChanges changes;
  for (const Alert& alert : open) {
    if (!IsOver(alert, rules, figures, now)) continue;
    changes.resolved.push_back(alert);
    changes.resolved.back().resolved = now;
  }
  for (const Candidate& candidate : CandidatesOf(rules, figures)) {
    if (candidate.limit == 0 || candidate.count < candidate.limit) continue;
    const bool known = std::any_of(open.begin(), open.end(), [&](const Alert& alert) {
      return alert.kind == candidate.kind && alert.subject == candidate.subject;
    });
    if (known) continue;
    Alert alert;
    alert.kind = candidate.kind;
    alert.subject = candidate.subject;
    alert.count = candidate.count;
    alert.reference = candidate.reference;
    alert.raised = now;
    changes.raised.push_back(std::move(alert));
  }
  return changes;
}

}  // namespace parc::posture
