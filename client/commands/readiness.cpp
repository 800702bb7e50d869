#include <algorithm>

#include "client/answer.h"
#include "client/commands/group_fields.h"
#include "client/commands/make.h"
#include "client/connection.h"
#include "client/dates.h"
#include "client/flags.h"
#include "client/lib/errors.h"
#include "client/listing.h"
#include "client/proto_text.h"
#include "client/render/value.h"
#include "fmt/format.h"
#include "parc/v1/readiness.grpc.pb.h"

namespace parc::client {
namespace {

using render::Kind;
using render::Style;
using render::Value;
using v1::CheckCount;
using v1::ReadinessDay;
using v1::ReadinessGroup;

std::vector<FieldOf<ReadinessGroup>> GroupFields(Text key, Language language) {
  return {
      GroupField<ReadinessGroup>(key, language),
      CountField<ReadinessGroup>("laptops", {"Held", "Détenus"}, &ReadinessGroup::laptops),
      CountField<ReadinessGroup>("ready", {"Ready", "Aptes"}, &ReadinessGroup::ready, Style::kGood),
      {.name = "ready_percent",
       .header = {"%", "%"},
       .usual = true,
       .get =
           [language](const ReadinessGroup& g) {
             return Value{{}, render::Percent(g.ready(), g.laptops(), language)};
           }},
      CountField<ReadinessGroup>("degraded", {"Degraded", "Dégradés"}, &ReadinessGroup::degraded,
                                 Style::kWarn),
      CountField<ReadinessGroup>("not_ready", {"Not ready", "Inaptes"}, &ReadinessGroup::not_ready,
                                 Style::kBad),
      CountField<ReadinessGroup>("unknown", {"Unknown", "Inconnus"}, &ReadinessGroup::unknown),
      CountField<ReadinessGroup>("stale", {"Stale", "Périmés"}, &ReadinessGroup::stale),
  };
}

std::vector<FieldOf<CheckCount>> CheckCountFields(Language language) {
  const bool french = language == Language::kFrench;
  return {
      {.name = "check",
       .header = {"Check", "Contrôle"},
       .usual = true,
       .get =
           [](const CheckCount& c) {
             return Value{{}, c.check()};
           }},
      CountField<CheckCount>("failing", {"Fail", "Échec"}, &CheckCount::failing, Style::kBad),
      CountField<CheckCount>("tolerated", {"Tolerated", "Tolérés"}, &CheckCount::tolerated,
                             Style::kWarn),
      CountField<CheckCount>("untold", {"Cannot tell", "Indéterminés"}, &CheckCount::untold),
      {.name = "severity",
       .header = {"Severity", "Gravité"},
       .usual = true,
       .get =
           [language](const CheckCount& c) {
             switch (c.severity()) {
               case v1::CHECK_SEVERITY_BLOCKER:
                 return Value{{}, std::string(Text{"blocks", "bloque"}.In(language))};
               case v1::CHECK_SEVERITY_DEGRADES:
                 return Value{{}, std::string(Text{"degrades", "dégrade"}.In(language))};
               default:
                 return Value{{}, std::string(Text{"informs", "informe"}.In(language))};
             }
           }},
      {.name = "remedy",
       .header = {"What to do", "Que faire"},
       .usual = true,
       .rank = 1,
       .shrinks = true,
       .get =
           [french, language](const CheckCount& c) {
             // A remedy is for what fails: nobody replaces a disk that nobody could look at.
             if (c.failing() + c.tolerated() == 0) {
               return Value{{},
                            std::string(Text{"parc why LAPTOP says what is missing to tell",
                                             "parc why PORTABLE dit ce qui manque pour juger"}
                                            .In(language))};
             }
             return Value{{}, french ? c.remedy_fr() : c.remedy_en()};
           }},
  };
}

std::vector<FieldOf<ReadinessDay>> DayFields(Language language) {
  return {
      {.name = "date",
       .header = {"Day", "Jour"},
       .kind = Kind::kDate,
       .usual = true,
       .get =
           [](const ReadinessDay& d) {
             return Value{{}, IsoDate(d.date())};
           }},
      CountField<ReadinessDay>("needed", {"In need", "Besoins"}, &ReadinessDay::needed),
      CountField<ReadinessDay>("equipped", {"Equipped", "Équipés"}, &ReadinessDay::equipped),
      CountField<ReadinessDay>("ready", {"Ready", "Aptes"}, &ReadinessDay::ready, Style::kGood),
      {.name = "coverage",
       .header = {"Coverage", "Couverture"},
       .usual = true,
       .get =
           [language](const ReadinessDay& d) {
             return Value{{}, render::Percent(d.equipped(), d.needed(), language)};
           }},
      {.name = "ready_coverage",
       .header = {"Ready coverage", "Couverture apte"},
       .usual = true,
       .get =
           [language](const ReadinessDay& d) {
             return Value{{}, render::Percent(d.ready(), d.needed(), language)};
           }},
  };
}

class Readiness final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positionals("FILTER", filter_words_,
                        {"Which laptops, e.g. 'model = Latitude*'; with --since, whose coverage",
                         "Quels portables, p. ex. 'model = Latitude*' ; avec --since, de qui"});
    options.Choice("--by", "GROUP", by_, {"site", "population", "model", "check"},
                   {"Count by site, population, model or check; the total without it",
                    "Compter par site, population, modèle ou contrôle ; le total par défaut"});
    options.Value("--since", "DATE", since_,
                  {"Ready coverage on the days from then on",
                   "Couverture apte, jour après jour depuis cette date"});
    options.Number(
        "--step", "DAYS", step_,
        {"With --since: days between two lines", "Avec --since : jours entre deux lignes"});
    moment_.Declare(options);
    output_.Declare(options);
    options.AddExample("parc readiness --by check",
                       {"What keeps laptops from being ready", "Ce qui rend les postes inaptes"});
    options.AddExample("parc readiness --since 2020-03-16 --step 7",
                       {"Ready coverage, week by week", "La couverture apte, par semaine"});
  }

  absl::Status Run(Session& session) override {
    if (!since_.empty()) return Trend(session);
    v1::GetReadinessReportRequest request;
    request.set_filter(Filter());
    session.RememberFilter(request.filter());
    PARC_TRY(moment_.Fill(session, *request.mutable_moment()));
    request.set_group_by(GroupingOf(by_));
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const v1::ReadinessReport report,
                connection->Read(&v1::ReadinessService::Stub::GetReadinessReport, request));
    if (by_ == "check") return WriteChecks(session, report);
    return WriteGroups(session, report);
  }

 private:
  std::string Filter() const {
    ListFlags words;
    words.filter_words = filter_words_;
    return words.filter();
  }

  absl::Status WriteGroups(Session& session, const v1::ReadinessReport& report) const {
    const Text key = GroupHeader(by_, {"Laptops", "Portables"});
    PARC_ASSIGN(auto fields, ChooseFields(GroupFields(key, session.language()), output_.columns));
    if (output_.columns.empty() && by_.empty()) fields.erase(fields.begin());
    Listing listing(session, output_, SpecsOf(session, fields));
    for (const ReadinessGroup& group : report.groups()) AddRow(listing, fields, group);
    if (by_.empty()) AddRow(listing, fields, report.total());
    listing.Finish({"nobody holds a laptop", "personne ne détient de portable"});
    if (by_.empty() || report.groups_size() < 2 || output_.format != "table")
      return absl::OkStatus();
    const ReadinessGroup& total = report.total();
    session.Tell(fmt::format(
        fmt::runtime(session.Say({"in all: {} of {} laptops that somebody holds are ready ({})",
                                  "en tout : {} portables détenus sur {} sont aptes ({})"})),
        render::Count(total.ready(), session.language()),
        render::Count(total.laptops(), session.language()),
        render::Percent(total.ready(), total.laptops(), session.language())));
    return absl::OkStatus();
  }

  absl::Status WriteChecks(Session& session, const v1::ReadinessReport& report) const {
    PARC_ASSIGN(const auto fields,
                ChooseFields(CheckCountFields(session.language()), output_.columns));
    Listing listing(session, output_, SpecsOf(session, fields));
    for (const CheckCount& count : report.checks()) AddRow(listing, fields, count);
    listing.Finish({"every check passes on every laptop that somebody holds",
                    "tous les contrôles sont bons sur tous les portables détenus"});
    return absl::OkStatus();
  }

  absl::Status Trend(Session& session) const {
    if (!by_.empty()) {
      return MakeError(absl::StatusCode::kInvalidArgument, "BAD_FLAGS",
                       "--since has no groups: leave --by out");
    }
    v1::GetReadinessTrendRequest request;
    request.set_filter(Filter());
    session.RememberFilter(request.filter());
    PARC_ASSIGN(*request.mutable_first_date(), ParseDate(since_, session.now()));
    if (!moment_.as_of.empty()) {
      PARC_ASSIGN(*request.mutable_last_date(), ParseDate(moment_.as_of, session.now()));
    }
    request.set_step_days(step_);
    PARC_ASSIGN(const auto fields, ChooseFields(DayFields(session.language()), output_.columns));
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const v1::ReadinessTrend trend,
                connection->Read(&v1::ReadinessService::Stub::GetReadinessTrend, request));
    Listing listing(session, output_, SpecsOf(session, fields));
    for (const ReadinessDay& day : trend.days()) AddRow(listing, fields, day);
    listing.Finish({"no day to tell of", "aucun jour à donner"});
    return absl::OkStatus();
  }

  std::vector<std::string> filter_words_;
  std::string by_;
  std::string since_;
  int step_ = 1;
  MomentFlags moment_;
  OutputFlags output_;
};

}  // namespace

std::unique_ptr<Command> MakeReadiness() { return std::make_unique<Readiness>(); }

}  // namespace parc::client
