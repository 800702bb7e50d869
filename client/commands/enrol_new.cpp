#include "client/answer.h"
#include "client/commands/make.h"
#include "client/connection.h"
#include "client/flags.h"
#include "client/lib/errors.h"
#include "client/lifetime.h"
#include "client/proto_text.h"
#include "client/render/value.h"
#include "fmt/format.h"
#include "parc/v1/devices.grpc.pb.h"

namespace parc::client {
namespace {

class EnrolNew final : public Command {
 public:
  void Declare(Options& options) override {
    options.Value("--laptop", "TAG", laptop_,
                  {"For this laptop's record", "Pour la fiche de ce portable"});
    options.Value("--serial", "SERIAL", serial_,
                  {"For the machine with this serial", "Pour la machine de cette série"});
    options.Number("--uses", "N", uses_,
                   {"How many machines; more than one only without --laptop and --serial",
                    "Nombre de machines ; plus d'une seulement sans --laptop ni --serial"});
    options.Value("--for", "SPAN", lifetime_,
                  {"How long it works: 90m, 24h (without it), 14d at most",
                   "Durée de validité : 90m, 24h (par défaut), 14d au plus"});
    options.Flag("--replace", replace_,
                 {"The laptop was imaged again: its live device is replaced",
                  "Le portable a été réinstallé : son appareil actif est remplacé"});
    options.Value("--reason", "TEXT", change_.reason,
                  {"Why, kept in the history", "Motif, gardé dans l'historique"});
    format_.Declare(options);
    options.AddExample("parc enrol new --laptop PF0ABCDE > code.txt",
                       {"The address alone goes to the file; take it to the laptop",
                        "Seule l'adresse va dans le fichier ; la porter sur le portable"});
  }

  absl::Status Run(Session& session) override {
    if (!laptop_.empty() && !serial_.empty()) {
      return MakeError(absl::StatusCode::kInvalidArgument, "BAD_BINDING",
                       "--laptop and --serial exclude each other");
    }
    v1::CreateEnrolmentTokenRequest request;
    if (!laptop_.empty()) request.set_laptop(NameIn("laptops", laptop_));
    request.set_serial(serial_);
    request.set_max_uses(uses_);
    request.set_allow_replace(replace_);
    if (!lifetime_.empty()) {
      PARC_ASSIGN(const std::int64_t seconds, ParseLifetime(lifetime_));
      request.mutable_lifetime()->set_seconds(seconds);
    }
    PARC_TRY(change_.Fill(session, *request.mutable_options()));
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const v1::CreateEnrolmentTokenResponse response,
                connection->Change(&v1::DeviceService::Stub::CreateEnrolmentToken, request));
    if (format_.json()) {
      WriteJson(session, response);
    } else {
      session.terminal().Write(response.enrolment_url() + "\n");
    }
    Instruct(session, response.token());
    return absl::OkStatus();
  }

 private:
  void Instruct(Session& session, const v1::EnrolmentToken& token) const {
    const std::string until = render::Time(Micros(token.expire_time()), session.language());
    if (session.language() == Language::kFrench) {
      session.Tell(fmt::format("valable jusqu'au {}, {} fois ; affiché cette seule fois", until,
                               token.max_uses()));
    } else {
      session.Tell(fmt::format(
          "works until {}, {}; shown this once only", until,
          token.max_uses() == 1 ? std::string("once") : fmt::format("{} times", token.max_uses())));
    }
    session.Tell(session.Say({"on the laptop: sudo parc-agent enrol --code-file FILE",
                              "sur le portable : sudo parc-agent enrol --code-file FICHIER"}));
    if (token.laptop().empty() && token.serial().empty()) {
      session.Tell(
          session.Say({"it is bound to no laptop: approve what comes with parc enrol requests",
                       "il n'est lié à aucun portable : approuver avec parc enrol requests"}));
    }
  }

  std::string laptop_;
  std::string serial_;
  int uses_ = 1;
  std::string lifetime_;
  bool replace_ = false;
  ChangeFlags change_;
  FormatFlag format_;
};

}  // namespace

std::unique_ptr<Command> MakeEnrolNew() { return std::make_unique<EnrolNew>(); }

}  // namespace parc::client
