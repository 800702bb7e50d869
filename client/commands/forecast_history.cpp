#include "client/answer.h"
#include "client/commands/forecast_fields.h"
#include "client/commands/make.h"
#include "client/connection.h"
#include "client/pages.h"
#include "client/proto_text.h"
#include "client/render/forecast_screen.h"
#include "parc/v1/forecasts.grpc.pb.h"

namespace parc::client {
namespace {

class ForecastHistory final : public Command {
 public:
  void Declare(Options& options) override {
    output_.Declare(options);
    options.AddExample("parc forecast history", {"Forecasts that were made, and what happened",
                                                 "Les prévisions faites, et ce qui est arrivé"});
  }

  absl::Status Run(Session& session) override {
    PARC_ASSIGN(const auto fields, ChooseFields(PastForecastFields(), output_.columns));
    PARC_TRY(session.Connect().status());
    Listing listing(session, output_, SpecsOf(session, fields));
    PARC_TRY(ForEachPage(session, &v1::ForecastService::Stub::ListForecasts,
                         v1::ListForecastsRequest(), [&](const v1::ListForecastsResponse& page) {
                           for (const v1::PastForecast& past : page.forecasts()) {
                             AddRow(listing, fields, past);
                           }
                         }));
    listing.Finish({"no forecast was made yet: parc forecast",
                    "aucune prévision n'a encore été faite : parc forecast"});
    return absl::OkStatus();
  }

 private:
  OutputFlags output_;
};

class ForecastShow final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional("FORECAST", forecast_,
                       {"As parc forecast history names it", "Tel que nommé par l'historique"});
    format_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    PARC_ASSIGN(Connection * connection, session.Connect());
    v1::GetForecastRequest request;
    request.set_name(NameIn("forecasts", forecast_));
    PARC_ASSIGN(const v1::PastForecast past,
                connection->Read(&v1::ForecastService::Stub::GetForecast, request));
    if (format_.json()) {
      WriteJson(session, past);
      return absl::OkStatus();
    }
    Terminal& terminal = session.terminal();
    terminal.Write(render::PastForecastScreen(
        past,
        {.language = session.language(), .width = terminal.width(), .colour = terminal.colour()}));
    return absl::OkStatus();
  }

 private:
  std::string forecast_;
  FormatFlag format_;
};

}  // namespace

std::unique_ptr<Command> MakeForecastHistory() { return std::make_unique<ForecastHistory>(); }
std::unique_ptr<Command> MakeForecastShow() { return std::make_unique<ForecastShow>(); }

}  // namespace parc::client
