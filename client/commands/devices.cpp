#include "client/commands/make.h"
#include "client/listing.h"
#include "client/pages.h"
#include "client/proto_text.h"
#include "fmt/format.h"
#include "parc/v1/devices.grpc.pb.h"

namespace parc::client {
namespace {

using render::Kind;
using render::Style;
using render::Value;
using v1::Device;
Value StateOf(const Device& device) {
  const std::string word = Word(v1::DeviceState_Name(device.state()), "DEVICE_STATE_");
  return {{}, word, device.state() == v1::DEVICE_STATE_ACTIVE ? Style::kGood : Style::kDim};
}

const std::vector<FieldOf<Device>>& DeviceColumns() {
  static const std::vector<FieldOf<Device>> columns = {
      {.name = "id",
       .header = {"Id", "Id"},
       .usual = true,
       .get =
           [](const Device& d) {
             return Value{{}, IdOf(d.name())};
           }},
      {.name = "laptop",
       .header = {"Laptop", "Portable"},
       .usual = true,
       .get =
           [](const Device& d) {
             return Value{{}, IdOf(d.laptop())};
           }},
      {.name = "state", .header = {"State", "État"}, .usual = true, .get = StateOf},
      {.name = "last_seen",
       .header = {"Last seen", "Vu le"},
       .kind = Kind::kTime,
       .usual = true,
       .get =
           [](const Device& d) {
             return Value{{}, IsoTime(d.last_seen_time())};
           }},
      {.name = "agent.version",
       .header = {"Agent", "Agent"},
       .usual = true,
       .rank = 2,
       .get =
           [](const Device& d) {
             return Value{{}, d.agent_version()};
           }},
      {.name = "enrolled",
       .header = {"Enrolled", "Enrôlé"},
       .kind = Kind::kTime,
       .usual = true,
       .rank = 3,
       .get =
           [](const Device& d) {
             return Value{{}, IsoTime(d.enrol_time())};
           }},
      {.name = "certificate.expires",
       .header = {"Certificate ends", "Fin du certificat"},
       .kind = Kind::kTime,
       .usual = true,
       .rank = 1,
       .get =
           [](const Device& d) {
             return Value{{}, IsoTime(d.certificate_expire_time())};
           }},
      {.name = "report_seq",
       .header = {"Reports", "Rapports"},
       .kind = Kind::kNumber,
       .get =
           [](const Device& d) {
             return Value{{}, fmt::format("{}", d.report_seq())};
           }},
      {.name = "revoke_reason",
       .header = {"Revoked because", "Motif de révocation"},
       .shrinks = true,
       .get =
           [](const Device& d) {
             return Value{{}, d.revoke_reason()};
           }},
      {.name = "quarantine",
       .header = {"Quarantine", "Quarantaine"},
       .usual = true,
       .rank = 4,
       .shrinks = true,
       .get =
           [](const Device& d) {
             return Value{{}, d.quarantine(), Style::kBad};
           }},
  };
  return columns;
}

class Devices final : public Command {
 public:
  void Declare(Options& options) override {
    list_.Declare(options, {"Which ones, e.g. 'state = ACTIVE AND quarantined = true'",
                            "Lesquels, p. ex. 'state = ACTIVE AND quarantined = true'"});
  }

  absl::Status Run(Session& session) override {
    PARC_ASSIGN(const auto fields, ChooseFields(DeviceColumns(), list_.output.columns));
    v1::ListDevicesRequest request;
    request.set_filter(list_.filter());
    request.set_order_by(list_.order_by);
    session.RememberFilter(request.filter());
    PARC_TRY(session.Connect().status());
    Listing listing(session, list_.output, SpecsOf(session, fields));
    PARC_TRY(ForEachPage(session, &v1::DeviceService::Stub::ListDevices, request,
                         [&](const v1::ListDevicesResponse& page) {
                           for (const Device& device : page.devices()) {
                             AddRow(listing, fields, device);
                           }
                         }));
    listing.Finish({"no device matches", "aucun appareil ne correspond"});
    return absl::OkStatus();
  }

 private:
  ListFlags list_;
};

}  // namespace

std::unique_ptr<Command> MakeDevices() { return std::make_unique<Devices>(); }

}  // namespace parc::client
