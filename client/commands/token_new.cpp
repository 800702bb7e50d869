#include "client/answer.h"
#include "client/commands/make.h"
#include "client/commands/token_words.h"
#include "client/connection.h"
#include "client/flags.h"
#include "client/lib/secret_file.h"
#include "client/lifetime.h"
#include "fmt/format.h"
#include "parc/v1/tokens.grpc.pb.h"

namespace parc::client {
namespace {

class TokenNew final : public Command {
 public:
  void Declare(Options& options) override {
    options.Value("--owner", "NAME", owner_, {"Who will use it", "Qui l'utilisera"}, true);
    options.Choice("--role", "ROLE", role_, {"admin", "technician", "procurement", "auditor"},
                   {"admin, technician (without it), procurement or auditor",
                    "admin, technician (par défaut), procurement ou auditor"});
    options.Value("--for", "SPAN", lifetime_,
                  {"How long it works: 90d (without it) at most",
                   "Durée de validité : 90d (par défaut) au plus"});
    options.Value("--token-file", "FILE", file_,
                  {"Write it to this file, readable by you alone, instead of showing it",
                   "L'écrire dans ce fichier, lisible par vous seul, au lieu de l'afficher"});
    change_.Declare(options);
    format_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    v1::CreateTokenRequest request;
    request.set_owner(owner_);
    request.set_role(Role());
    if (!lifetime_.empty()) {
      PARC_ASSIGN(const std::int64_t seconds, ParseLifetime(lifetime_));
      request.mutable_lifetime()->set_seconds(seconds);
    }
    PARC_TRY(change_.Fill(session, *request.mutable_options()));
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const v1::CreateTokenResponse response,
                connection->Change(&v1::TokenService::Stub::CreateToken, request));
    if (!file_.empty()) {
      PARC_TRY(WriteSecretFile(file_, response.secret() + "\n"));
    } else if (format_.json()) {
      WriteJson(session, response);
    } else {
      session.terminal().Write(response.secret() + "\n");
    }
    TellChange(session, change_.dry_run, TokenSentence(response.token(), session));
    session.Tell(file_.empty() ? std::string(session.Say(
                                     {"shown this once only", "affiché cette seule fois"}))
                               : file_);
    return absl::OkStatus();
  }

 private:
  v1::Role Role() const {
    if (role_ == "admin") return v1::ROLE_ADMIN;
    if (role_ == "procurement") return v1::ROLE_PROCUREMENT;
    if (role_ == "auditor") return v1::ROLE_AUDITOR;
    return v1::ROLE_TECHNICIAN;
  }

  std::string owner_;
  std::string role_ = "technician";
  std::string lifetime_;
  std::string file_;
  ChangeFlags change_;
  FormatFlag format_;
};

}  // namespace

std::unique_ptr<Command> MakeTokenNew() { return std::make_unique<TokenNew>(); }

}  // namespace parc::client
