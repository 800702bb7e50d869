#include <charconv>

#include "client/answer.h"
#include "client/commands/make.h"
#include "client/connection.h"
#include "client/dates.h"
#include "client/flags.h"
#include "client/lib/errors.h"
#include "client/proto_text.h"
#include "client/render/record.h"
#include "client/render/value.h"
#include "fmt/format.h"
#include "parc/v1/planning.grpc.pb.h"

// What a forecast assumes beside the records: preparation capacity, reserve, records, holidays.
namespace parc::client {
namespace {

std::string Shown(double number) { return fmt::format("{}", number); }

void WritePlanning(Session& session, const v1::Planning& planning) {
  const Language language = session.language();
  const std::string nobody(session.Say({"not set", "non renseigné"}));
  render::RecordGroup group;
  const auto add = [&](Text label, const std::string& value) {
    group.rows.emplace_back(std::string(session.Say(label)),
                            render::Cell{value.empty() ? nobody : value});
  };
  add({"Preparation, laptops a working day", "Préparation, portables par jour ouvré"},
      planning.has_preparation_capacity() ? Shown(planning.preparation_capacity()) : "");
  add({"Reserve, kept aside", "Réserve, mise de côté"},
      planning.has_reserve_stock() ? fmt::format("{}", planning.reserve_stock()) : "");
  add({"Complete records since", "Données complètes depuis"},
      render::Date(IsoDate(planning.records_since()), language));
  add({"Public holidays of", "Jours fériés de"},
      planning.country().empty() ? "FR" : planning.country());
  std::string closures;
  for (const v1::Closure& closure : planning.closures()) {
    closures += fmt::format("{}{} – {}", closures.empty() ? "" : ", ",
                            render::Date(IsoDate(closure.first_date()), language),
                            render::Date(IsoDate(closure.last_date()), language));
  }
  add({"Closed", "Fermetures"}, closures);
  session.terminal().Write(
      render::Record({group}, session.terminal().width(), session.terminal().colour()));
}

class Planning final : public Command {
 public:
  void Declare(Options& options) override {
    moment_.Declare(options);
    format_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    v1::GetPlanningRequest request;
    PARC_TRY(moment_.Fill(session, *request.mutable_moment()));
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const v1::Planning planning,
                connection->Read(&v1::PlanningService::Stub::GetPlanning, request));
    if (format_.json()) {
      WriteJson(session, planning);
    } else {
      WritePlanning(session, planning);
    }
    return absl::OkStatus();
  }

 private:
  MomentFlags moment_;
  FormatFlag format_;
};

template <typename Number>
absl::StatusOr<Number> ParseNumber(const std::string& text, std::string_view flag) {
  Number number{};
  std::string plain = text;
  for (char& c : plain) {
    if (c == ',') c = '.';
  }
  const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), number);
  if (error == std::errc() && end == plain.data() + plain.size()) return number;
  return MakeError(absl::StatusCode::kInvalidArgument, "BAD_NUMBER",
                   fmt::format("{}: \"{}\" is no number", flag, text));
}

class PlanningSet final : public Command {
 public:
  void Declare(Options& options) override {
    options.Value("--capacity", "N", capacity_,
                  {"Laptops that are prepared and handed out on a working day; \"\" takes it back",
                   "Portables préparés et remis par jour ouvré ; « » l'efface"});
    options.Value(
        "--reserve", "N", reserve_,
        {"Laptops kept aside, never handed out", "Portables gardés de côté, jamais remis"});
    options.Value("--records-since", "DATE", records_,
                  {"First day from which records are complete",
                   "Premier jour à partir duquel les données sont complètes"});
    options.Value("--country", "CODE", country_,
                  {"Whose public holidays: FR, FR-AM (Alsace-Moselle), or another's two letters",
                   "Jours fériés de : FR, FR-AM (Alsace-Moselle) ou les deux lettres d'un pays"});
    options.Values("--closed", "FIRST..LAST", closures_,
                   {"Days without work, both included; once for each; replaces the earlier ones",
                    "Jours sans travail, inclus ; une fois par période ; remplace les précédents"});
    change_.Declare(options);
    format_.Declare(options);
    options.AddExample("parc planning set --capacity 25 --reserve 5 --on 2020-03-16",
                       {"From that day on", "À partir de ce jour"});
  }

  absl::Status Run(Session& session) override {
    v1::UpdatePlanningRequest request;
    PARC_TRY(Fill(session, *request.mutable_planning(), *request.mutable_update_mask()));
    if (request.update_mask().paths().empty())
      return MakeError(absl::StatusCode::kInvalidArgument, "BAD_FIELD_MASK",
                       "say what changes, e.g. --capacity 25");
    PARC_TRY(change_.Fill(session, *request.mutable_options()));
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const v1::Planning planning,
                connection->Change(&v1::PlanningService::Stub::UpdatePlanning, request));
    if (format_.json()) {
      WriteJson(session, planning);
    } else {
      WritePlanning(session, planning);
    }
    if (change_.dry_run)
      TellChange(session, true, std::string(session.Say({"as above", "comme ci-dessus"})));
    return absl::OkStatus();
  }

 private:
  absl::Status Fill(const Session& session, v1::Planning& planning,
                    google::protobuf::FieldMask& mask) const {
    if (capacity_.has_value()) {
      mask.add_paths("preparation_capacity");
      if (!capacity_->empty()) {
        PARC_ASSIGN(const double capacity, ParseNumber<double>(*capacity_, "--capacity"));
        planning.set_preparation_capacity(capacity);
      }
    }
    if (reserve_.has_value()) {
      mask.add_paths("reserve_stock");
      if (!reserve_->empty()) {
        PARC_ASSIGN(const int reserve, ParseNumber<int>(*reserve_, "--reserve"));
        planning.set_reserve_stock(reserve);
      }
    }
    if (records_.has_value()) {
      mask.add_paths("records_since");
      if (!records_->empty()) {
        PARC_ASSIGN(*planning.mutable_records_since(), ParseDate(*records_, session.now()));
      }
    }
    if (country_.has_value()) {
      mask.add_paths("country");
      planning.set_country(*country_);
    }
    if (closures_.empty()) return absl::OkStatus();
    mask.add_paths("closures");
    for (const std::string& days : closures_) {
      const std::size_t dots = days.find("..");
      v1::Closure& closure = *planning.add_closures();
      PARC_ASSIGN(*closure.mutable_first_date(), ParseDate(days.substr(0, dots), session.now()));
      PARC_ASSIGN(
          *closure.mutable_last_date(),
          ParseDate(dots == std::string::npos ? days : days.substr(dots + 2), session.now()));
    }
    return absl::OkStatus();
  }

  std::optional<std::string> capacity_, reserve_, records_, country_;
  std::vector<std::string> closures_;
  ChangeFlags change_;
  FormatFlag format_;
};

}  // namespace

std::unique_ptr<Command> MakePlanning() { return std::make_unique<Planning>(); }
std::unique_ptr<Command> MakePlanningSet() { return std::make_unique<PlanningSet>(); }

}  // namespace parc::client
