#include "daemon/app/alert_sinks.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <iterator>
#include <thread>

#include "absl/strings/escaping.h"
#include "spdlog/sinks/ostream_sink.h"
#include "tests/app/scratch.h"

namespace parc::app {
namespace {

fleet::ToldAlert Told() {
  fleet::ToldAlert told;
  told.alert.id = 7;
  told.alert.count = 143;
  told.alert.raised = 1'584'702'000'000'000;
  told.message_en = "143 fewer laptops \"can\" work";
  told.message_fr = "143 postes de moins peuvent télétravailler";
  return told;
}

std::string TextOf(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Waits until `holds`, ten seconds at most.
template <typename Condition>
bool Soon(Condition holds) {
  for (int i = 0; i < 1000 && !holds(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return holds();
}

}  // namespace

TEST_CASE("an alert as JSON, and as mail in the language that was asked for") {
  CHECK(AlertJson(Told()) ==
        R"({"id":7,"kind":"READY_DROP","state":"raised","subject":"","count":143,)"
        R"("raised_time":"2020-03-20T11:00:00Z","resolved_time":null,)"
        R"("message_en":"143 fewer laptops \"can\" work",)"
        R"("message_fr":"143 postes de moins peuvent télétravailler"})");
  AlertSinkOptions options;
  options.mail_to = {"a@example.org", "b@example.org"};
  options.mail_from = "parcd@example.org";
  options.in_french = true;
  const std::string mail = AlertMail(Told(), options);
  CHECK_THAT(mail,
             Catch::StartsWith("From: parcd@example.org\nTo: a@example.org, b@example.org\n"));
  // Its subject is the sentence, in words that a header may have.
  std::string subject, word;
  std::istringstream words(mail.substr(mail.find("Subject: ") + 9));
  while (std::getline(words, word) && word.find(": ") == std::string::npos) {
    word.erase(0, word.find('='));
    CHECK(word.size() <= 75);
    std::string part;
    REQUIRE(absl::Base64Unescape(word.substr(10, word.size() - 12), &part));
    subject += part;
  }
  CHECK_THAT(subject, Catch::StartsWith("[Parc] 143 postes de moins"));
  std::string body;
  for (char c : mail.substr(mail.find("\n\n") + 2))
    if (c != '\n') body += c;
  std::string text;
  REQUIRE(absl::Base64Unescape(body, &text));
  CHECK_THAT(text, Catch::StartsWith("143 postes de moins"));
}

TEST_CASE("mail goes to sendmail, which is tried again, and the log is told at once") {
  std::signal(SIGPIPE,
              SIG_IGN);  // as parcd does: a sendmail that ends without reading is told by the write
  const ScratchDirectory scratch;
  const auto program = scratch.path() / "sendmail";
  // Fails the first time; then keeps its arguments and what it reads.
  std::ofstream(program) << "#!/bin/sh\ncd " << scratch.path().string()
                         << "\nif [ ! -e tried ]; then : > tried; exit 75; fi\n"
                            "echo \"$@\" > arguments\n/bin/cat > part\n/bin/mv part mail\n";
  REQUIRE(chmod(program.c_str(), 0755) == 0);
  std::ostringstream lines;
  auto log = std::make_shared<spdlog::logger>(
      "alerts", std::make_shared<spdlog::sinks::ostream_sink_mt>(lines));
  AlertSinkOptions options;
  options.mail_to = {"a@example.org"};
  options.mail_from = "parcd@example.org";
  options.sendmail = program.string();
  options.first_pause = std::chrono::milliseconds(1);
  {
    AlertSinks sinks(
        options, [] { return std::int64_t{0}; }, log);
    sinks.Tell(Told());
    CHECK(Soon([&] { return std::filesystem::exists(scratch.path() / "mail"); }));
  }
  CHECK(TextOf(scratch.path() / "arguments") == "-t -i\n");
  CHECK(TextOf(scratch.path() / "mail") == AlertMail(Told(), options));
  CHECK_THAT(lines.str(), Catch::Contains("alert.raised id=7 kind=READY_DROP"));
  CHECK_THAT(lines.str(), Catch::Contains("alert.put_off id=7 sink=mail tries=1"));
}

TEST_CASE("what cannot be delivered is given up after its tries, and holds up nothing") {
  std::ostringstream lines;
  auto log = std::make_shared<spdlog::logger>(
      "alerts", std::make_shared<spdlog::sinks::ostream_sink_mt>(lines));
  AlertSinkOptions options;
  options.mail_to = {"a@example.org"};
  options.sendmail = "/nonexistent/sendmail";
  options.first_pause = std::chrono::milliseconds(1);
  options.longest_pause = std::chrono::milliseconds(2);
  options.tries = 3;
  {
    AlertSinks sinks(
        options, [] { return std::int64_t{0}; }, log);
    for (int i = 0; i < 1000; ++i) sinks.Tell(Told());
  }
  CHECK_THAT(lines.str(), Catch::Contains("too many wait"));
}

}  // namespace parc::app
