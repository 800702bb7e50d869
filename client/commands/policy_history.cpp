#include "client/commands/make.h"
#include "client/connection.h"
#include "client/lib/try.h"
#include "client/listing.h"
#include "client/proto_text.h"
#include "fmt/format.h"
#include "parc/v1/policies.grpc.pb.h"

namespace parc::client {
namespace {

using render::Kind;
using render::Value;
using v1::Policy;

const std::vector<FieldOf<Policy>>& PolicyFields() {
  static const std::vector<FieldOf<Policy>> fields = {
      {.name = "version",
       .header = {"Version", "Version"},
       .kind = Kind::kNumber,
       .usual = true,
       .get =
           [](const Policy& p) {
             return Value{{}, fmt::format("{}", p.version())};
           }},
      {.name = "applied",
       .header = {"In force since", "En vigueur depuis"},
       .kind = Kind::kTime,
       .usual = true,
       .get =
           [](const Policy& p) {
             return Value{{}, IsoTime(p.apply_time())};
           }},
      {.name = "by",
       .header = {"By", "Par"},
       .usual = true,
       .get =
           [](const Policy& p) {
             return Value{{}, p.actor_name().empty() ? p.actor() : p.actor_name()};
           }},
      {.name = "reason",
       .header = {"Reason", "Motif"},
       .usual = true,
       .shrinks = true,
       .get =
           [](const Policy& p) {
             return Value{{}, p.reason()};
           }},
  };
  return fields;
}

class PolicyHistory final : public Command {
 public:
  void Declare(Options& options) override { output_.Declare(options); }

  absl::Status Run(Session& session) override {
    PARC_ASSIGN(const auto fields, ChooseFields(PolicyFields(), output_.columns));
    PARC_ASSIGN(Connection * connection, session.Connect());
    Listing listing(session, output_, SpecsOf(session, fields));
    v1::ListPoliciesRequest request;
    do {
      PARC_ASSIGN(const v1::ListPoliciesResponse response,
                  connection->Read(&v1::PolicyService::Stub::ListPolicies, request));
      for (const Policy& policy : response.policies()) AddRow(listing, fields, policy);
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    listing.Finish({"no policy was ever in force", "aucune règle n'a jamais été en vigueur"});
    return absl::OkStatus();
  }

 private:
  OutputFlags output_;
};

}  // namespace

std::unique_ptr<Command> MakePolicyHistory() { return std::make_unique<PolicyHistory>(); }

}  // namespace parc::client
