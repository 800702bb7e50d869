#include "client/commands/make.h"
#include "client/connection.h"
#include "client/listing.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "parc/v1/fleet.grpc.pb.h"

namespace parc::client {
namespace {

const std::vector<FieldOf<v1::Field>>& FieldColumns() {
  static const std::vector<FieldOf<v1::Field>> columns = {
      {.name = "resource",
       .header = {"Resource", "Objet"},
       .usual = true,
       .get =
           [](const v1::Field& f) {
             return render::Value{{}, f.resource()};
           }},
      {.name = "name",
       .header = {"Name", "Nom"},
       .usual = true,
       .get =
           [](const v1::Field& f) {
             return render::Value{{}, f.name()};
           }},
      {.name = "kind",
       .header = {"Kind", "Type"},
       .usual = true,
       .get =
           [](const v1::Field& f) {
             return render::Value{{}, f.kind()};
           }},
      {.name = "description",
       .header = {"Meaning", "Sens"},
       .usual = true,
       .shrinks = true,
       .get =
           [](const v1::Field& f) {
             std::string text = f.description();
             if (f.values_size() > 0) {
               text += fmt::format(": {}", fmt::join(f.values(), ", "));
             }
             return render::Value{{}, text};
           }},
  };
  return columns;
}

class Fields final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional("RESOURCE", resource_,
                       {"laptops, people, orders, devices or sites; all without it",
                        "laptops, people, orders, devices ou sites ; tous par défaut"},
                       false);
    output_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    PARC_ASSIGN(const auto columns, ChooseFields(FieldColumns(), output_.columns));
    PARC_ASSIGN(Connection * connection, session.Connect());
    v1::ListFieldsRequest request;
    request.set_resource(resource_);
    PARC_ASSIGN(const v1::ListFieldsResponse response,
                connection->Read(&v1::FleetService::Stub::ListFields, request));
    Listing listing(session, output_, SpecsOf(session, columns));
    for (const v1::Field& field : response.fields()) AddRow(listing, columns, field);
    listing.Finish({"no fields", "aucun champ"});
    return absl::OkStatus();
  }

 private:
  std::string resource_;
  OutputFlags output_;
};

}  // namespace

std::unique_ptr<Command> MakeFields() { return std::make_unique<Fields>(); }

}  // namespace parc::client
