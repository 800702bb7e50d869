#include "agent/app/commands.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "agent/app/log.h"
#include "agent/app/session.h"
#include "agent/app/system.h"
#include "agent/channel/channel.h"
#include "agent/files/dates.h"
#include "agent/files/text.h"
#include "agent/identity/enrol.h"
#include "agent/identity/support_code.h"
#include "agent/status/status.h"
#include "client/lib/try.h"
#include "fmt/format.h"
#include "google/protobuf/util/json_util.h"

namespace parc::agent {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kPollSeconds = 60;

int Fail(const absl::Status& status) {
  std::cerr << "parc-agent: " << std::string(status.message()) << "\n";
  return absl::IsInvalidArgument(status) ? kExitConfig : kExitFailed;
}

int FailAtWork(const absl::Status& status) {
  std::cerr << "parc-agent: " << std::string(status.message()) << "\n";
  return kExitFailed;
}

// What a failed contact means to the person who reads it; the transport's words say little.
absl::Status Explained(Session& session, const absl::Status& status) {
  if (!absl::IsUnavailable(status)) return status;
  const absl::Status found = session.Diagnose();
  return found.ok() ? status : found;
}

absl::StatusOr<v1::CheckInResponse> ContactAndSchedule(Session& session) {
  const Contact before = session.ReadContact();
  auto answer = session.MakeContact();
  const std::int64_t now = Now() / kSecond;
  if (answer.ok()) {
    session.WriteContact(AfterAnswer(now, answer->next_contact().seconds()));
    return answer;
  }
  const absl::Status status = Explained(session, answer.status());
  std::optional<std::int64_t> wait;
  if (const auto pushback = PushbackOf(answer.status())) {
    wait = *pushback < 0 ? kDefaultInterval : *pushback / 1000 + 1;
  }
  Contact contact = AfterFailure(before, now, wait, std::string(status.message()), SystemDice());
  // A laptop that was turned away is so still when the server cannot be reached later.
  const bool turned_away = before.trouble == Trouble::kRefused;
  if (absl::IsUnavailable(status)) {
    contact.trouble = turned_away ? Trouble::kRefused : Trouble::kUnreachable;
  }
  if (absl::IsPermissionDenied(status)) contact.trouble = Trouble::kRefused;
  session.WriteContact(contact);
  return status;
}

// A failed report, with what becomes of it or what the person at the laptop can do.
absl::Status WithNextStep(const absl::Status& status) {
  const std::string message(status.message());
  if (absl::IsUnavailable(status)) {
    return absl::UnavailableError(message +
                                  ". The report is kept and sent when it can be reached.");
  }
  if (absl::IsPermissionDenied(status)) {
    return absl::PermissionDeniedError(
        fmt::format("{}\nAsk your support for a code, then: {}", message, kEnrolAnew));
  }
  return status;
}

// The state directory's answer to "is there anything to report as?".
bool IsEnrolled(Session& session) {
  return !absl::IsNotFound(session.identities().Current().status());
}

absl::StatusOr<std::string> ReadCode(const Request& request) {
  if (request.code_file.empty()) return request.code;
  if (request.code_file == "-") {
    std::string line;
    std::getline(std::cin, line);
    return line;
  }
  return ReadWhole(request.code_file, 4096);
}

void Tell(const v1::EnrolResponse& response) {
  if (response.state() == v1::ENROLMENT_STATE_ISSUED) {
    std::cout << fmt::format("Enrolled as {}; reports go to {}.\n", response.device_id(),
                             response.agent_endpoint());
    return;
  }
  std::cout << fmt::format(
      "A technician must approve this laptop. Both screens show: {}\n"
      "The parc-agent service asks again by itself; where it does not run, `parc-agent once` "
      "asks,\n"
      "and `parc-agent enrol --wait` with the same code waits. `parc-agent status` tells how it "
      "stands.\n",
      Printable(response.fingerprint()));
}

// Keeps the first contact of a fresh enrolment soon, and polls of a pending one apart.
void ScheduleAfter(const Session& session, const v1::EnrolResponse& response) {
  Contact contact;
  if (response.state() != v1::ENROLMENT_STATE_ISSUED) {
    const std::int64_t wait = response.poll_after().seconds();
    contact.next = Now() / kSecond + (wait > 0 ? std::min(wait, kLongestWait) : kPollSeconds);
  }
  session.WriteContact(contact);
}

// Asks once for the answer to an enrolment that waits. A laptop that is enrolled keeps the pace of
// its reports.
absl::StatusOr<v1::EnrolResponse> PollOnce(Session& session, const PendingEnrolment& pending) {
  const bool enrolled = IsEnrolled(session);
  auto response = session.PollEnrolment(pending);
  if (response.ok() && (!enrolled || response->state() == v1::ENROLMENT_STATE_ISSUED)) {
    ScheduleAfter(session, *response);
  } else if (!response.ok() && !enrolled) {
    session.WriteContact(AfterFailure(session.ReadContact(), Now() / kSecond, std::nullopt,
                                      std::string(response.status().message()), SystemDice()));
  }
  return response;
}

absl::StatusOr<v1::EnrolResponse> PollUntilAnswered(Session& session,
                                                    const PendingEnrolment& pending, bool wait) {
  while (true) {
    PARC_ASSIGN(const v1::EnrolResponse response, session.PollEnrolment(pending));
    ScheduleAfter(session, response);
    Tell(response);
    std::cout.flush();
    if (!wait || response.state() == v1::ENROLMENT_STATE_ISSUED) return response;
    const std::int64_t pause = response.poll_after().seconds();
    std::this_thread::sleep_for(
        std::chrono::seconds(std::clamp<std::int64_t>(pause, 1, kPollSeconds)));
  }
}

}  // namespace

int RunReport(const Request& request) {
  auto session = Session::Open(request, true);
  if (!session.ok()) return Fail(session.status());
  const auto pending = session->identities().Pending();
  if (pending.ok()) {
    const auto response = PollOnce(*session, *pending);
    if (response.ok()) {
      Log(LogLevel::kInfo,
          fmt::format("enrol.answered state={}", v1::EnrolmentState_Name(response->state())));
    } else {
      Log(LogLevel::kWarn,
          fmt::format("enrol.failed why=\"{}\"", std::string(response.status().message())));
    }
    // A laptop that is to be enrolled anew goes on reporting as what it still is.
    if (!IsEnrolled(*session)) return response.ok() ? kExitOk : kExitFailed;
    if (response.ok() && response->state() == v1::ENROLMENT_STATE_ISSUED) return kExitOk;
  } else if (!IsEnrolled(*session)) {
    return kExitOk;
  }
  const auto answer = ContactAndSchedule(*session);
  if (answer.ok()) {
    Log(LogLevel::kInfo,
        fmt::format("checkin.done verdict={} next={}", v1::Verdict_Name(answer->verdict()),
                    answer->next_contact().seconds()));
  } else {
    Log(LogLevel::kWarn,
        fmt::format("checkin.failed why=\"{}\"", std::string(answer.status().message())));
  }
  // For the next report: this one has not waited for it.
  if (session->UpdatesAreDue()) session->AskForUpdates();
  return answer.ok() ? kExitOk : kExitFailed;
}

int RunOnce(const Request& request) {
  auto session = Session::Open(request, true);
  if (!session.ok()) return Fail(session.status());
  if (const auto pending = session->identities().Pending(); pending.ok()) {
    const auto response = PollOnce(*session, *pending);
    const bool enrolled = IsEnrolled(*session);
    if (!response.ok() && !enrolled) return FailAtWork(response.status());
    if (response.ok() && response->state() == v1::ENROLMENT_STATE_ISSUED) Tell(*response);
    if (!enrolled) {
      return FailAtWork(absl::UnavailableError(fmt::format(
          "this laptop waits for approval (words: {})", Printable(response->fingerprint()))));
    }
  } else if (!IsEnrolled(*session)) {
    return FailAtWork(absl::NotFoundError(
        "this laptop is not enrolled: run `parc-agent enrol 'CODE'`, with the quotes"));
  }
  const auto answer = ContactAndSchedule(*session);
  if (!answer.ok()) return FailAtWork(WithNextStep(answer.status()));
  std::cout << fmt::format("Reported. The server says {}; next contact in {} s.\n",
                           v1::Verdict_Name(answer->verdict()).substr(8),
                           answer->next_contact().seconds())
            << std::flush;
  // Nobody at a terminal is to wait for a package manager.
  if (session->UpdatesAreDue()) {
    const absl::Status started = StartAskingForUpdates(request.config, request.state);
    if (!started.ok()) {
      Log(LogLevel::kWarn,
          fmt::format("updates.failed why=\"{}\"", std::string(started.message())));
    }
  }
  return kExitOk;
}

int RunUpdates(const Request& request) {
  auto session = Session::Open(request, false);
  if (!session.ok()) return Fail(session.status());
  if (session->UpdatesAreDue()) session->AskForUpdates();
  return kExitOk;
}

int RunEnrol(const Request& request) {
  const auto code = ReadCode(request);
  if (!code.ok()) return FailAtWork(code.status());
  if (auto parsed = ParseEnrolmentCode(*code); !parsed.ok()) return FailAtWork(parsed.status());
  auto session = Session::Open(request, true);
  if (!session.ok()) return Fail(session.status());
  const auto current = session->identities().Current();
  if (current.ok() && current->not_after > Now() && !request.replace) {
    return FailAtWork(absl::AlreadyExistsError(
        fmt::format("this laptop is enrolled as {} until {}; --replace enrols it anew",
                    current->device_id, IsoDate(current->not_after))));
  }
  const auto pending = PrepareEnrolment(session->identities(), *code, session->about());
  if (!pending.ok()) return FailAtWork(pending.status());
  const auto response = PollUntilAnswered(*session, *pending, request.wait);
  return response.ok() ? kExitOk : FailAtWork(response.status());
}

int RunRenew(const Request& request) {
  auto session = Session::Open(request, true);
  if (!session.ok()) return Fail(session.status());
  if (const auto renewed = session->Renew(); !renewed.ok()) {
    return FailAtWork(Explained(*session, renewed));
  }
  // The next report is the first use of the new certificate, which makes it the current one.
  if (const auto answer = ContactAndSchedule(*session); !answer.ok()) {
    return FailAtWork(answer.status());
  }
  const auto current = session->identities().Current();
  if (!current.ok()) return FailAtWork(current.status());
  std::cout << fmt::format("Renewed: the certificate is valid until {}.\n",
                           IsoDate(current->not_after));
  return kExitOk;
}

// The person at the laptop may not read the agent's files, and need not: the agent shows what it
// would tell.
absl::StatusOr<StatusView> ViewOf(const Request& request) {
  auto session = Session::Open(request, false);
  if (session.ok()) return session->View();
  if (!absl::IsPermissionDenied(session.status())) return session.status();
  constexpr std::size_t kMost = 1024 * 1024;
  const StatePaths paths{request.state};
  const auto shown = ReadWhole(paths.shown(), kMost);
  std::error_code error;
  if (absl::IsNotFound(shown.status()) && !std::filesystem::exists(paths.identity(), error) &&
      !error)
    return StatusView();  // nobody has enrolled it
  if (!shown.ok()) return session.status();
  return ParseShown(*shown);
}

int RunStatus(const Request& request) {
  auto view = ViewOf(request);
  if (!view.ok()) return Fail(view.status());
  view->now = Now();
  view->support_code = SupportCode(view->key_hash, view->now);
  const char* locale = nullptr;
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    if (locale == nullptr || *locale == '\0') locale = std::getenv(name);
  }
  std::cout << RenderStatus(*view, LanguageOf(request.language, locale == nullptr ? "" : locale));
  return kExitOk;
}

int RunCheck(const Request& request) {
  const auto session = Session::Open(request, false);
  return session.ok() ? kExitOk : Fail(session.status());
}

int RunFacts(const Request& request) {
  // Facts can be looked at by anybody; without the state directory only what is remembered is
  // missing.
  auto session = Session::Open(request, false);
  if (!session.ok()) return Fail(session.status());
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  std::string json;
  const auto printed =
      google::protobuf::util::MessageToJsonString(session->Facts(), &json, options);
  if (!printed.ok()) return FailAtWork(absl::InternalError("the facts cannot be printed"));
  std::cout << json;
  return kExitOk;
}

}  // namespace parc::agent
