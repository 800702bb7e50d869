#include "client/answer.h"
#include "client/commands/laptop_fields.h"
#include "client/commands/make.h"
#include "client/connection.h"
#include "client/lib/errors.h"
#include "client/proto_text.h"
#include "client/render/ladder.h"
#include "client/render/width.h"
#include "fmt/format.h"
#include "parc/v1/laptops.grpc.pb.h"
#include "parc/v1/readiness.grpc.pb.h"

namespace parc::client {
namespace {

class Why final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional(
        "LAPTOP", laptop_,
        {"Asset tag, serial, or the support code of the day that its user reads out",
         "Étiquette, numéro de série, ou code d'assistance du jour lu par l'usager"});
    options.Flag("--history", history_,
                 {"The verdicts it has had, newest first",
                  "Les verdicts qu'il a eus, du plus récent au plus ancien"});
    format_.Declare(options);
    options.Choice("--expect", "VERDICT", expected_,
                   {"READY", "DEGRADED", "NOT_READY", "UNKNOWN", "STALE"},
                   {"End with code 10 when the verdict is another",
                    "Finir avec le code 10 si le verdict est autre"});
  }

  absl::Status Run(Session& session) override {
    PARC_ASSIGN(Connection * connection, session.Connect());
    if (history_) return WriteHistory(session, *connection);
    v1::ExplainLaptopRequest request;
    request.set_name(NameIn("laptops", laptop_));
    PARC_ASSIGN(const v1::ExplainLaptopResponse response,
                connection->Read(&v1::LaptopService::Stub::ExplainLaptop, request));
    if (format_.json()) {
      WriteJson(session, response);
    } else {
      Write(session, response);
    }
    const std::string verdict = Word(v1::Verdict_Name(response.readiness().verdict()), "VERDICT_");
    if (!expected_.empty() && verdict != expected_) session.EndWith(Exit::kUnmet);
    return absl::OkStatus();
  }

 private:
  absl::Status WriteHistory(Session& session, Connection& connection) {
    v1::ListVerdictsRequest request;
    request.set_parent(NameIn("laptops", laptop_));
    std::int64_t told = 0;
    do {
      PARC_ASSIGN(const v1::ListVerdictsResponse response,
                  connection.Read(&v1::ReadinessService::Stub::ListVerdicts, request));
      for (const v1::VerdictSpan& span : response.verdicts()) WriteSpan(session, span);
      told += response.verdicts_size();
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    if (told == 0) session.Tell(session.Say({"it never reported", "il n'a jamais rapporté"}));
    return absl::OkStatus();
  }

  void WriteSpan(Session& session, const v1::VerdictSpan& span) const {
    if (format_.json()) return WriteJson(session, span);
    const std::int64_t start = Micros(span.start_time());
    const std::int64_t end = span.has_end_time() ? Micros(span.end_time()) : session.now();
    const std::string verdict(VerdictWords(span.verdict(), session.language()));
    session.terminal().Write(fmt::format(
        "{}  {}  {}\n", render::Time(start, session.language()),
        render::Styled(render::PadRight(verdict, 12), StyleOf(span.verdict()),
                       session.terminal().colour()),
        render::Span(std::max<std::int64_t>(0, (end - start) / 1'000'000), session.language())));
  }

  static void Write(Session& session, const v1::ExplainLaptopResponse& response) {
    Terminal& terminal = session.terminal();
    const v1::Readiness& readiness = response.readiness();
    const std::string_view verdict = VerdictWords(readiness.verdict(), session.language());
    std::string head =
        render::Styled(response.laptop().asset_tag(), render::Style::kBold, terminal.colour());
    head += session.Say({": ", " : "});
    head += render::Styled(verdict, StyleOf(readiness.verdict()), terminal.colour());
    if (readiness.since_time().seconds() != 0) {
      head += fmt::format(" {} {}", session.Say({"since", "depuis le"}),
                          render::Time(Micros(readiness.since_time()), session.language()));
    }
    terminal.Write(head + "\n");
    std::string sentence = render::Printable(LaptopSentence(response.laptop(), session.language()));
    const std::string& model = response.laptop().model();
    if (!model.empty()) sentence += " · " + render::Printable(model);
    terminal.Write(sentence + "\n" + ReportLine(session, readiness, response.laptop().state()) +
                   "\n");
    if (readiness.checks().empty()) return;
    if (readiness.report_time().seconds() == 0) {
      if (IsGone(response.laptop().state())) return;
      const bool one = readiness.checks_size() == 1;
      terminal.Write(fmt::format("{} {}\n", readiness.checks_size(),
                                 one ? session.Say({"check waits for its first report",
                                                    "contrôle attend son premier rapport"})
                                     : session.Say({"checks wait for its first report",
                                                    "contrôles attendent son premier rapport"})));
      return;
    }
    terminal.Write("\n" + render::Ladder(readiness, {.language = session.language(),
                                                     .width = terminal.width(),
                                                     .bars = terminal.out_is_terminal(),
                                                     .colour = terminal.colour()}));
  }

  // Nobody will make it report any more.
  static bool IsGone(v1::LaptopState state) {
    return state == v1::LAPTOP_STATE_LOST || state == v1::LAPTOP_STATE_STOLEN ||
           state == v1::LAPTOP_STATE_RETIRED;
  }

  static std::string ReportLine(const Session& session, const v1::Readiness& readiness,
                                v1::LaptopState state) {
    if (readiness.report_time().seconds() == 0) {
      if (IsGone(state))
        return std::string(session.Say({"it never reported", "il n'a jamais rapporté"}));
      return std::string(session.Say(
          {"it never reported: enrol it (parc enrol new --laptop TAG), then run parc-agent on it",
           "il n'a jamais rapporté : l'enrôler (parc enrol new --laptop ÉTIQUETTE), puis y lancer "
           "parc-agent"}));
    }
    const std::int64_t report = Micros(readiness.report_time());
    const std::int64_t age = std::max<std::int64_t>(0, (session.now() - report) / 1'000'000);
    const std::string span = render::Span(age, session.language());
    const std::string time = render::Time(report, session.language());
    if (readiness.silence_expected()) {
      return fmt::format(fmt::runtime(session.Say(
                             {"report of {} ({} ago), policy version {}; it is not in use: "
                              "that it is silent is no alarm",
                              "rapport du {} (il y a {}), règles version {} ; il n'est pas en "
                              "service : son silence n'alarme pas"})),
                         time, span, readiness.policy_version());
    }
    const std::string_view stale =
        readiness.verdict() == v1::VERDICT_STALE
            ? session.Say({"; too old: switch it on where it reaches the Internet",
                           " ; trop ancien : l'allumer là où il a accès à Internet"})
            : std::string_view();
    if (session.language() == Language::kFrench) {
      return fmt::format("rapport du {} (il y a {}), règles version {}{}", time, span,
                         readiness.policy_version(), stale);
    }
    return fmt::format("report of {} ({} ago), policy version {}{}", time, span,
                       readiness.policy_version(), stale);
  }

  std::string laptop_;
  bool history_ = false;
  FormatFlag format_;
  std::string expected_;
};

}  // namespace

std::unique_ptr<Command> MakeWhy() { return std::make_unique<Why>(); }

}  // namespace parc::client
