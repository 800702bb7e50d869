#include "client/answer.h"
#include "client/commands/make.h"
#include "client/commands/token_words.h"
#include "client/connection.h"
#include "client/flags.h"
#include "parc/v1/tokens.grpc.pb.h"

namespace parc::client {
namespace {

class WhoAmI final : public Command {
 public:
  void Declare(Options& options) override { format_.Declare(options); }

  absl::Status Run(Session& session) override {
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const v1::Token token,
                connection->Read(&v1::TokenService::Stub::WhoAmI, v1::WhoAmIRequest()));
    if (format_.json()) {
      WriteJson(session, token);
    } else {
      session.terminal().Write(TokenSentence(token, session) + " (" + session.server() + ")\n");
    }
    return absl::OkStatus();
  }

 private:
  FormatFlag format_;
};

}  // namespace

std::unique_ptr<Command> MakeWhoAmI() { return std::make_unique<WhoAmI>(); }

}  // namespace parc::client
