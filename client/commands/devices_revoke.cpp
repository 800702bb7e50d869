#include <algorithm>

#include "client/answer.h"
#include "client/commands/make.h"
#include "client/connection.h"
#include "client/flags.h"
#include "client/lib/errors.h"
#include "client/proto_text.h"
#include "client/render/width.h"
#include "fmt/format.h"
#include "parc/v1/devices.grpc.pb.h"

namespace parc::client {
namespace {

class DevicesRevoke final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional("DEVICE|LAPTOP", id_,
                       {"Id of the device, or the asset tag of its laptop",
                        "Id de l'appareil, ou étiquette de son portable"});
    options.Flag("-y,--yes", yes_, {"Do not ask", "Ne pas demander confirmation"});
    change_.Declare(options);
    format_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    v1::RevokeDeviceRequest request;
    PARC_ASSIGN(*request.mutable_name(), FindDevice(session));
    PARC_TRY(change_.Fill(session, *request.mutable_options()));
    if (!change_.dry_run) {
      PARC_TRY(session.Confirm(
          yes_, fmt::format("{}: {}", render::Printable(IdOf(request.name())),
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
  // Technicians know laptops; devices are known to their list.
  absl::StatusOr<std::string> FindDevice(Session& session) const {
    const bool uuid = id_.size() == 36 && std::count(id_.begin(), id_.end(), '-') == 4;
    if (uuid || id_.rfind("devices/", 0) == 0) return NameIn("devices", id_);
    PARC_ASSIGN(Connection * connection, session.Connect());
    v1::ListDevicesRequest request;
    request.set_filter("laptop = \"" + IdOf(NameIn("laptops", id_)) + "\" AND state = ACTIVE");
    session.RememberFilter(request.filter());
    PARC_ASSIGN(const v1::ListDevicesResponse response,
                connection->Read(&v1::DeviceService::Stub::ListDevices, request));
    if (!response.devices().empty()) return response.devices(0).name();
    return MakeError(absl::StatusCode::kNotFound, "DEVICE_NOT_FOUND",
                     fmt::format("no laptop \"{}\" has a device that is active", id_));
  }

  std::string id_;
  bool yes_ = false;
  ChangeFlags change_;
  FormatFlag format_;
};

}  // namespace

std::unique_ptr<Command> MakeDevicesRevoke() { return std::make_unique<DevicesRevoke>(); }

}  // namespace parc::client
