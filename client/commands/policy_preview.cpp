#include "client/answer.h"
#include "client/commands/laptop_fields.h"
#include "client/commands/make.h"
#include "client/commands/policy_text.h"
#include "client/lib/try.h"
#include "client/listing.h"
#include "client/proto_text.h"
#include "parc/v1/policies.pb.h"

namespace parc::client {
namespace {

using render::Value;
using v1::LaptopMove;

const std::vector<FieldOf<LaptopMove>>& MoveFields() {
  const auto text = [](std::string name, auto get) {
    return FieldOf<LaptopMove>{
        .name = std::move(name), .header = {}, .usual = true, .get = [get](const LaptopMove& move) {
          return Value{{}, get(move)};
        }};
  };
  static const std::vector<FieldOf<LaptopMove>> fields = {
      text("laptop", [](const LaptopMove& m) { return IdOf(m.laptop()); }),
      text("assigned", [](const LaptopMove& m) { return m.assigned() ? "true" : "false"; }),
      text(
          "from",
          [](const LaptopMove& m) { return Word(v1::Verdict_Name(m.from_verdict()), "VERDICT_"); }),
      text("to",
           [](const LaptopMove& m) { return Word(v1::Verdict_Name(m.to_verdict()), "VERDICT_"); }),
      text("checks",
           [](const LaptopMove& m) {
             std::string all;
             for (const std::string& check : m.checks()) all += (all.empty() ? "" : ", ") + check;
             return all;
           }),
  };
  return fields;
}

class PolicyPreviewCommand final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional("FILE", file_, {"A policy, as TOML", "Des règles, en TOML"});
    output_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    PARC_ASSIGN(const PolicyFile file, ReadPolicyFile(file_));
    PARC_ASSIGN(const auto fields, ChooseFields(MoveFields(), output_.columns));
    PARC_ASSIGN(const v1::PolicyPreview preview, PreviewPolicy(session, file));
    if (output_.format == "json") {
      WriteJson(session, preview);
    } else if (output_.format == "csv" || !output_.csv_dialect.empty()) {
      Listing listing(session, output_, SpecsOf(session, fields));
      for (const LaptopMove& move : preview.changes()) AddRow(listing, fields, move);
      listing.Finish({"no verdict would change", "aucun verdict ne changerait"});
    } else {
      WritePreview(session, preview);
    }
    return absl::OkStatus();
  }

 private:
  std::string file_;
  OutputFlags output_;
};

}  // namespace

std::unique_ptr<Command> MakePolicyPreview() { return std::make_unique<PolicyPreviewCommand>(); }

}  // namespace parc::client
