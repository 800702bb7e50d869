#include "client/answer.h"
#include "client/commands/make.h"
#include "client/commands/policy_text.h"
#include "client/connection.h"
#include "client/listing.h"
#include "client/proto_text.h"
#include "client/render/value.h"
#include "client/render/width.h"
#include "fmt/format.h"
#include "parc/v1/policies.grpc.pb.h"

namespace parc::client {
namespace {

using render::Value;
using v1::PolicyCheck;

std::string_view SeverityWords(v1::CheckSeverity severity, Language language) {
  switch (severity) {
    case v1::CHECK_SEVERITY_BLOCKER:
      return Text{"blocks", "bloque"}.In(language);
    case v1::CHECK_SEVERITY_DEGRADES:
      return Text{"degrades", "dégrade"}.In(language);
    default:
      return Text{"informs", "informe"}.In(language);
  }
}

std::vector<FieldOf<PolicyCheck>> PolicyCheckFields(Language language) {
  const bool french = language == Language::kFrench;
  const auto text = [](std::string name, Text header, bool usual, auto get) {
    return FieldOf<PolicyCheck>{.name = std::move(name),
                                .header = header,
                                .usual = usual,
                                .get = [get](const PolicyCheck& check) {
                                  return Value{{}, std::string(get(check))};
                                }};
  };
  std::vector<FieldOf<PolicyCheck>> fields = {
      text("check", {"Check", "Contrôle"}, true, [](const PolicyCheck& c) { return c.id(); }),
      text("severity", {"Severity", "Gravité"}, true,
           [language](const PolicyCheck& c) {
             return std::string(SeverityWords(c.severity(), language));
           }),
      text("grace", {"Grace", "Délai"}, true,
           [language](const PolicyCheck& c) { return GraceText(c.grace().seconds(), language); }),
      text("title", {"What it asks", "Ce qu'il demande"}, true,
           [french](const PolicyCheck& c) { return french ? c.title_fr() : c.title_en(); }),
      text("remedy", {"Remedy", "Remède"}, false,
           [french](const PolicyCheck& c) { return french ? c.remedy_fr() : c.remedy_en(); }),
      text("passes", {"Passes", "Condition"}, false,
           [](const PolicyCheck& c) { return c.passes(); }),
      text("applies", {"Applies", "S'applique"}, false,
           [](const PolicyCheck& c) { return c.applies(); }),
      text("references", {"References", "Références"}, false,
           [](const PolicyCheck& c) {
             std::string all;
             for (const std::string& one : c.references()) all += (all.empty() ? "" : "; ") + one;
             return all;
           }),
      text("rationale", {"Rationale", "Motif"}, false,
           [french](const PolicyCheck& c) { return french ? c.rationale_fr() : c.rationale_en(); }),
  };
  fields[3].shrinks = true;
  return fields;
}

class PolicyShow final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional("VERSION", version_,
                       {"The one in force without it", "Celle en vigueur par défaut"}, false);
    options.Flag("--toml", toml_,
                 {"The file itself, to be changed and previewed",
                  "Le fichier lui-même, à modifier puis prévisualiser"});
    output_.Declare(options);
    options.AddExample("parc policy show --toml > policy.toml",
                       {"The file, to be edited", "Le fichier, à modifier"});
  }

  absl::Status Run(Session& session) override {
    PARC_ASSIGN(const auto fields,
                ChooseFields(PolicyCheckFields(session.language()), output_.columns));
    PARC_ASSIGN(Connection * connection, session.Connect());
    v1::GetPolicyRequest request;
    if (!version_.empty()) request.set_name(NameIn("policies", version_));
    PARC_ASSIGN(const v1::Policy policy,
                connection->Read(&v1::PolicyService::Stub::GetPolicy, request));
    if (toml_) {
      session.terminal().Write(policy.text());
      return absl::OkStatus();
    }
    if (output_.format == "json") {
      WriteJson(session, policy);
      return absl::OkStatus();
    }
    Listing listing(session, output_, SpecsOf(session, fields));
    for (const PolicyCheck& check : policy.checks()) AddRow(listing, fields, check);
    listing.Finish({"it has no check", "elle n'a aucun contrôle"});
    session.Tell(Sentence(session, policy));
    return absl::OkStatus();
  }

 private:
  std::string Sentence(const Session& session, const v1::Policy& policy) const {
    const Language language = session.language();
    const std::string by =
        render::Printable(policy.actor_name().empty() ? policy.actor() : policy.actor_name());
    std::string sentence =
        fmt::format(fmt::runtime(session.Say({"version {}, in force since {}, by {}",
                                              "version {}, en vigueur depuis le {}, par {}"})),
                    policy.version(), render::Time(Micros(policy.apply_time()), language), by);
    if (!version_.empty()) {
      sentence =
          fmt::format(fmt::runtime(session.Say({"version {}, applied on {} by {}",
                                                "version {}, appliquée le {} par {}"})),
                      policy.version(), render::Time(Micros(policy.apply_time()), language), by);
    }
    if (!policy.reason().empty())
      sentence += std::string(session.Say({": ", " : "})) + render::Printable(policy.reason());
    if (policy.judged_laptops() < policy.all_laptops() && version_.empty()) {
      sentence +=
          fmt::format(fmt::runtime(session.Say({"; {} of {} laptops are judged by it so far",
                                                " ; {} portables sur {} déjà jugés selon elle"})),
                      render::Count(policy.judged_laptops(), language),
                      render::Count(policy.all_laptops(), language));
    }
    return sentence;
  }

  std::string version_;
  bool toml_ = false;
  OutputFlags output_;
};

}  // namespace

std::unique_ptr<Command> MakePolicyShow() { return std::make_unique<PolicyShow>(); }

}  // namespace parc::client
