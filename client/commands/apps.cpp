#include "client/commands/group_fields.h"
#include "client/commands/make.h"
#include "client/connection.h"
#include "client/flags.h"
#include "client/lib/try.h"
#include "client/listing.h"
#include "client/render/value.h"
#include "fmt/format.h"
#include "parc/v1/readiness.grpc.pb.h"

namespace parc::client {
namespace {

using render::Style;
using render::Value;
using v1::ApplicationCount;

std::vector<FieldOf<ApplicationCount>> ApplicationFields(Language language) {
  return {
      {.name = "application",
       .header = {"Application", "Application"},
       .usual = true,
       .shrinks = true,
       .get =
           [](const ApplicationCount& a) {
             return Value{
                 {}, a.application(), a.failed() < a.reached() ? Style::kPlain : Style::kBad};
           }},
      {.name = "title",
       .header = {"Name", "Nom"},
       .usual = true,
       .shrinks = true,
       .get =
           [language](const ApplicationCount& a) {
             return Value{{}, language == Language::kFrench ? a.title_fr() : a.title_en()};
           }},
      CountField<ApplicationCount>("reached", {"Reach it", "Joignent"}, &ApplicationCount::reached,
                                   Style::kGood),
      CountField<ApplicationCount>("failed", {"Do not", "Échouent"}, &ApplicationCount::failed,
                                   Style::kBad),
      {.name = "reached_percent",
       .header = {"%", "%"},
       .usual = true,
       .get =
           [language](const ApplicationCount& a) {
             return Value{{}, render::Percent(a.reached(), a.reached() + a.failed(), language)};
           }},
      {.name = "place",
       .header = {"Where", "Où"},
       .get =
           [](const ApplicationCount& a) {
             return Value{{}, fmt::format("{}:{}", a.host(), a.port())};
           }},
      {.name = "through_vpn",
       .header = {"VPN only", "VPN seul"},
       .get =
           [language](const ApplicationCount& a) {
             return Value{
                 {},
                 std::string(
                     (a.through_vpn() ? Text{"yes", "oui"} : Text{"no", "non"}).In(language))};
           }},
  };
}

class Apps final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positionals("FILTER", filter_words_,
                        {"Seen from which laptops, e.g. 'site = LYON'",
                         "Vues de quels portables, p. ex. 'site = LYON'"});
    output_.Declare(options);
    options.AddExample(
        "parc apps 'vpn.tunnel.up = true'",
        {"What answers through the VPN, and what does not", "Ce qui répond à travers le VPN"});
  }

  absl::Status Run(Session& session) override {
    v1::GetApplicationReportRequest request;
    ListFlags words;
    words.filter_words = filter_words_;
    request.set_filter(words.filter());
    session.RememberFilter(request.filter());
    PARC_ASSIGN(const auto fields,
                ChooseFields(ApplicationFields(session.language()), output_.columns));
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const v1::ApplicationReport report,
                connection->Read(&v1::ReadinessService::Stub::GetApplicationReport, request));
    Listing listing(session, output_, SpecsOf(session, fields));
    for (const ApplicationCount& count : report.applications()) AddRow(listing, fields, count);
    listing.Finish(
        {"the policy names no application (parc policy show --toml says how)",
         "les règles ne nomment aucune application (parc policy show --toml dit comment)"});
    if (report.applications_size() == 0 || output_.format != "table") return absl::OkStatus();
    const bool one = report.reachable() < 2;
    session.Tell(fmt::format(
        fmt::runtime(session.Say(
            {"{} of {} applications reachable ({}); one counts where most laptops that looked "
             "reach it",
             one ? "{} application joignable sur {} ({}) ; compte celle que joignent la plupart "
                   "des portables qui l'ont cherchée"
                 : "{} applications joignables sur {} ({}) ; compte celle que joignent la plupart "
                   "des portables qui l'ont cherchée"})),
        report.reachable(), report.applications_size(),
        render::Percent(report.reachable(), report.applications_size(), session.language())));
    return absl::OkStatus();
  }

 private:
  std::vector<std::string> filter_words_;
  OutputFlags output_;
};

}  // namespace

std::unique_ptr<Command> MakeApps() { return std::make_unique<Apps>(); }

}  // namespace parc::client
