#include "daemon/posture/alerts.h"

#include <catch2/catch.hpp>

#include "tests/posture/posture_support.h"

namespace parc::posture {
namespace {

constexpr AlertRules kRules = {.ready_drop = 20,
                               .window = kHour,
                               .application_laptops = 10,
                               .certificate_laptops = 5,
                               .certificate_days = 14};

// "+READY_DROP 25" for what begins, "-READY_DROP" for what is over; `open` becomes what is open
// then.
std::string Step(std::vector<Alert>& open, const AlertFigures& figures, std::int64_t now,
                 const AlertRules& rules = kRules) {
  const AlertChanges changes = Evaluate(rules, figures, open, now);
  std::string text;
  for (const Alert& alert : changes.resolved) {
    text += "-" + std::string(ToString(alert.kind)) + alert.subject + " ";
    CHECK(alert.resolved == now);
    std::erase_if(open, [&](const Alert& one) { return one.id == alert.id; });
  }
  for (Alert alert : changes.raised) {
    text += "+" + std::string(ToString(alert.kind)) + alert.subject + " " +
            std::to_string(alert.count) + " ";
    alert.id = now + static_cast<std::int64_t>(open.size()) + 1;
    open.push_back(alert);
  }
  return text;
}

}  // namespace

TEST_CASE("a drop of readiness is raised once, and over when half of it has come back") {
  std::vector<Alert> open;
  CHECK(Step(open, {.ready = 81, .ready_before = 100}, kNoon).empty());
  CHECK(Step(open, {.ready = 80, .ready_before = 100}, kNoon) == "+READY_DROP 20 ");
  CHECK(Step(open, {.ready = 60, .ready_before = 100}, kNoon + 1).empty());
  // The window has moved on, the laptops have not come back.
  CHECK(Step(open, {.ready = 60, .ready_before = 60}, kNoon + 2 * kHour).empty());
  CHECK(Step(open, {.ready = 90, .ready_before = 60}, kNoon + 3 * kHour).empty());
  CHECK(Step(open, {.ready = 91, .ready_before = 90}, kNoon + 4 * kHour) == "-READY_DROP ");
  CHECK(open.empty());
}

TEST_CASE("after a week fewer ready laptops are what is usual") {
  std::vector<Alert> open;
  CHECK(Step(open, {.ready = 50, .ready_before = 100}, kNoon) == "+READY_DROP 50 ");
  CHECK(Step(open, {.ready = 50, .ready_before = 50}, kNoon + 7 * kDay - 1).empty());
  CHECK(Step(open, {.ready = 50, .ready_before = 50}, kNoon + 7 * kDay) == "-READY_DROP ");
}

TEST_CASE("applications and certificates have alerts of their own, which do not come and go") {
  std::vector<Alert> open;
  AlertFigures figures;
  figures.unreachable = {{"intranet", 10}, {"payroll", 9}};
  figures.certificates_ending = 5;
  CHECK(Step(open, figures, kNoon) == "+CERTIFICATES_END 5 +APPLICATION_LOSTintranet 10 ");
  figures.unreachable = {{"intranet", 5}, {"payroll", 12}};
  figures.certificates_ending = 3;
  CHECK(Step(open, figures, kNoon + 1) == "+APPLICATION_LOSTpayroll 12 ");
  figures.unreachable = {{"payroll", 12}};
  figures.certificates_ending = 2;
  CHECK(Step(open, figures, kNoon + 2) == "-CERTIFICATES_END -APPLICATION_LOSTintranet ");
}

TEST_CASE("a rule that is switched off raises nothing, and ends what it had raised") {
  std::vector<Alert> open;
  CHECK(!Step(open, {.ready = 0, .ready_before = 100}, kNoon).empty());
  AlertRules off;
  off.ready_drop = off.application_laptops = off.certificate_laptops = 0;
  CHECK(Step(open, {.ready = 0, .ready_before = 100}, kNoon + 1, off) == "-READY_DROP ");
}

TEST_CASE("an alert says what it is in two languages") {
  Alert alert;
  alert.count = 143;
  alert.reference = 812;
  CHECK(SentenceEn(alert, kRules) ==
        "143 fewer laptops can work from home than an hour ago (812, now 669)");
  CHECK(SentenceFr(alert, kRules) ==
        "143 postes de moins peuvent télétravailler par rapport à il y "
        "a une heure (812, maintenant 669)");
  alert.count = 1;
  alert.subject = "payroll";
  AlertRules soon = kRules;
  soon.window = 60'000'000;
  soon.certificate_days = 1;
  struct Row {
    AlertKind kind;
    const char* english;
    const char* french;
  };
  const Row rows[] = {
      {AlertKind::kReadyDrop, "1 laptop fewer can work from home than 1 minute ago (812, now 811)",
       "1 poste de moins peut télétravailler par rapport à il y a 1 minute (812, maintenant 811)"},
      {AlertKind::kApplicationLost, "1 laptop cannot reach the application payroll",
       "1 poste n'atteint pas l'application payroll"},
      {AlertKind::kCertificatesEnd, "the VPN certificate of 1 laptop ends within 1 day",
       "le certificat VPN d'un poste expire sous 1 jour"}};
  for (const Row& row : rows) {
    alert.kind = row.kind;
    CHECK(SentenceEn(alert, soon) == row.english);
    CHECK(SentenceFr(alert, soon) == row.french);
  }
  for (const AlertKind kind :
       {AlertKind::kReadyDrop, AlertKind::kApplicationLost, AlertKind::kCertificatesEnd})
    CHECK(ParseAlertKind(ToString(kind)) == kind);
  CHECK(!ParseAlertKind("OTHER").has_value());
}

}  // namespace parc::posture
