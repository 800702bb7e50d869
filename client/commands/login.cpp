#include "client/login.h"

#include "client/commands/make.h"
#include "client/commands/token_words.h"
#include "client/connection.h"
#include "client/lib/errors.h"
#include "client/lib/secret_file.h"
#include "fmt/format.h"
#include "parc/v1/tokens.grpc.pb.h"

namespace parc::client {
namespace {

class LogIn final : public Command {
 public:
  void Declare(Options& options) override {
    options.Value("--server", "HOST:PORT", server_,
                  {"The people port of parcd, usually 8445",
                   "Le port des personnes de parcd, d'habitude 8445"},
                  true);
    options.Value("--ca", "FILE", root_,
                  {"Root certificate that the server's must end in; kept",
                   "Certificat racine auquel doit mener celui du serveur ; gardé"},
                  true);
    options.Value("--token-file", "FILE", token_file_,
                  {"File that holds your token and that only you can read; kept",
                   "Fichier qui contient votre jeton, lisible par vous seul ; gardé"},
                  true);
  }

  absl::Status Run(Session& session) override {
    session.RememberServer(server_);
    if (server_.rfind(':') == std::string::npos) {
      return MakeError(
          absl::StatusCode::kInvalidArgument, "BAD_SERVER",
          fmt::format("\"{}\" has no port: write HOST:PORT, e.g. {}:8445", server_, server_));
    }
    Login login{.server = server_, .root_pem = "", .token = "", .token_file = token_file_};
    PARC_ASSIGN(login.root_pem, ReadRootCertificate(root_));
    PARC_ASSIGN(login.token, ReadSecretFile(token_file_));
    session.RememberTokenFile(token_file_);
    Connection connection(login);
    PARC_ASSIGN(const v1::Token token,
                connection.Read(&v1::TokenService::Stub::WhoAmI, v1::WhoAmIRequest()));
    PARC_TRY(SaveLogin(login));
    session.Tell(fmt::format("{} {}: {}", session.Say({"logged in to", "connecté à"}), server_,
                             TokenSentence(token, session)));
    return absl::OkStatus();
  }

 private:
  std::string server_;
  std::string root_;
  std::string token_file_;
};

}  // namespace

std::unique_ptr<Command> MakeLogin() { return std::make_unique<LogIn>(); }

}  // namespace parc::client
