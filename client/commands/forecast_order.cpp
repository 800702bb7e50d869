#include "client/answer.h"
#include "client/commands/forecast_flags.h"
#include "client/commands/forecast_stream.h"
#include "client/commands/make.h"
#include "client/dates.h"
#include "client/render/forecast_screen.h"

namespace parc::client {
namespace {

class ForecastOrder final : public Command {
 public:
  void Declare(Options& options) override {
    question_.Declare(options);
    options.Value("--confidence", "P", confidence_,
                  {"How sure it should be; 0.9 without it", "Certitude voulue ; 0,9 par défaut"});
    options.Value(
        "--on", "DATE", on_,
        {"When it would be ordered; tomorrow without it", "Quand commander ; demain par défaut"});
    options.Values("--supplier", "NAME", suppliers_,
                   {"From whom; everybody on record without it",
                    "À qui ; tous les fournisseurs connus par défaut"});
    format_.Declare(options);
    options.AddExample("parc forecast order --target 100% --by 2020-12-31 --confidence 0.9",
                       {"The smallest order that is enough, and how late it may be placed",
                        "La plus petite commande qui suffit, et jusqu'à quand"});
  }

  absl::Status Run(Session& session) override {
    v1::PlanOrderRequest request;
    PARC_TRY(question_.Fill(session, *request.mutable_question()));
    if (!confidence_.empty()) {
      PARC_ASSIGN(const double confidence, ParseShare(confidence_));
      request.set_confidence(confidence);
    }
    if (!on_.empty()) {
      PARC_ASSIGN(*request.mutable_order_date(), ParseDate(on_, session.now()));
    }
    for (const std::string& supplier : suppliers_) request.add_suppliers(supplier);
    PARC_ASSIGN(const v1::PlanOrderResponse response,
                Compute(session, &v1::ForecastService::Stub::PlanOrder, request,
                        {"Trying orders", "Essai de commandes"}));
    if (format_.json()) {
      WriteJson(session, response.plan());
      return absl::OkStatus();
    }
    Terminal& terminal = session.terminal();
    terminal.Write(render::PlanScreen(
        response.plan(),
        {.language = session.language(), .width = terminal.width(), .colour = terminal.colour()}));
    return absl::OkStatus();
  }

 private:
  QuestionFlags question_;
  std::string confidence_;
  std::string on_;
  std::vector<std::string> suppliers_;
  FormatFlag format_;
};

}  // namespace

std::unique_ptr<Command> MakeForecastOrder() { return std::make_unique<ForecastOrder>(); }

}  // namespace parc::client
