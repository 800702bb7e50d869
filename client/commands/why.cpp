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

namespace parc::client {
namespace {

class Why final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional("LAPTOP", laptop_, {"Asset tag or serial", "Étiquette ou numéro de série"});
    format_.Declare(options);
    options.Choice("--expect", "VERDICT", expected_,
                   {"READY", "DEGRADED", "NOT_READY", "UNKNOWN", "STALE"},
                   {"End with code 10 when the verdict is another",
                    "Finir avec le code 10 si le verdict est autre"});
  }

  absl::Status Run(Session& session) override {
    PARC_ASSIGN(Connection * connection, session.Connect());
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
    terminal.Write(sentence + "\n" + ReportLine(session, readiness) + "\n");
    if (readiness.checks().empty()) return;
    if (readiness.report_time().seconds() == 0) {
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

  static std::string ReportLine(const Session& session, const v1::Readiness& readiness) {
    if (readiness.report_time().seconds() == 0) {
      return std::string(session.Say(
          {"it never reported: enrol it (parc enrol new --laptop TAG), then run parc-agent on it",
           "il n'a jamais rapporté : l'enrôler (parc enrol new --laptop ÉTIQUETTE), puis y lancer "
           "parc-agent"}));
    }
    const std::int64_t report = Micros(readiness.report_time());
    const std::int64_t age = std::max<std::int64_t>(0, (session.now() - report) / 1'000'000);
    const std::string span = render::Span(age, session.language());
    const std::string time = render::Time(report, session.language());
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
  FormatFlag format_;
  std::string expected_;
};

}  // namespace

std::unique_ptr<Command> MakeWhy() { return std::make_unique<Why>(); }

}  // namespace parc::client
