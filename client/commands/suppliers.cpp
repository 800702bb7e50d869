#include "client/answer.h"
#include "client/commands/make.h"
#include "client/connection.h"
#include "client/listing.h"
#include "fmt/format.h"
#include "parc/v1/orders.grpc.pb.h"

namespace parc::client {
namespace {

using render::Kind;
using render::Value;
using v1::Supplier;

constexpr char kTooFew[] = "—";

std::string Whole(double share) { return fmt::format("{:.0f}", share * 100); }

// "67 % (35–88)", the second being Wilson's interval.
std::string OnTime(const Supplier& supplier) {
  const v1::ShareEstimate& share = supplier.on_time();
  if (share.trials() == 0) return kTooFew;
  return fmt::format("{} % ({}–{})", Whole(static_cast<double>(share.hits()) / share.trials()),
                     Whole(share.low()), Whole(share.high()));
}

// "12 (3–40)" or "≥ 12 (≥ 3)"; "—" when there are too few for an interval.
std::string Days(const v1::DaysEstimate& days) {
  if (!days.has_median() || !days.has_low()) return kTooFew;
  const std::string median = fmt::format("{}{}", days.at_least() ? "≥ " : "", days.median());
  if (!days.has_high()) return fmt::format("{} (≥ {})", median, days.low());
  return fmt::format("{} ({}–{})", median, days.low(), days.high());
}

std::string Trend(const Supplier& supplier, Language language) {
  const bool french = language == Language::kFrench;
  switch (supplier.trend()) {
    case v1::SLIP_TREND_BETTER:
      return fmt::format("{} ({:+.0f})", french ? "en progrès" : "better",
                         supplier.trend_days_per_quarter());
    case v1::SLIP_TREND_WORSE:
      return fmt::format("{} ({:+.0f})", french ? "en recul" : "worse",
                         supplier.trend_days_per_quarter());
    case v1::SLIP_TREND_NONE:
      return french ? "aucune" : "none";
    default:
      return kTooFew;
  }
}

std::vector<FieldOf<Supplier>> SupplierFields(Language language) {
  // Ranks: what eighty columns have no room for.
  const auto number = [](std::string name, Text header, std::int32_t (Supplier::*get)() const,
                         int rank = 0) {
    return FieldOf<Supplier>{.name = std::move(name),
                             .header = header,
                             .kind = Kind::kNumber,
                             .usual = true,
                             .rank = rank,
                             .get = [get](const Supplier& s) {
                               return Value{{}, fmt::format("{}", (s.*get)())};
                             }};
  };
  const auto text = [](std::string name, Text header, auto get, int rank = 0) {
    return FieldOf<Supplier>{.name = std::move(name),
                             .header = header,
                             .usual = true,
                             .rank = rank,
                             .get = [get](const Supplier& s) {
                               return Value{{}, get(s)};
                             }};
  };
  std::vector<FieldOf<Supplier>> fields = {
      text("supplier", {"Supplier", "Fournisseur"}, [](const Supplier& s) { return s.supplier(); }),
      number("lines", {"Lines", "Lignes"}, &Supplier::lines, 2),
      number("judged_lines", {"Due", "Échues"}, &Supplier::judged_lines),
      text("on_time", {"On time", "À l'heure"}, OnTime),
      text("slip", {"Slip, days", "Retard, jours"},
           [](const Supplier& s) { return Days(s.slip()); }),
      text("trend", {"Trend", "Tendance"},
           [language](const Supplier& s) { return Trend(s, language); }),
      text(
          "lead_time", {"Lead, days", "Délai, jours"},
          [](const Supplier& s) { return Days(s.lead_time()); }, 1),
      number("open_units", {"Open", "À recevoir"}, &Supplier::open_units),
      number("late_lines", {"Late", "En retard"}, &Supplier::late_lines, 3),
  };
  fields.front().shrinks = true;
  return fields;
}

class Suppliers final : public Command {
 public:
  void Declare(Options& options) override {
    moment_.Declare(options);
    output_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    v1::ListSuppliersRequest request;
    PARC_TRY(moment_.Fill(session, *request.mutable_moment()));
    PARC_ASSIGN(const auto fields,
                ChooseFields(SupplierFields(session.language()), output_.columns));
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const v1::ListSuppliersResponse response,
                connection->Read(&v1::OrderService::Stub::ListSuppliers, request));
    Listing listing(session, output_, SpecsOf(session, fields));
    bool too_few = false;
    for (const Supplier& supplier : response.suppliers()) {
      AddRow(listing, fields, supplier);
      too_few =
          too_few || Days(supplier.slip()) == kTooFew || supplier.trend() == v1::SLIP_TREND_TOO_FEW;
    }
    listing.Finish({"there is no order", "il n'y a pas de commande"});
    if (response.suppliers().empty() || output_.format != "table") return absl::OkStatus();
    session.Tell(session.Say(
        {"due: the first promised date has passed; slip: from that date to the last unit; lead: "
         "from the order to the last unit; late: lines that are; in brackets: 95 % interval; ≥: "
         "lines are still open; trend: days per quarter",
         "échues : la première date promise est passée ; retard : de cette date à la dernière "
         "unité ; délai : de la commande à la dernière unité ; en retard : lignes qui le sont ; "
         "entre parenthèses : intervalle à 95 % ; ≥ : des lignes sont encore ouvertes ; "
         "tendance : jours par trimestre"}));
    if (too_few) {
      session.Tell(session.Say(
          {"—: too few lines to say (a median needs 6, a trend 8)",
           "— : trop peu de lignes pour le dire (il en faut 6 pour une médiane, 8 pour une "
           "tendance)"}));
    }
    return absl::OkStatus();
  }

 private:
  MomentFlags moment_;
  OutputFlags output_;
};

}  // namespace

std::unique_ptr<Command> MakeSuppliers() { return std::make_unique<Suppliers>(); }

}  // namespace parc::client
