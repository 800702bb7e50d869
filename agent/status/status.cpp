#include "agent/status/status.h"

#include "agent/files/dates.h"
#include "agent/files/text.h"
#include "client/lib/evidence.h"
#include "fmt/format.h"

namespace parc::agent {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

class Writer {
 public:
  Writer(const StatusView& view, Language language)
      : view_(view), french_(language == Language::kFrench) {}

  std::string Write() {
    if (!view_.problem.empty()) {
      Line(Say("This laptop's identity cannot be used: ",
               "L'identité de ce poste est inutilisable : ") +
           view_.problem);
      WriteEnrolAnew();
    } else if (!view_.enrolled) {
      WriteNotEnrolled();
      return text_;
    } else {
      Line(fmt::format(fmt::runtime(Say("Enrolled as {}, reporting to {}.",
                                        "Enrôlé sous le nom {}, rapports à {}.")),
                       view_.device_id, view_.endpoint));
    }
    if (view_.pending) WritePending();
    WriteContact();
    WriteCertificate();
    WriteVerdict();
    if (!view_.support_code.empty()) {
      Line("");
      Line(Say("Support code for today: ", "Code d'assistance du jour : ") + view_.support_code);
    }
    return text_;
  }

 private:
  std::string Say(const char* english, const char* french) const {
    return french_ ? french : english;
  }

  void Line(const std::string& line) { text_ += line + "\n"; }

  void WriteEnrolAnew() {
    Line(fmt::format(fmt::runtime(Say("Ask your support for a code, then: {}",
                                      "Demander un code au support, puis : {}")),
                     kEnrolAnew));
  }

  void WritePending() {
    if (view_.words.empty()) {
      Line(Say(
          "Enrolment was asked for and is not answered yet: a technician may have to approve it.",
          "L'enrôlement est demandé et sans réponse : un technicien doit peut-être l'accepter."));
      return;
    }
    Line(fmt::format(
        fmt::runtime(Say("Enrolment waits for a technician's approval. Both screens show: {}",
                         "L'enrôlement attend l'accord d'un technicien. Les deux écrans montrent : "
                         "{}")),
        Printable(view_.words)));
  }

  void WriteNotEnrolled() {
    if (view_.pending) {
      WritePending();
    } else {
      Line(
          Say("This laptop is not enrolled. Ask your support for an enrolment code, then run "
              "`sudo parc-agent enrol 'CODE'`, with the quotes.",
              "Ce poste n'est pas enrôlé. Demander un code d'enrôlement au support, puis lancer "
              "« sudo parc-agent enrol 'CODE' », guillemets compris."));
    }
  }

  std::string Ago(std::int64_t seconds) const {
    constexpr std::int64_t kMinute = 60;
    constexpr std::int64_t kHour = 3600;
    constexpr std::int64_t kDay = 86'400;
    if (seconds < kMinute) return Say("less than a minute ago", "il y a moins d'une minute");
    if (seconds < 2 * kHour) {
      return fmt::format(fmt::runtime(Say("{} min ago", "il y a {} min")), seconds / kMinute);
    }
    if (seconds < 2 * kDay) {
      return fmt::format(fmt::runtime(Say("{} hours ago", "il y a {} heures")), seconds / kHour);
    }
    return fmt::format(fmt::runtime(Say("{} days ago", "il y a {} jours")), seconds / kDay);
  }

  void WriteContact() {
    if (view_.contact.last == 0) {
      Line(Say("The server has never answered yet.", "Le serveur n'a encore jamais répondu."));
    } else {
      Line(Say("Last contact with the server: ", "Dernier contact avec le serveur : ") +
           Ago(view_.now / kSecond - view_.contact.last) + ".");
    }
    if (view_.contact.failures > 0) {
      const std::string& error = view_.contact.last_error;
      const std::string newest = french_ ? client::TroubleInFrench(error) : error;
      Line(view_.contact.failures == 1
               ? Say("The attempt since failed: ", "L'essai fait depuis a échoué : ") + newest
               : fmt::format(fmt::runtime(Say("{} attempts failed since; the newest: {}",
                                              "{} essais ont échoué depuis ; le dernier : {}")),
                             view_.contact.failures, newest));
      if (view_.contact.trouble == Trouble::kUnreachable) {
        Line(Say("The report is kept and sent when it can be reached.",
                 "Le rapport est gardé et part dès que le serveur est joignable."));
      }
    }
  }

  void WriteCertificate() {
    if (view_.certificate_end == 0) return;
    if (view_.contact.trouble == Trouble::kRefused) {
      Line(fmt::format(
          fmt::runtime(Say("This laptop is no longer accepted; ask your support for a code, then: "
                           "{}",
                           "Ce poste n'est plus accepté ; demander un code au support, puis : {}")),
          kEnrolAnew));
      return;
    }
    const std::string date = IsoDate(view_.certificate_end);
    if (view_.certificate_end < view_.now) {
      Line(fmt::format(
          fmt::runtime(
              Say("Its certificate ended on {}: ask for a new enrolment code.",
                  "Son certificat a expiré le {} : demander un nouveau code d'enrôlement.")),
          date));
    } else {
      Line(fmt::format(
          fmt::runtime(Say("Its certificate is valid until {}; it renews itself.",
                           "Son certificat est valable jusqu'au {} et se renouvelle seul.")),
          date));
    }
  }

  std::string VerdictWords(v1::Verdict verdict) const {
    switch (verdict) {
      case v1::VERDICT_READY:
        return Say("READY to work from home.", "PRÊT pour le télétravail.");
      case v1::VERDICT_DEGRADED:
        return Say("Works, with something to mend (DEGRADED).",
                   "Utilisable, avec une réparation à faire (dégradé).");
      case v1::VERDICT_NOT_READY:
        return Say("NOT READY to work from home.", "PAS PRÊT pour le télétravail.");
      case v1::VERDICT_STALE:
        return Say("The newest report is too old to say (STALE).",
                   "Le dernier rapport est trop ancien pour conclure (périmé).");
      default:
        return Say("It cannot be told whether it is ready (UNKNOWN).",
                   "Impossible de dire s'il est prêt (inconnu).");
    }
  }

  void WriteVerdict() {
    if (!view_.answer) return;
    Line("");
    Line(VerdictWords(view_.answer->verdict()));
    for (const v1::CheckResult& problem : view_.answer->problems()) {
      const std::string title = french_ ? problem.title_fr() : problem.title_en();
      const std::string remedy = french_ ? problem.remedy_fr() : problem.remedy_en();
      const bool fails = problem.outcome() == v1::CHECK_OUTCOME_FAIL;
      const char* sign = !fails ? "?" : problem.in_grace() ? "!" : "✗";
      std::string outcome =
          fails ? Say(": no", " : non") : Say(": cannot be told", " : indéterminé");
      if (fails && problem.in_grace()) {
        outcome += Say(" (tolerated for now)", " (toléré pour l'instant)");
      }
      Line(fmt::format("  {} {}{}", sign, Printable(title.empty() ? problem.check() : title),
                       outcome));
      if (fails && !remedy.empty()) Line(fmt::format("    → {}", Printable(remedy)));
      if (!fails && !problem.evidence().empty()) {
        const std::string& evidence = problem.evidence();
        Line(fmt::format("      {}",
                         Printable(french_ ? client::EvidenceInFrench(evidence) : evidence)));
      }
    }
  }

  const StatusView& view_;
  bool french_;
  std::string text_;
};

}  // namespace

Language LanguageOf(std::string_view chosen, std::string_view locale) {
  const std::string_view name = chosen.empty() ? locale : chosen;
  return Lower(name.substr(0, 2)) == "fr" ? Language::kFrench : Language::kEnglish;
}

std::string RenderStatus(const StatusView& view, Language language) {
  return Writer(view, language).Write();
}

}  // namespace parc::agent
