#include "client/commands/make.h"
#include "client/listing.h"
#include "client/pages.h"
#include "client/proto_text.h"
#include "parc/v1/devices.grpc.pb.h"

namespace parc::client {
namespace {

using render::Kind;
using render::Style;
using render::Value;
using v1::EnrolmentRequest;
const std::vector<FieldOf<EnrolmentRequest>>& RequestColumns() {
  static const std::vector<FieldOf<EnrolmentRequest>> columns = {
      {.name = "id",
       .header = {"Id", "Id"},
       .usual = true,
       .get =
           [](const EnrolmentRequest& r) {
             return Value{{}, IdOf(r.name())};
           }},
      {.name = "state",
       .header = {"State", "État"},
       .usual = true,
       .get =
           [](const EnrolmentRequest& r) {
             const bool pending = r.state() == v1::ENROLMENT_REQUEST_STATE_PENDING;
             return Value{
                 {},
                 Word(v1::EnrolmentRequestState_Name(r.state()), "ENROLMENT_REQUEST_STATE_"),
                 pending ? Style::kWarn : Style::kDim};
           }},
      {.name = "fingerprint",
       .header = {"Words on its screen", "Mots à son écran"},
       .usual = true,
       .get =
           [](const EnrolmentRequest& r) {
             return Value{{}, r.fingerprint()};
           }},
      {.name = "serial",
       .header = {"Serial", "N° de série"},
       .usual = true,
       .get =
           [](const EnrolmentRequest& r) {
             return Value{{}, r.serial()};
           }},
      {.name = "manufacturer",
       .header = {"Manufacturer", "Fabricant"},
       .usual = true,
       .rank = 3,
       .shrinks = true,
       .get =
           [](const EnrolmentRequest& r) {
             return Value{{}, r.manufacturer()};
           }},
      {.name = "model",
       .header = {"Model", "Modèle"},
       .usual = true,
       .rank = 2,
       .shrinks = true,
       .get =
           [](const EnrolmentRequest& r) {
             return Value{{}, r.model()};
           }},
      {.name = "laptop",
       .header = {"Laptop", "Portable"},
       .usual = true,
       .get =
           [](const EnrolmentRequest& r) {
             return Value{{}, IdOf(r.laptop())};
           }},
      {.name = "displaces",
       .header = {"Would displace", "Remplacerait"},
       .usual = true,
       .rank = 1,
       .get =
           [](const EnrolmentRequest& r) {
             return Value{{}, IdOf(r.displaces()), Style::kWarn};
           }},
      {.name = "created",
       .header = {"Asked", "Demandé"},
       .kind = Kind::kTime,
       .usual = true,
       .rank = 4,
       .get =
           [](const EnrolmentRequest& r) {
             return Value{{}, IsoTime(r.create_time())};
           }},
  };
  return columns;
}

class EnrolRequests final : public Command {
 public:
  void Declare(Options& options) override { output_.Declare(options); }

  absl::Status Run(Session& session) override {
    PARC_ASSIGN(const auto fields, ChooseFields(RequestColumns(), output_.columns));
    PARC_TRY(session.Connect().status());
    Listing listing(session, output_, SpecsOf(session, fields));
    PARC_TRY(ForEachPage(session, &v1::DeviceService::Stub::ListEnrolmentRequests,
                         v1::ListEnrolmentRequestsRequest(),
                         [&](const v1::ListEnrolmentRequestsResponse& page) {
                           for (const auto& request : page.requests()) {
                             AddRow(listing, fields, request);
                           }
                         }));
    listing.Finish({"nothing waits for approval", "rien n'attend d'approbation"});
    return absl::OkStatus();
  }

 private:
  OutputFlags output_;
};

}  // namespace

std::unique_ptr<Command> MakeEnrolRequests() { return std::make_unique<EnrolRequests>(); }

}  // namespace parc::client
