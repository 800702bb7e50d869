#include "client/answer.h"
#include "client/commands/make.h"
#include "client/connection.h"
#include "client/flags.h"
#include "client/proto_text.h"
#include "client/render/width.h"
#include "fmt/format.h"
#include "parc/v1/devices.grpc.pb.h"

namespace parc::client {
namespace {

class DevicesRevoke final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional("ID", id_, {"Id of the device", "Id de l'appareil"});
    options.Flag("-y,--yes", yes_, {"Do not ask", "Ne pas demander confirmation"});
    change_.Declare(options);
    format_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    v1::RevokeDeviceRequest request;
    request.set_name(NameIn("devices", id_));
    PARC_TRY(change_.Fill(session, *request.mutable_options()));
    if (!change_.dry_run) {
      PARC_TRY(session.Confirm(
          yes_, fmt::format("{}: {}", render::Printable(id_),
                            session.Say({"revoke its certificate for ever?",
                                         "révoquer son certificat définitivement ?"}))));
    }
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const v1::Device device,
                connection->Change(&v1::DeviceService::Stub::RevokeDevice, request));
    if (format_.json()) WriteJson(session, device);
    TellChange(session, change_.dry_run,
               fmt::format("{} ({}): {}", IdOf(device.name()), IdOf(device.laptop()),
                           session.Say({"revoked, from its next call on",
                                        "révoqué, dès son prochain appel"})));
    return absl::OkStatus();
  }

 private:
  std::string id_;
  bool yes_ = false;
  ChangeFlags change_;
  FormatFlag format_;
};

}  // namespace

std::unique_ptr<Command> MakeDevicesRevoke() { return std::make_unique<DevicesRevoke>(); }

}  // namespace parc::client
