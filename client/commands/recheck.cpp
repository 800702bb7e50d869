#include <chrono>
#include <thread>

#include "client/answer.h"
#include "client/commands/laptop_fields.h"
#include "client/commands/make.h"
#include "client/connection.h"
#include "client/proto_text.h"
#include "client/render/value.h"
#include "fmt/format.h"
#include "parc/v1/laptops.grpc.pb.h"
#include "parc/v1/readiness.grpc.pb.h"

namespace parc::client {
namespace {

constexpr int kLookEverySeconds = 2;
constexpr std::int64_t kCollectSeconds = 60;

class Recheck final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional(
        "LAPTOP", laptop_,
        {"Asset tag, serial, or the support code of the day that its user reads out",
         "Étiquette, numéro de série, ou code d'assistance du jour lu par l'usager"});
    options.Number("--wait", "SECONDS", wait_,
                   {"Wait so long for its report; code 10 when none comes",
                    "Attendre son rapport ce temps-là ; code 10 s'il ne vient pas"});
    format_.Declare(options);
    options.AddExample("parc recheck PF0ABCDE --wait 60",
                       {"While the caller is on the phone", "Pendant que l'appelant est en ligne"});
  }

  absl::Status Run(Session& session) override {
    PARC_ASSIGN(Connection * connection, session.Connect());
    v1::RecheckLaptopRequest request;
    request.set_name(NameIn("laptops", laptop_));
    PARC_ASSIGN(const v1::RecheckLaptopResponse asked,
                connection->Read(&v1::ReadinessService::Stub::RecheckLaptop, request));
    if (format_.json() && wait_ == 0) WriteJson(session, asked);
    session.Tell(Sentence(session, asked));
    return wait_ == 0 ? absl::OkStatus() : Wait(session, *connection, asked);
  }

 private:
  static std::string Sentence(const Session& session, const v1::RecheckLaptopResponse& asked) {
    const Language language = session.language();
    const auto seconds = [&](const google::protobuf::Timestamp& time) {
      return (Micros(asked.request_time()) - Micros(time)) / 1'000'000;
    };
    const std::int64_t due = -seconds(asked.expected_time());
    const std::string last =
        render::Span(std::max<std::int64_t>(0, seconds(asked.last_contact_time())), language);
    const std::string laptop = IdOf(asked.laptop());
    const auto quick = asked.quick_interval().seconds();
    const bool is_quick = Micros(asked.expected_time()) - Micros(asked.last_contact_time()) ==
                          quick * std::int64_t{1'000'000};
    // One that comes quickly collects before it calls.
    if (is_quick && due > -kCollectSeconds) {
      return fmt::format(
          fmt::runtime(session.Say(
              {"{}: asked for. It called {} ago and reports every {} seconds already; it does for "
               "ten minutes more",
               "{} : demandé. Dernier appel il y a {} ; il rapporte déjà toutes les {} secondes, "
               "et encore dix minutes"})),
          laptop, last, quick);
    }
    if (due <= 0) {
      return fmt::format(
          fmt::runtime(session.Say(
              {"{}: asked for. It called {} ago and should have called since: switch it on where "
               "it "
               "reaches the Internet; from then on it reports every {} seconds for ten minutes",
               "{} : demandé. Dernier appel il y a {}, il aurait dû rappeler : l'allumer là où il "
               "a "
               "accès à Internet ; il rapportera alors toutes les {} secondes pendant dix "
               "minutes"})),
          laptop, last, quick);
    }
    return fmt::format(
        fmt::runtime(session.Say(
            {"{}: asked for. It called {} ago and calls again in about {}; from then on it reports "
             "every {} seconds for ten minutes",
             "{} : demandé. Dernier appel il y a {}, prochain dans {} environ ; il rapportera "
             "alors "
             "toutes les {} secondes pendant dix minutes"})),
        laptop, last, render::Span(due, language), quick);
  }

  absl::Status Wait(Session& session, Connection& connection,
                    const v1::RecheckLaptopResponse& asked) {
    v1::ExplainLaptopRequest request;
    request.set_name(asked.laptop());
    for (int waited = 0; waited <= wait_; waited += kLookEverySeconds) {
      if (waited > 0) std::this_thread::sleep_for(std::chrono::seconds(kLookEverySeconds));
      PARC_ASSIGN(const v1::ExplainLaptopResponse response,
                  connection.Read(&v1::LaptopService::Stub::ExplainLaptop, request));
      const v1::Readiness& readiness = response.readiness();
      if (Micros(readiness.report_time()) <= Micros(asked.request_time())) continue;
      if (format_.json()) {
        WriteJson(session, response);
      } else {
        session.terminal().Write(fmt::format(
            fmt::runtime(session.Say({"{}: reported at {}: {} (parc why {} tells more)\n",
                                      "{} : rapport du {} : {} (parc why {} en dit plus)\n"})),
            IdOf(asked.laptop()), render::Time(Micros(readiness.report_time()), session.language()),
            VerdictWords(readiness.verdict(), session.language()), IdOf(asked.laptop())));
      }
      return absl::OkStatus();
    }
    session.Tell(fmt::format(fmt::runtime(session.Say({"no report came within {} seconds",
                                                       "aucun rapport en {} secondes"})),
                             wait_));
    session.EndWith(Exit::kUnmet);
    return absl::OkStatus();
  }

  std::string laptop_;
  int wait_ = 0;
  FormatFlag format_;
};

}  // namespace

std::unique_ptr<Command> MakeRecheck() { return std::make_unique<Recheck>(); }

}  // namespace parc::client
