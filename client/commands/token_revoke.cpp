#include "client/answer.h"
#include "client/commands/make.h"
#include "client/commands/token_words.h"
#include "client/connection.h"
#include "client/flags.h"
#include "client/proto_text.h"
#include "client/render/width.h"
#include "fmt/format.h"
#include "parc/v1/tokens.grpc.pb.h"

namespace parc::client {
namespace {

class TokenRevoke final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional("ID", id_,
                       {"Id of the token (parc token list)", "Id du jeton (parc token list)"});
    options.Flag("-y,--yes", yes_, {"Do not ask", "Ne pas demander confirmation"});
    change_.Declare(options);
    format_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    v1::RevokeTokenRequest request;
    request.set_name(NameIn("tokens", id_));
    PARC_TRY(change_.Fill(session, *request.mutable_options()));
    if (!change_.dry_run) {
      PARC_TRY(session.Confirm(yes_, fmt::format("{}: {}", render::Printable(id_),
                                                 session.Say({"revoke at once and for ever?",
                                                              "révoquer tout de suite et "
                                                              "définitivement ?"}))));
    }
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const v1::Token token,
                connection->Change(&v1::TokenService::Stub::RevokeToken, request));
    if (format_.json()) WriteJson(session, token);
    TellChange(session, change_.dry_run,
               fmt::format("{} ({}): {}", IdOf(token.name()), render::Printable(token.owner()),
                           session.Say({"revoked", "révoqué"})));
    return absl::OkStatus();
  }

 private:
  std::string id_;
  bool yes_ = false;
  ChangeFlags change_;
  FormatFlag format_;
};

}  // namespace

std::unique_ptr<Command> MakeTokenRevoke() { return std::make_unique<TokenRevoke>(); }

}  // namespace parc::client
