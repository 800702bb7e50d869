#include "client/commands/make.h"
#include "client/connection.h"
#include "client/lib/try.h"
#include "client/listing.h"
#include "client/proto_text.h"
#include "fmt/format.h"
#include "parc/v1/readiness.grpc.pb.h"

namespace parc::client {
namespace {

using render::Kind;
using render::Style;
using render::Value;
using v1::RaisedAlert;

std::vector<FieldOf<RaisedAlert>> AlertFields(Language language) {
  const bool french = language == Language::kFrench;
  return {
      {.name = "raised",
       .header = {"Since", "Depuis"},
       .kind = Kind::kTime,
       .usual = true,
       .get =
           [](const RaisedAlert& a) {
             return Value{{}, IsoTime(a.raise_time())};
           }},
      {.name = "resolved",
       .header = {"Over since", "Terminé le"},
       .kind = Kind::kTime,
       .get =
           [](const RaisedAlert& a) {
             return Value{{}, IsoTime(a.resolve_time())};
           }},
      {.name = "kind",
       .header = {"Kind", "Genre"},
       .get =
           [](const RaisedAlert& a) {
             return Value{{}, a.kind()};
           }},
      {.name = "subject",
       .header = {"Subject", "Sujet"},
       .get =
           [](const RaisedAlert& a) {
             return Value{{}, a.subject()};
           }},
      {.name = "count",
       .header = {"Laptops", "Portables"},
       .kind = Kind::kNumber,
       .get =
           [](const RaisedAlert& a) {
             return Value{{}, fmt::format("{}", a.count())};
           }},
      {.name = "message",
       .header = {"Alert", "Alerte"},
       .usual = true,
       .shrinks = true,
       .get =
           [french](const RaisedAlert& a) {
             return Value{{},
                          french ? a.message_fr() : a.message_en(),
                          a.has_resolve_time() ? Style::kDim : Style::kWarn};
           }},
  };
}

class Alerts final : public Command {
 public:
  void Declare(Options& options) override {
    options.Flag("--all", all_, {"Those that are over, too", "Aussi celles qui sont terminées"});
    output_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    const std::string columns = output_.columns.empty() && all_ ? "+resolved" : output_.columns;
    PARC_ASSIGN(const auto fields, ChooseFields(AlertFields(session.language()), columns));
    PARC_ASSIGN(Connection * connection, session.Connect());
    Listing listing(session, output_, SpecsOf(session, fields));
    v1::ListAlertsRequest request;
    request.set_show_resolved(all_);
    do {
      PARC_ASSIGN(const v1::ListAlertsResponse response,
                  connection->Read(&v1::ReadinessService::Stub::ListAlerts, request));
      for (const RaisedAlert& alert : response.alerts()) AddRow(listing, fields, alert);
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    listing.Finish({"no alert", "aucune alerte"});
    return absl::OkStatus();
  }

 private:
  bool all_ = false;
  OutputFlags output_;
};

}  // namespace

std::unique_ptr<Command> MakeAlerts() { return std::make_unique<Alerts>(); }

}  // namespace parc::client
