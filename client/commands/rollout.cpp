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
using v1::RolloutGroup;
using v1::ToolVersion;

std::vector<FieldOf<RolloutGroup>> RolloutFields(Text key, Language language) {
  return {
      GroupField<RolloutGroup>(key, language),
      CountField<RolloutGroup>("laptops", {"Held", "Détenus"}, &RolloutGroup::laptops),
      CountField<RolloutGroup>("installed", {"Installed", "Installé"}, &RolloutGroup::installed,
                               Style::kGood),
      {.name = "installed_percent",
       .header = {"%", "%"},
       .usual = true,
       .get =
           [language](const RolloutGroup& g) {
             return Value{{}, render::Percent(g.installed(), g.laptops(), language)};
           }},
      CountField<RolloutGroup>("missing", {"Missing", "Absent"}, &RolloutGroup::missing,
                               Style::kBad),
      CountField<RolloutGroup>("untold", {"Cannot tell", "Indéterminés"}, &RolloutGroup::untold),
  };
}

std::vector<FieldOf<ToolVersion>> VersionFields(Language language) {
  return {
      {.name = "version",
       .header = {"Version", "Version"},
       .usual = true,
       .shrinks = true,
       .get =
           [language](const ToolVersion& v) {
             return Value{{},
                          v.version().empty()
                              ? std::string(Text{"(not told)", "(inconnue)"}.In(language))
                              : v.version()};
           }},
      CountField<ToolVersion>("laptops", {"Laptops", "Portables"}, &ToolVersion::laptops),
  };
}

class Rollout final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional("TOOL", tool_,
                       {"A program as tools.installed names it, e.g. teams, onedrive, openvpn",
                        "Un programme, nommé comme dans tools.installed : teams, onedrive…"});
    options.Positionals(
        "FILTER", filter_words_,
        {"Which laptops, e.g. 'model = Latitude*'", "Quels portables, p. ex. 'model = Latitude*'"});
    options.Choice("--by", "GROUP", by_, {"site", "population", "model", "version"},
                   {"Count by site, population, model or version; the total without it",
                    "Compter par site, population, modèle ou version ; le total par défaut"});
    output_.Declare(options);
    options.AddExample(
        "parc rollout teams --by population",
        {"Who has Teams, and who still needs it", "Qui a Teams, et qui l'attend encore"});
  }

  absl::Status Run(Session& session) override {
    v1::GetRolloutReportRequest request;
    request.set_tool(tool_);
    ListFlags words;
    words.filter_words = filter_words_;
    request.set_filter(words.filter());
    session.RememberFilter(request.filter());
    request.set_group_by(GroupingOf(by_));
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const v1::RolloutReport report,
                connection->Read(&v1::ReadinessService::Stub::GetRolloutReport, request));
    PARC_TRY(by_ == "version" ? WriteVersions(session, report) : WriteGroups(session, report));
    if (report.total().installed() == 0 && report.known_tools_size() > 0) {
      std::string known;
      for (const std::string& name : report.known_tools())
        known += (known.empty() ? "" : ", ") + name;
      session.Tell(
          fmt::format(fmt::runtime(session.Say({"no laptop has {}; what they have: {}",
                                                "aucun portable n'a {} ; ce qu'ils ont : {}"})),
                      tool_, known));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status WriteGroups(Session& session, const v1::RolloutReport& report) const {
    const Text key = GroupHeader(by_, {"Tool", "Outil"});
    PARC_ASSIGN(auto fields, ChooseFields(RolloutFields(key, session.language()), output_.columns));
    Listing listing(session, output_, SpecsOf(session, fields));
    for (const RolloutGroup& group : report.groups()) AddRow(listing, fields, group);
    if (by_.empty()) {
      RolloutGroup total = report.total();
      total.set_key(report.tool());
      AddRow(listing, fields, total);
    }
    listing.Finish({"nobody holds a laptop", "personne ne détient de portable"});
    if (report.groups_size() < 2 || output_.format != "table") return absl::OkStatus();
    const RolloutGroup& total = report.total();
    session.Tell(fmt::format(
        fmt::runtime(session.Say({"in all: {} of {} laptops that somebody holds have {} ({})",
                                  "en tout : {} portables détenus sur {} ont {} ({})"})),
        render::Count(total.installed(), session.language()),
        render::Count(total.laptops(), session.language()), report.tool(),
        render::Percent(total.installed(), total.laptops(), session.language())));
    return absl::OkStatus();
  }

  absl::Status WriteVersions(Session& session, const v1::RolloutReport& report) const {
    PARC_ASSIGN(const auto fields,
                ChooseFields(VersionFields(session.language()), output_.columns));
    Listing listing(session, output_, SpecsOf(session, fields));
    for (const ToolVersion& version : report.versions()) AddRow(listing, fields, version);
    listing.Finish({"no laptop has it", "aucun portable ne l'a"});
    return absl::OkStatus();
  }

  std::string tool_;
  std::vector<std::string> filter_words_;
  std::string by_;
  OutputFlags output_;
};

}  // namespace

std::unique_ptr<Command> MakeRollout() { return std::make_unique<Rollout>(); }

}  // namespace parc::client
