#include "client/answer.h"
#include "client/commands/forecast_stream.h"
#include "client/commands/make.h"
#include "client/flags.h"
#include "client/render/forecast_screen.h"

namespace parc::client {
namespace {

class ForecastBacktest final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positionals(
        "FILTER", filter_words_,
        {"Whose coverage; everybody without it", "La couverture de qui ; tous par défaut"});
    options.Number("--every", "DAYS", every_,
                   {"Days between two forecasts of the past; 28 without it",
                    "Jours entre deux prévisions du passé ; 28 par défaut"});
    options.Number(
        "--horizon", "DAYS", horizon_,
        {"How far each looks ahead; 182 without it", "Portée de chacune ; 182 par défaut"});
    options.Number(
        "--paths", "N", paths_,
        {"Futures each simulates; 500 without it", "Futurs que chacune simule ; 500 par défaut"});
    moment_.Declare(options);
    format_.Declare(options);
    options.AddExample("parc forecast backtest",
                       {"How good it would have been on your own history",
                        "Ce qu'elle aurait valu sur votre propre historique"});
  }

  absl::Status Run(Session& session) override {
    v1::BacktestRequest request;
    ListFlags words;
    words.filter_words = filter_words_;
    request.set_filter(words.filter());
    session.RememberFilter(request.filter());
    PARC_TRY(moment_.Fill(session, *request.mutable_moment()));
    request.set_origin_every_days(every_);
    request.set_horizon_days(horizon_);
    request.set_paths(paths_);
    PARC_ASSIGN(const v1::BacktestResponse response,
                Compute(session, &v1::ForecastService::Stub::Backtest, request,
                        {"Forecasting the past", "Prévision du passé"}));
    if (format_.json()) {
      WriteJson(session, response.result());
      return absl::OkStatus();
    }
    Terminal& terminal = session.terminal();
    terminal.Write(render::BacktestScreen(
        response.result(),
        {.language = session.language(), .width = terminal.width(), .colour = terminal.colour()}));
    return absl::OkStatus();
  }

 private:
  std::vector<std::string> filter_words_;
  int every_ = 0;
  int horizon_ = 0;
  int paths_ = 0;
  MomentFlags moment_;
  FormatFlag format_;
};

}  // namespace

std::unique_ptr<Command> MakeForecastBacktest() { return std::make_unique<ForecastBacktest>(); }

}  // namespace parc::client
