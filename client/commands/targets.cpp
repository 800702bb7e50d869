#include <cstdlib>

#include "client/answer.h"
#include "client/commands/make.h"
#include "client/connection.h"
#include "client/dates.h"
#include "client/flags.h"
#include "client/lib/errors.h"
#include "client/listing.h"
#include "client/proto_text.h"
#include "fmt/format.h"
#include "parc/v1/planning.grpc.pb.h"

namespace parc::client {
namespace {

using render::Value;
using v1::Target;

std::string Percent(double ratio) { return fmt::format("{:g} %", ratio * 100); }

const std::vector<FieldOf<Target>>& TargetFields() {
  static const std::vector<FieldOf<Target>> fields = {
      {.name = "id",
       .header = {"Target", "Objectif"},
       .usual = true,
       .get =
           [](const Target& t) {
             return Value{{}, IdOf(t.name())};
           }},
      {.name = "ratio",
       .header = {"Equipped", "Équipés"},
       .usual = true,
       .get =
           [](const Target& t) {
             return Value{{}, Percent(t.ratio())};
           }},
      {.name = "due_date",
       .header = {"By", "D'ici au"},
       .kind = render::Kind::kDate,
       .usual = true,
       .get =
           [](const Target& t) {
             return Value{{}, IsoDate(t.due_date())};
           }},
      {.name = "people",
       .header = {"Of", "Parmi"},
       .usual = true,
       .shrinks = true,
       .get =
           [](const Target& t) {
             return Value{{}, t.people()};
           }},
  };
  return fields;
}

class Targets final : public Command {
 public:
  void Declare(Options& options) override {
    moment_.Declare(options);
    output_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    v1::ListTargetsRequest request;
    PARC_TRY(moment_.Fill(session, *request.mutable_moment()));
    PARC_ASSIGN(const auto fields, ChooseFields(TargetFields(), output_.columns));
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const v1::ListTargetsResponse response,
                connection->Read(&v1::PlanningService::Stub::ListTargets, request));
    Listing listing(session, output_, SpecsOf(session, fields));
    for (const Target& target : response.targets()) AddRow(listing, fields, target);
    listing.Finish({"there is no target; parc target set makes one",
                    "il n'y a pas d'objectif ; parc target set en crée un"});
    return absl::OkStatus();
  }

 private:
  MomentFlags moment_;
  OutputFlags output_;
};

// "95%", "95 %" or "0.95".
absl::StatusOr<double> ParseRatio(std::string text) {
  const std::string typed = text;
  double whole = 1;
  if (!text.empty() && text.back() == '%') {
    text.pop_back();
    whole = 100;
  }
  while (!text.empty() && text.back() == ' ') text.pop_back();
  for (char& c : text) {
    if (c == ',') c = '.';
  }
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (!text.empty() && *end == '\0' && number > 0 && number <= whole) return number / whole;
  return MakeError(absl::StatusCode::kInvalidArgument, "BAD_RATIO",
                   fmt::format("\"{}\" is no share of people: write 95% or 0.95", typed));
}

void TellTarget(Session& session, bool dry_run, const Target& target, Text verb) {
  TellChange(
      session, dry_run,
      fmt::format("{} {} ({}, {})", IdOf(target.name()), session.Say(verb), Percent(target.ratio()),
                  render::Date(IsoDate(target.due_date()), session.language())));
}

class TargetSet final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional("TARGET", id_, {"Name of the target", "Nom de l'objectif"});
    options.Value("--by", "DATE", due_, {"Last day", "Dernier jour"}, true);
    options.Value("--ratio", "SHARE", ratio_,
                  {"Share of the people in need who hold a laptop: 95% or 0.95; 100% without it",
                   "Part des personnes équipées : 95% ou 0,95 ; 100% par défaut"});
    options.Value("--people", "FILTER", people_,
                  {"Of these people only, e.g. 'population = \"Siège\"'",
                   "Parmi ces personnes seulement, p. ex. 'population = \"Siège\"'"});
    change_.Declare(options);
    format_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    v1::SetTargetRequest request;
    Target& target = *request.mutable_target();
    target.set_name(NameIn("targets", id_));
    PARC_ASSIGN(*target.mutable_due_date(), ParseDate(due_, session.now()));
    PARC_ASSIGN(const double ratio, ParseRatio(ratio_));
    target.set_ratio(ratio);
    target.set_people(people_);
    session.RememberFilter(people_);
    PARC_TRY(change_.Fill(session, *request.mutable_options()));
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const Target stored,
                connection->Change(&v1::PlanningService::Stub::SetTarget, request));
    if (format_.json()) WriteJson(session, stored);
    TellTarget(session, change_.dry_run, stored, {"is the target", "est l'objectif"});
    return absl::OkStatus();
  }

 private:
  std::string id_;
  std::string due_;
  std::string ratio_ = "100%";
  std::string people_;
  ChangeFlags change_;
  FormatFlag format_;
};

class TargetDrop final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional("TARGET", id_, {"Name of the target", "Nom de l'objectif"});
    change_.Declare(options);
    format_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    v1::DeleteTargetRequest request;
    request.set_name(NameIn("targets", id_));
    PARC_TRY(change_.Fill(session, *request.mutable_options()));
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const Target dropped,
                connection->Change(&v1::PlanningService::Stub::DeleteTarget, request));
    if (format_.json()) WriteJson(session, dropped);
    TellTarget(session, change_.dry_run, dropped, {"is dropped", "est abandonné"});
    return absl::OkStatus();
  }

 private:
  std::string id_;
  ChangeFlags change_;
  FormatFlag format_;
};

}  // namespace

std::unique_ptr<Command> MakeTargets() { return std::make_unique<Targets>(); }
std::unique_ptr<Command> MakeTargetSet() { return std::make_unique<TargetSet>(); }
std::unique_ptr<Command> MakeTargetDrop() { return std::make_unique<TargetDrop>(); }

}  // namespace parc::client
