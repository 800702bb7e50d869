#include "client/answer.h"
#include "client/commands/laptop_fields.h"
#include "client/commands/make.h"
#include "client/connection.h"
#include "client/explain.h"
#include "client/flags.h"
#include "client/proto_text.h"
#include "client/render/width.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "parc/v1/laptops.grpc.pb.h"

// The moves of a laptop's life that take nothing but the laptop: one command, one row for each.
namespace parc::client {
namespace {

struct Row {
  v1::LaptopEvent event;
  // Asked before: these take a laptop out of use, and its device's access away.
  Text question;
};

class Move final : public Command {
 public:
  explicit Move(Row row) : row_(row) {}

  void Declare(Options& options) override {
    options.Positionals("LAPTOP", laptops_,
                        {"Asset tags or serials", "Étiquettes ou numéros de série"}, true);
    change_.Declare(options);
    if (!row_.question.en.empty()) {
      options.Flag("-y,--yes", yes_, {"Do not ask", "Ne pas demander confirmation"});
    }
    format_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    PARC_ASSIGN(Connection * connection, session.Connect());
    if (!row_.question.en.empty() && !change_.dry_run) {
      PARC_TRY(session.Confirm(yes_, Question(session)));
    }
    std::size_t done = 0;
    absl::Status last;
    for (const std::string& name : laptops_) {
      const absl::Status status = One(session, *connection, name);
      if (status.ok()) {
        ++done;
        continue;
      }
      if (laptops_.size() == 1) return status;
      session.Tell(fmt::format("{}: {}", render::Printable(name),
                               fmt::join(Explain(status, {.language = session.language(),
                                                          .filter = {},
                                                          .server = session.server()}),
                                         "\n  ")));
      last = status;
    }
    if (done == laptops_.size()) return absl::OkStatus();
    session.Tell(
        fmt::format("{} {} {}", done, session.Say({"done of", "faits sur"}), laptops_.size()));
    session.EndWith(done > 0 ? Exit::kPartial : ExitFor(last));
    return absl::OkStatus();
  }

 private:
  std::string Question(const Session& session) const {
    std::string names;
    for (const std::string& name : laptops_) {
      names += (names.empty() ? "" : ", ") + render::Printable(name);
    }
    return fmt::format("{}: {}", names, session.Say(row_.question));
  }

  absl::Status One(Session& session, Connection& connection, const std::string& name) const {
    v1::MoveLaptopRequest request;
    request.set_name(NameIn("laptops", name));
    request.set_event(row_.event);
    PARC_TRY(change_.Fill(session, *request.mutable_options()));
    PARC_ASSIGN(const v1::Laptop laptop,
                connection.Change(&v1::LaptopService::Stub::MoveLaptop, request));
    if (format_.json()) WriteJson(session, laptop);
    TellChange(session, change_.dry_run, LaptopSentence(laptop, session.language()));
    return absl::OkStatus();
  }

  const Row row_;
  std::vector<std::string> laptops_;
  ChangeFlags change_;
  FormatFlag format_;
  bool yes_ = false;
};

template <v1::LaptopEvent event>
std::unique_ptr<Command> Make(Text question = {}) {
  return std::make_unique<Move>(Row{event, question});
}

}  // namespace

std::unique_ptr<Command> MakePrepare() { return Make<v1::LAPTOP_EVENT_PREPARE>(); }
std::unique_ptr<Command> MakePrepared() { return Make<v1::LAPTOP_EVENT_PREPARED>(); }
std::unique_ptr<Command> MakeUnprepare() { return Make<v1::LAPTOP_EVENT_UNPREPARE>(); }
std::unique_ptr<Command> MakeFail() { return Make<v1::LAPTOP_EVENT_FAIL>(); }
std::unique_ptr<Command> MakeRestock() { return Make<v1::LAPTOP_EVENT_RESTOCK>(); }
std::unique_ptr<Command> MakeRepair() { return Make<v1::LAPTOP_EVENT_REPAIR>(); }
std::unique_ptr<Command> MakeRepaired() { return Make<v1::LAPTOP_EVENT_REPAIRED>(); }
std::unique_ptr<Command> MakeFound() { return Make<v1::LAPTOP_EVENT_FOUND>(); }

std::unique_ptr<Command> MakeLose() {
  return Make<v1::LAPTOP_EVENT_LOSE>(
      {"declare lost and cut its access?", "déclarer perdu et couper son accès ?"});
}
std::unique_ptr<Command> MakeSteal() {
  return Make<v1::LAPTOP_EVENT_STEAL>(
      {"declare stolen and cut its access?", "déclarer volé et couper son accès ?"});
}
std::unique_ptr<Command> MakeRetire() {
  return Make<v1::LAPTOP_EVENT_RETIRE>(
      {"retire for ever and cut its access?", "réformer définitivement et couper son accès ?"});
}
std::unique_ptr<Command> MakeWriteOff() {
  return Make<v1::LAPTOP_EVENT_WRITE_OFF>({"write off for ever?", "passer en perte définitive ?"});
}

}  // namespace parc::client
