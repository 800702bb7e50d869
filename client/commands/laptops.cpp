#include "client/commands/laptop_fields.h"
#include "client/commands/make.h"
#include "client/commands/server_fields.h"
#include "client/pages.h"
#include "parc/v1/laptops.grpc.pb.h"

namespace parc::client {
namespace {

class Laptops final : public Command {
 public:
  void Declare(Options& options) override {
    list_.Declare(options,
                  {"Which ones, e.g. 'state = PREPARED AND site = \"Orléans\"'; bare words "
                   "search tags, serials, models and holders",
                   "Lesquels, p. ex. 'state = PREPARED AND site = \"Orléans\"' ; des mots "
                   "seuls cherchent étiquettes, séries, modèles et détenteurs"});
    moment_.Declare(options);
    options.AddExample("parc laptops 'readiness = NOT_READY' --columns +os.version",
                       {"What does not work, with a fact of the newest report",
                        "Ce qui ne marche pas, avec un fait du dernier rapport"});
    options.AddExample("parc laptops --as-of 2020-03-12 -o csv > laptops.csv",
                       {"The fleet as it was that day", "Le parc tel qu'il était ce jour"});
  }

  absl::Status Run(Session& session) override {
    PARC_ASSIGN(std::vector<LaptopField> fields, Choose(session));
    v1::ListLaptopsRequest request;
    request.set_filter(list_.filter());
    request.set_order_by(list_.order_by);
    session.RememberFilter(request.filter());
    PARC_TRY(moment_.Fill(session, *request.mutable_moment()));
    for (const std::string& fact : facts_) request.add_fields(fact);
    PARC_TRY(session.Connect().status());
    Listing listing(session, list_.output, SpecsOf(session, fields));
    PARC_TRY(ForEachPage(session, &v1::LaptopService::Stub::ListLaptops, request,
                         [&](const v1::ListLaptopsResponse& page) {
                           for (const v1::Laptop& laptop : page.laptops()) {
                             AddRow(listing, fields, laptop);
                           }
                         }));
    listing.Finish({"no laptop matches", "aucun portable ne correspond"});
    return absl::OkStatus();
  }

 private:
  // Columns of the record, and facts that the server knows by name.
  absl::StatusOr<std::vector<LaptopField>> Choose(Session& session) {
    std::vector<LaptopField> all = LaptopFields();
    bool asked = false;
    std::vector<std::string> none;
    for (const std::string& name : ChosenColumns(list_.output.columns, none)) {
      const bool known = std::any_of(all.begin(), all.end(),
                                     [&](const auto& field) { return field.name == name; });
      if (known || asked) continue;
      asked = true;
      PARC_ASSIGN(const std::vector<ServerField> facts, ServerFields(session, "laptops"));
      for (const ServerField& fact : facts) {
        if (std::any_of(all.begin(), all.end(),
                        [&](const auto& field) { return field.name == fact.name; })) {
          continue;
        }
        all.push_back({.name = fact.name,
                       .header = {},
                       .kind = fact.kind,
                       .shrinks = true,
                       .get = [name = fact.name](const v1::Laptop& laptop) {
                         const auto found = laptop.facts().find(name);
                         return render::Value{render::Kind::kText,
                                              found == laptop.facts().end() ? "" : found->second};
                       }});
      }
    }
    PARC_ASSIGN(std::vector<LaptopField> chosen, ChooseFields(all, list_.output.columns));
    for (const LaptopField& field : chosen) {
      if (field.header.en.empty()) facts_.push_back(field.name);
    }
    return chosen;
  }

  ListFlags list_;
  MomentFlags moment_;
  std::vector<std::string> facts_;
};

}  // namespace

std::unique_ptr<Command> MakeLaptops() { return std::make_unique<Laptops>(); }

}  // namespace parc::client
