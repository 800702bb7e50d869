#include <chrono>
#include <optional>
#include <thread>

#include "client/commands/laptop_fields.h"
#include "client/commands/make.h"
#include "client/connection.h"
#include "client/flags.h"
#include "client/proto_text.h"
#include "client/render/json.h"
#include "client/render/style.h"
#include "client/render/value.h"
#include "client/render/width.h"
#include "fmt/format.h"
#include "grpcpp/support/sync_stream.h"
#include "parc/v1/readiness.grpc.pb.h"

namespace parc::client {
namespace {

// Longer than the server lets a stream last.
constexpr int kStreamSeconds = 2'700;
// A server that is away for so long is not being restarted.
constexpr std::chrono::minutes kPatience{15};
constexpr std::chrono::seconds kAskAgain{1};

class Watch final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positionals("FILTER", filter_words_,
                        {"Which laptops, e.g. 'site = ORL'; all without it",
                         "Quels portables, p. ex. 'site = ORL' ; tous par défaut"});
    options.Number("--count", "N", count_,
                   {"End after so many changes", "Finir après ce nombre de changements"});
    options.Choice("-o,--output", "FORMAT", format_, {"table", "json"},
                   {"table, or json with a line for each change",
                    "table, ou json avec une ligne par changement"});
    options.AddExample(
        "parc watch 'readiness = NOT_READY'",
        {"As laptops cease to be ready", "À mesure que des postes deviennent inaptes"});
  }

  absl::Status Run(Session& session) override {
    ListFlags words;
    words.filter_words = filter_words_;
    v1::WatchFleetRequest request;
    request.set_filter(words.filter());
    session.RememberFilter(request.filter());
    PARC_ASSIGN(Connection * connection, session.Connect());
    while (!IsDone()) {
      const absl::Status status = connection->Try(
          Connection::kReadAttempts, kStreamSeconds, [&](grpc::ClientContext& context) {
            return Follow(session, *connection, context, request);
          });
      if (status.ok()) continue;
      if (!MayComeBack(status)) return status;
      if (!lost_) {
        session.Tell(session.Say({"the server went away; watching goes on when it is back",
                                  "le serveur ne répond plus ; la suite à son retour"}));
        lost_ = std::chrono::steady_clock::now();
      }
      if (std::chrono::steady_clock::now() - *lost_ > kPatience) return status;
      std::this_thread::sleep_for(kAskAgain);
    }
    return absl::OkStatus();
  }

 private:
  // A daemon that stops cuts the stream off, with or without a word. Nothing is missed: where the
  // stream ended, the next one begins.
  bool MayComeBack(const absl::Status& status) const {
    return begun_ && (absl::IsUnavailable(status) || absl::IsCancelled(status));
  }

  bool IsDone() const { return count_ > 0 && told_ >= count_; }

  grpc::Status Follow(Session& session, Connection& connection, grpc::ClientContext& context,
                      v1::WatchFleetRequest& request) {
    v1::ReadinessService::Stub stub(connection.channel());
    const auto stream = stub.WatchFleet(&context, request);
    v1::WatchFleetResponse message;
    while (!IsDone() && stream->Read(&message)) {
      request.set_resume_token(message.resume_token());
      if (!begun_) {
        session.Tell(session.Say({"watching; Ctrl-C ends it", "en attente ; Ctrl-C arrête"}));
        begun_ = true;
      }
      if (lost_) {
        session.Tell(session.Say({"the server is back", "le serveur est de retour"}));
        lost_.reset();
      }
      if (message.missed() > 0) {
        session.Tell(fmt::format(
            fmt::runtime(session.Say({"{} changes were left out: this end did not read fast enough",
                                      "{} changements omis : lecture trop lente de ce côté"})),
            render::Count(message.missed(), session.language())));
      }
      if (!message.has_change()) continue;
      Write(session, message.change());
      ++told_;
    }
    if (!IsDone()) return stream->Finish();
    context.TryCancel();
    stream->Finish();
    return grpc::Status::OK;
  }

  void Write(Session& session, const v1::LaptopChange& change) const {
    Terminal& terminal = session.terminal();
    if (format_ == "json") {
      terminal.Write(render::Json(change, false) + "\n");
    } else {
      terminal.Write(fmt::format("{}  {}  {}\n",
                                 render::Time(Micros(change.commit_time()), session.language()),
                                 render::Printable(IdOf(change.laptop())), What(session, change)));
    }
    terminal.Flush();
  }

  static std::string What(Session& session, const v1::LaptopChange& change) {
    const Language language = session.language();
    const bool colour = session.terminal().colour();
    if (change.to_verdict() == v1::VERDICT_UNSPECIFIED) {
      std::string words(StateWords(change.to_state(), language));
      if (change.from_state() != v1::LAPTOP_STATE_UNSPECIFIED &&
          change.from_state() != change.to_state())
        words = std::string(StateWords(change.from_state(), language)) + " → " + words;
      return render::Styled(words, StyleOf(change.to_state()), colour);
    }
    std::string words;
    if (change.from_verdict() != v1::VERDICT_UNSPECIFIED)
      words = std::string(VerdictWords(change.from_verdict(), language)) + " → ";
    words += render::Styled(VerdictWords(change.to_verdict(), language),
                            StyleOf(change.to_verdict()), colour);
    std::string checks;
    for (const std::string& check : change.checks())
      checks += (checks.empty() ? "" : ", ") + render::Printable(check);
    return checks.empty() ? words : words + " (" + checks + ")";
  }

  std::vector<std::string> filter_words_;
  int count_ = 0;
  std::string format_ = "table";
  int told_ = 0;
  bool begun_ = false;
  std::optional<std::chrono::steady_clock::time_point> lost_;  // since when the server is away
};

}  // namespace

std::unique_ptr<Command> MakeWatch() { return std::make_unique<Watch>(); }

}  // namespace parc::client
