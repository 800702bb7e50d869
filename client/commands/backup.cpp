#include "client/answer.h"
#include "client/commands/make.h"
#include "client/connection.h"
#include "client/flags.h"
#include "client/render/value.h"
#include "client/render/width.h"
#include "fmt/format.h"
#include "parc/v1/fleet.grpc.pb.h"

namespace parc::client {
namespace {

class Backup final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional("NAME", name_,
                       {"Name of the file, in the backup directory of parcd's machine",
                        "Nom du fichier, dans le répertoire de sauvegarde de parcd"});
    format_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    PARC_ASSIGN(Connection * connection, session.Connect());
    v1::CreateBackupRequest request;
    request.set_file_name(name_);
    PARC_ASSIGN(const v1::CreateBackupResponse response,
                connection->Change(&v1::FleetService::Stub::CreateBackup, request));
    if (format_.json()) {
      WriteJson(session, response);
      return absl::OkStatus();
    }
    session.terminal().Write(render::Printable(response.path()) + "\n");
    session.Tell(fmt::format("{} {}", render::Count(response.size_bytes(), session.language()),
                             session.Say({"bytes, consistent, on the server's disk",
                                          "octets, cohérents, sur le disque du serveur"})));
    return absl::OkStatus();
  }

 private:
  std::string name_;
  FormatFlag format_;
};

}  // namespace

std::unique_ptr<Command> MakeBackup() { return std::make_unique<Backup>(); }

}  // namespace parc::client
