#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <thread>

#include "agent/app/config.h"
#include "agent/net/http.h"
#include "agent/net/socket.h"
#include "agent/status/status.h"
#include "tests/agent/agent_support.h"

namespace parc::agent {

TEST_CASE("agent.toml is read") {
  const auto config = ParseConfig(
      "root = \"/\"\nproxy = \"http://proxy.example:3128\"\r\n[vpn]\ngateways = [\n"
      "  {protocol = \"openvpn-udp\", host = \"vpn.example\", port = 1194, wrapped = true},\n"
      "  {protocol = \"ikev2\", host = \"2001:db8::1\", port = 500}]\n[log]\nlevel = \"debug\"\n",
      "agent.toml");
  REQUIRE(config.ok());
  CHECK(config->proxy == "http://proxy.example:3128");
  CHECK(config->log_level == "debug");
  REQUIRE(config->gateways.size() == 2);
  CHECK(config->gateways[0] ==
        Gateway{v1::GATEWAY_PROTOCOL_OPENVPN_UDP, "vpn.example", 1194, true});
  CHECK(ParseConfig("[network]\nportal_test = \"http://portal.example:8080/test\"\n", "f")
            ->portal_test == PortalTest{"portal.example", 8080, "/test"});
  CHECK_FALSE(ParseConfig("[network]\nportal_test = \"\"\n", "f")->portal_test);
  CHECK(*ParseConfig("", "agent.toml") == Config());
  CHECK(*ReadConfig("/nonexistent/agent.toml") == Config());
}

TEST_CASE("what is wrong in agent.toml is named with line and column") {
  struct Row {
    const char* text;
    const char* message;
  };
  const Row rows[] = {
      {"proxi = \"x\"\n", "agent.toml:1:1: unknown key \"proxi\""},
      {"\n[vpn]\ngatways = []\n", "agent.toml:3:1: unknown key \"gatways\""},
      {"root = \"etc\"\n", "agent.toml:1:8: root: is no absolute path"},
      {"root = 5\n", "agent.toml:1:8: root: is no text in quotes"},
      {"proxy = \"socks://a:1\"\n", "agent.toml:1:9: proxy: is not http://…"},
      {"proxy = \"http://a\"\n", "agent.toml:1:9: proxy: is not http://host:port"},
      {"[network]\nportal_test = \"https://a/\"\n",
       "agent.toml:2:15: network.portal_test: is not http://host:port/path"},
      {"[network]\nportal = 1\n", "agent.toml:2:1: unknown key \"portal\""},
      {"[log]\nlevel = \"loud\"\n",
       "agent.toml:2:9: log.level: is none of error, warn, info, debug"},
      {"[vpn]\ngateways = [{protocol = \"pptp\", host = \"a\", port = 1}]\n",
       "agent.toml:2:25: protocol: is none of openvpn-udp, openvpn-tcp, ikev2, tls, anyconnect, "
       "wireguard"},
      {"[vpn]\ngateways = [{protocol = \"tls\", host = \"a\"}]\n",
       "agent.toml:2:13: a gateway has protocol, host and port"},
      {"[vpn]\ngateways = [{protocol = \"tls\", host = \"a\", port = 70000}]\n",
       "agent.toml:2:51: port: is not between 1 and 65535"},
  };
  for (const Row& row : rows) {
    const auto config = ParseConfig(row.text, "agent.toml");
    REQUIRE(absl::IsInvalidArgument(config.status()));
    CHECK(std::string(config.status().message()) == row.message);
  }
  CHECK(absl::IsInvalidArgument(ParseConfig("a = 1\na = 2\n", "f").status()));
  CHECK(absl::IsInvalidArgument(ParseConfig("\xff\xfe", "f").status()));
  CHECK(absl::IsInvalidArgument(ParseConfig("[[=\n", "f").status()));
}

TEST_CASE("the person at the laptop is told how it stands, in both languages") {
  StatusView view;
  view.now = kNoon;
  CHECK(RenderStatus(view, Language::kEnglish).find("is not enrolled") != std::string::npos);
  CHECK(RenderStatus(view, Language::kFrench).find("n'est pas enrôlé") != std::string::npos);
  view.pending = true;
  CHECK(RenderStatus(view, Language::kEnglish).find("a technician may have to approve") !=
        std::string::npos);
  view.words = "amber brook cedar delta";
  CHECK(RenderStatus(view, Language::kEnglish) ==
        "Enrolment waits for a technician's approval. Both screens show: amber brook cedar "
        "delta\n");
  CHECK(RenderStatus(view, Language::kFrench).find("amber brook cedar delta") != std::string::npos);
  view.pending = false;
  view.enrolled = true;
  view.device_id = "d1";
  view.endpoint = "parc.example:8443";
  view.certificate_end = kNoon + std::int64_t{30} * 86'400'000'000;
  view.contact = {kNoon / 1'000'000 + 900, 2, kNoon / 1'000'000 - 7 * 3600, "no route"};
  v1::CheckInResponse answer;
  answer.set_verdict(v1::VERDICT_NOT_READY);
  auto& problem = *answer.add_problems();
  problem.set_check("firewall-active");
  problem.set_outcome(v1::CHECK_OUTCOME_FAIL);
  problem.set_title_en("The firewall is on");
  problem.set_title_fr("Le pare-feu est actif");
  problem.set_remedy_en("Turn the firewall on.");
  problem.set_remedy_fr("Activer le pare-feu.");
  view.answer = answer;
  CHECK(RenderStatus(view, Language::kEnglish) ==
        "Enrolled as d1, reporting to parc.example:8443.\n"
        "Last contact with the server: 7 hours ago.\n"
        "2 attempts failed since; the newest: no route\n"
        "Its certificate is valid until 2026-03-31; it renews itself.\n"
        "\n"
        "NOT READY to work from home.\n"
        "  ✗ The firewall is on: no\n"
        "    → Turn the firewall on.\n");
  CHECK(RenderStatus(view, Language::kFrench) ==
        "Enrôlé sous le nom d1, rapports à parc.example:8443.\n"
        "Dernier contact avec le serveur : il y a 7 heures.\n"
        "2 essais ont échoué depuis ; le dernier : no route\n"
        "Son certificat est valable jusqu'au 2026-03-31 et se renouvelle seul.\n"
        "\n"
        "PAS PRÊT pour le télétravail.\n"
        "  ✗ Le pare-feu est actif : non\n"
        "    → Activer le pare-feu.\n");
  view.contact.failures = 1;
  view.contact.last_error = "the server cannot be reached (parc.example does not resolve in time)";
  CHECK(RenderStatus(view, Language::kEnglish)
            .find("The attempt since failed: the server cannot be reached (parc.example does not "
                  "resolve in time)\n") != std::string::npos);
  CHECK(RenderStatus(view, Language::kFrench)
            .find("L'essai fait depuis a échoué : le serveur est injoignable (parc.example n'est "
                  "pas résolu à temps)\n") != std::string::npos);
  view.answer->mutable_problems(0)->set_in_grace(true);
  CHECK(RenderStatus(view, Language::kEnglish)
            .find("  ! The firewall is on: no (tolerated for now)\n") != std::string::npos);
  problem.set_outcome(v1::CHECK_OUTCOME_UNKNOWN);
  problem.set_evidence("firewall.enabled: needs the root collector");
  *view.answer->mutable_problems(0) = problem;
  CHECK(RenderStatus(view, Language::kEnglish)
            .find("\n      firewall.enabled: needs the root collector\n") != std::string::npos);
  CHECK(RenderStatus(view, Language::kFrench)
            .find("\n      firewall.enabled: demande le collecteur de root\n") !=
        std::string::npos);
  view.certificate_end = kNoon - 1;
  CHECK(RenderStatus(view, Language::kEnglish).find("Its certificate ended on 2026-03-01") !=
        std::string::npos);
}

TEST_CASE("everybody on the laptop is shown the same as its administrator") {
  StatusView view;
  view.enrolled = true;
  view.device_id = "d1";
  view.endpoint = "parc.example:8443";
  view.certificate_end = kNoon;
  view.key_hash = std::string("\0\x7f\xff", 3) + std::string(29, '\n');
  view.contact = {kNoon / 1'000'000 + 900, 2, kNoon / 1'000'000 - 60, "no route"};
  view.contact.trouble = Trouble::kUnreachable;
  v1::CheckInResponse answer;
  answer.set_verdict(v1::VERDICT_NOT_READY);
  answer.add_problems()->set_title_fr("Pare-feu\n\n");
  answer.add_applications()->set_host("payroll.internal");
  view.answer = answer;
  const std::string bytes = FormatShown(view);
  CHECK(bytes.find("payroll") == std::string::npos);
  auto shown = ParseShown(bytes);
  REQUIRE(shown.ok());
  CHECK(shown->key_hash == view.key_hash);
  view.now = shown->now = kNoon;
  for (const Language language : {Language::kEnglish, Language::kFrench})
    CHECK(RenderStatus(*shown, language) == RenderStatus(view, language));
  CHECK(absl::IsDataLoss(ParseShown(bytes.substr(0, bytes.size() - 1)).status()));
  CHECK(absl::IsDataLoss(ParseShown("").status()));

  StatusView waiting;
  waiting.pending = true;
  waiting.words = "amber brook \"cedar\"";
  waiting.problem = "key.pem\nis damaged";
  shown = ParseShown(FormatShown(waiting));
  REQUIRE(shown.ok());
  CHECK_FALSE(shown->enrolled);
  CHECK_FALSE(shown->answer.has_value());
  CHECK(shown->pending);
  CHECK(shown->words == "amber brook  cedar ");
  CHECK(shown->problem == "key.pemis damaged");
}

TEST_CASE("a laptop that the server does not hear or does not take is told what comes next") {
  StatusView view;
  view.now = kNoon;
  view.enrolled = true;
  view.certificate_end = kNoon + std::int64_t{30} * 86'400'000'000;
  view.contact = {kNoon / 1'000'000 + 900, 2, kNoon / 1'000'000 - 60, "no route"};
  const std::string kept = "\nThe report is kept and sent when it can be reached.\n";
  const std::string refused =
      "\nThis laptop is no longer accepted; ask your support for a code, then: sudo parc-agent "
      "enrol --code-file FILE --replace\n";
  const auto says = [&](const std::string& line) {
    return RenderStatus(view, Language::kEnglish).find(line) != std::string::npos;
  };
  view.contact.trouble = Trouble::kUnreachable;
  CHECK(says(kept));
  CHECK(says("Its certificate is valid until"));
  view.contact.trouble = Trouble::kRefused;
  CHECK(says(refused));
  CHECK_FALSE(says(kept));
  CHECK_FALSE(says("Its certificate is valid until"));
  view.enrolled = false;
  view.problem = "key.pem is damaged";
  view.contact.trouble = Trouble::kOther;
  CHECK(
      says("\nAsk your support for a code, then: sudo parc-agent enrol --code-file FILE "
           "--replace\n"));
}

TEST_CASE("the language is chosen by word or by locale") {
  CHECK(LanguageOf("", "fr_FR.UTF-8") == Language::kFrench);
  CHECK(LanguageOf("en", "fr_FR.UTF-8") == Language::kEnglish);
  CHECK(LanguageOf("", "C") == Language::kEnglish);
  CHECK(LanguageOf("fr", "") == Language::kFrench);
}

TEST_CASE("HTTP answers are read whole or refused") {
  const auto answer = ParseHttpAnswer(
      "HTTP/1.1 200 OK\r\nContent-Type: Application/Proto; x=1\r\nContent-Length: 2\r\n\r\nabc");
  REQUIRE(answer.ok());
  CHECK(answer->status == 200);
  CHECK(answer->content_type == "application/proto");
  CHECK(answer->body == "ab");
  for (const char* bad : {"", "HTTP/1.1 200 OK\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 abc\r\n\r\n",
                          "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"}) {
    INFO(bad);
    CHECK(absl::IsUnavailable(ParseHttpAnswer(bad).status()));
  }
}

TEST_CASE("a proxy is asked to connect, and its refusal is told") {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(listen(listener, 4) == 0);
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  const std::string proxy = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
  std::vector<std::string> heads;
  std::jthread server([&] {
    for (const char* reply : {"HTTP/1.1 200 Connection established\r\n\r\nhello",
                              "HTTP/1.1 403 Forbidden\r\n\r\n", ""}) {
      const int fd = accept(listener, nullptr, nullptr);
      char buffer[1024];
      const ssize_t got = read(fd, buffer, sizeof buffer);
      heads.emplace_back(buffer, static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
      [[maybe_unused]] const ssize_t sent = write(fd, reply, std::string(reply).size());
      close(fd);
    }
  });
  const Deadline deadline(std::chrono::seconds(5));
  const auto open = Dial("parc.example", 8444, proxy, deadline);
  REQUIRE(open.ok());
  CHECK(*ReceiveSome(open->get(), 16, deadline) == "hello");
  const auto refused = Dial("2001:db8::1", 8444, proxy, deadline);
  CHECK(absl::IsUnavailable(refused.status()));
  CHECK(std::string(refused.status().message()).find("403 Forbidden") != std::string::npos);
  CHECK_FALSE(Dial("parc.example", 8444, proxy, deadline).ok());
  server.join();
  close(listener);
  CHECK(heads.at(0) == "CONNECT parc.example:8444 HTTP/1.1\r\nHost: parc.example:8444\r\n\r\n");
  CHECK(heads.at(1).rfind("CONNECT [2001:db8::1]:8444 HTTP/1.1\r\n", 0) == 0);
}

}  // namespace parc::agent
