#include "daemon/posture/policy_file.h"

#include <catch2/catch.hpp>
#include <string>

#include "daemon/inventory/reason.h"
#include "tests/posture/posture_support.h"

namespace parc::posture {
namespace {

constexpr char kGood[] = R"(stale_after = "36h"

[[check]]
id = "disk-space"
severity = "degrades"
passes = "disk.free_percent >= 5"
applies = "disk.free_percent:*"
grace = "90m"
title.en = "The disk has free space"
title.fr = "Le disque a de la place libre"
remedy = { en = "Free disk space.", fr = "Libérer de l'espace disque." }
references = ["One", "Two"]
)";

// "LINE:COLUMN CHECK: message".
std::string Refusal(const std::string& text) {
  const auto policy = ParsePolicy(text, 1);
  if (policy.ok()) return "";
  CHECK(ReasonOf(policy.status()) == "BAD_POLICY");
  return DetailOf(policy.status(), "line") + ":" + DetailOf(policy.status(), "column") + " " +
         DetailOf(policy.status(), "check") + ": " + std::string(policy.status().message());
}

std::string With(std::string text, const std::string& line, const std::string& other) {
  const std::size_t at = text.find(line);
  REQUIRE(at != std::string::npos);
  return text.replace(at, line.size(), other);
}

}  // namespace

TEST_CASE("a policy file says every part of a check") {
  const auto policy = ParsePolicy(kGood, 4);
  INFO(policy.status());
  REQUIRE(policy.ok());
  CHECK(policy->version == 4);
  CHECK(policy->stale_after == 36 * kHour);
  REQUIRE(policy->checks.size() == 1);
  const Check& check = policy->checks[0];
  CHECK(check.id == "disk-space");
  CHECK(check.severity == Severity::kDegrades);
  CHECK(check.grace == 90 * kHour / 60);
  CHECK(check.applies == "disk.free_percent:*");
  CHECK(check.title_fr == "Le disque a de la place libre");
  CHECK(check.remedy_en == "Free disk space.");
  CHECK(check.references == std::vector<std::string>{"One", "Two"});
  CHECK(check.rationale_en.empty());
}

TEST_CASE("a check says why it is asked, in both languages") {
  const auto policy = ParsePolicy(
      std::string(kGood) +
          "rationale = { en = \"Updates need room.\", fr = \"Il faut de la place.\" }\n",
      1);
  INFO(policy.status());
  REQUIRE(policy.ok());
  CHECK(policy->checks[0].rationale_en == "Updates need room.");
  CHECK(policy->checks[0].rationale_fr == "Il faut de la place.");
  CHECK_THAT(Refusal(std::string(kGood) + "rationale.en = \"Updates need room.\"\n"),
             Catch::Contains("rationale.fr is missing"));
}

TEST_CASE("what is wrong with a policy file is told by line, column and check") {
  struct Row {
    std::string text;
    std::string refusal;
  };
  const std::string passes = R"(passes = "disk.free_percent >= 5")";
  const Row rows[] = {
      {With(kGood, passes, R"(passes = "disk.free_persent >= 5")"), "6:11 disk-space: "},
      {With(kGood, passes, R"(passes = "disk.free_percent >= five")"), "6:32 disk-space: "},
      {With(kGood, passes, R"(passes = "state = ASSIGNED")"), "6:10 disk-space: "},
      {With(kGood, passes, "passes = 5"), "6:10 disk-space: passes must be a text"},
      {With(kGood, passes, ""), "3:1 disk-space: passes is missing"},
      {With(kGood, "\"90m\"", "\"90 minutes\""), "8:9 disk-space: grace must be a span"},
      {With(kGood, "\"degrades\"", "\"fatal\""), "5:12 disk-space: severity must be"},
      {With(kGood, "applies =", "aplies ="), "7:1 disk-space: there is no \"aplies\" here"},
      {With(kGood, "title.fr = \"Le disque a de la place libre\"", ""),
       "disk-space: title.fr is missing"},
      {With(kGood, "\"disk-space\"", "\"machine-identity\""), "4:6 machine-identity: "},
      {With(kGood, "\"36h\"", "\"0h\""), "1:15 : stale_after must be positive"},
      {std::string(kGood) + std::string(kGood).substr(20),
       "disk-space: check \"disk-space\": occurs"},
      {"stale_after = \"24h\"\n", "a policy has checks"},
      {"stale_after = \n", "1:"},
      {"", "a policy has checks"},
      {With(kGood, "Free disk space.", "Free\\u001b[2J disk space."),
       "disk-space: remedy.en must be one line"},
      {std::string(kMaxPolicyBytes + 1, '#'), "1:1 : a policy is no larger than 256 KiB"},
  };
  for (const Row& row : rows) {
    INFO(row.text.substr(0, 400));
    CHECK_THAT(Refusal(row.text), Catch::Contains(row.refusal));
  }
  CHECK(Refusal(kGood).empty());
}

TEST_CASE("a policy names the applications that laptops look for") {
  const auto policy = ParsePolicy(std::string(kGood) + R"([[application]]
id = "payroll"
url = "https://payroll.example.org/login?next=/"
through_vpn = true
title.en = "Payroll"
title.fr = "Paie"
[[application]]
id = "mail-out"
host = "smtp.example.org"
port = 587
through_vpn = false
[[application]]
id = "wiki"
url = "http://[2001:db8::7]:8080"
through_vpn = false
[[application]]
id = "ldap"
host = "10.0.0.7"
port = 636
tls = true
through_vpn = true
)",
                                  1);
  INFO(policy.status());
  REQUIRE(policy.ok());
  CHECK(policy->applications ==
        std::vector<Application>{
            {"payroll", "payroll.example.org", 443, true, true, "Payroll", "Paie"},
            {"mail-out", "smtp.example.org", 587, false, false, "", ""},
            {"wiki", "2001:db8::7", 8080, false, false, "", ""},
            {"ldap", "10.0.0.7", 636, true, true, "", ""}});
}

TEST_CASE("what is wrong with an application is told by line, column and its id") {
  struct Row {
    std::string lines;
    std::string refusal;
  };
  const std::string head = "id = \"erp\"\nthrough_vpn = true\n";
  const Row rows[] = {
      {"id = \"erp\"\nurl = \"https://erp\"\n", "13:1 erp: through_vpn is missing"},
      {head + "url = \"ftp://erp\"", "16:7 erp: url must be as"},
      {head + "url = \"https://\"", "16:7 erp: url must be as"},
      {head + "url = \"https://erp:\"", "16:7 erp: url must be as"},
      {head + "url = \"https://[::1\"", "16:7 erp: url must be as"},
      {head + "url = \"https://[::1]9\"", "16:7 erp: url must be as"},
      {head + "url = \"https://erp:99999\"", "16:7 erp: application \"erp\": a port is a number"},
      {head + "url = \"https://me@erp/\"", "16:7 erp: application \"erp\": its host is neither"},
      {head + "url = \"https://erp\"\nport = 1", "17:8 erp: url already says port"},
      {head + "host = \"erp\"", "13:1 erp: port is missing"},
      {head + "host = \"erp\"\nport = 0", "17:8 erp: port must be a number from 1 to 65535"},
      {head + "host = \"erp\"\nport = \"80\"", "17:8 erp: port must be a number"},
      {head + "host = \"e r p\"\nport = 80", "16:8 erp: application \"erp\": its host"},
      {head + "host = \"erp\"\nport = 80\ntls = 1", "18:7 erp: tls must be true or false"},
      {head + "host = \"erp\"\nport = 80\ntitle.en = \"ERP\"", "erp: title.fr is missing"},
      {head + "path = \"/\"", "16:1 erp: there is no \"path\" here"},
      {"id = \"ERP\"\nthrough_vpn = true\nurl = \"http://erp\"",
       "14:6 ERP: application \"ERP\": an id"},
      {head + "url = \"http://erp\"\n[[application]]\n" + head + "url = \"http://b\"",
       "18:6 erp: application \"erp\": occurs twice"},
  };
  for (const Row& row : rows) {
    INFO(row.lines);
    CHECK_THAT(Refusal(std::string(kGood) + "[[application]]\n" + row.lines),
               Catch::Contains(row.refusal));
  }
  std::string many = kGood;
  for (std::size_t i = 0; i <= kMaxApplications; ++i) {
    many += "[[application]]\nid = \"a" + std::to_string(i) +
            "\"\nurl = \"http://a\"\nthrough_vpn = false\n";
  }
  CHECK_THAT(Refusal(many), Catch::Contains("more than 256 applications"));
  CHECK_THAT(Refusal("application = 1\n" + std::string(kGood)),
             Catch::Contains("an application begins with [[application]]"));
}

TEST_CASE("the policy that ships is the file that ships") {
  const auto policy = ParsePolicy(DefaultPolicyText(), 1);
  INFO(Refusal(std::string(DefaultPolicyText())));
  REQUIRE(policy.ok());
  CHECK(policy->checks.size() == DefaultPolicy().checks.size());
}

TEST_CASE("causes of a verdict are the checks that are most in the way of a better one") {
  const Policy& policy = DefaultPolicy();
  const Judgement ready = Judge(policy, GoodFacts(), nullptr, kNoon);
  CHECK(Causes(policy, ready).empty());
  inventory::FactSheet facts = GoodFacts();
  facts.values[inventory::FieldId::kFirewallEnabled] = false;
  CHECK(Causes(policy, Judge(policy, facts, nullptr, kNoon)) ==
        std::vector<std::string>{"firewall-active"});
  facts.values[inventory::FieldId::kNetworkOnline] = false;
  CHECK(Causes(policy, Judge(policy, facts, nullptr, kNoon)) ==
        std::vector<std::string>{"net-online"});
}

}  // namespace parc::posture
