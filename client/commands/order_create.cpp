#include <charconv>

#include "client/answer.h"
#include "client/commands/make.h"
#include "client/commands/order_fields.h"
#include "client/connection.h"
#include "client/dates.h"
#include "client/flags.h"
#include "client/lib/errors.h"
#include "client/money.h"
#include "client/proto_text.h"
#include "fmt/format.h"
#include "parc/v1/orders.grpc.pb.h"

namespace parc::client {
namespace {

class OrderCreate final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional("ORDER", order_, {"Your reference", "Votre référence"});
    options.Value("--supplier", "NAME", supplier_, {"Supplier", "Fournisseur"}, true);
    options.Value(
        "--date", "DATE", date_,
        {"Day it was ordered; today without it", "Jour de commande ; aujourd'hui par défaut"});
    options.Values("--line", "\"N MODEL[ @ PRICE]\"", lines_,
                   {"Units, model and unit price, e.g. \"100 Latitude 5400 @ 849.90\"; once for "
                    "each line",
                    "Unités, modèle et prix unitaire, p. ex. « 100 Latitude 5400 @ 849,90 » ; une "
                    "fois par ligne"});
    options.Value("--currency", "CODE", currency_, {"EUR without it", "EUR par défaut"});
    options.Value("--promised", "DATE", promised_,
                  {"Delivery date that was announced, for every line",
                   "Date de livraison annoncée, pour chaque ligne"});
    options.Flag("--planned", planned_,
                 {"It is not placed yet: --date says when it will be (parc order place)",
                  "Elle n'est pas encore passée : --date dit quand (parc order place)"});
    change_.Declare(options);
    format_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    v1::CreateOrderRequest request;
    PARC_TRY(Fill(session, *request.mutable_order()));
    PARC_TRY(change_.Fill(session, *request.mutable_options()));
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const v1::Order order,
                connection->Change(&v1::OrderService::Stub::CreateOrder, request));
    if (format_.json()) WriteJson(session, order);
    TellChange(session, change_.dry_run,
               fmt::format("{} {}", order.reference(),
                           planned_ ? session.Say({"is planned", "est prévue"})
                                    : session.Say({"is recorded", "est enregistrée"})));
    for (const v1::OrderLine& line : order.lines()) {
      session.Tell("  " + LineSentence(line, session.language()));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Fill(const Session& session, v1::Order& order) const {
    order.set_reference(order_);
    order.set_supplier(supplier_);
    order.set_status(planned_ ? v1::ORDER_STATUS_PLANNED : v1::ORDER_STATUS_PLACED);
    PARC_ASSIGN(*order.mutable_order_date(),
                ParseDate(date_.empty() ? "today" : date_, session.now()));
    for (const std::string& text : lines_) {
      PARC_ASSIGN(v1::OrderLine line, ParseLine(text));
      line.set_line(order.lines_size() + 1);
      if (!promised_.empty()) {
        v1::Promise& promise = *line.add_promises();
        PARC_ASSIGN(*promise.mutable_promised_date(), ParseDate(promised_, session.now()));
        // What is said of a plan was said by today.
        if (!planned_) {
          *promise.mutable_announced_date() = order.order_date();
        } else {
          PARC_ASSIGN(*promise.mutable_announced_date(), ParseDate("today", session.now()));
        }
      }
      *order.add_lines() = std::move(line);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<v1::OrderLine> ParseLine(std::string_view text) const {
    v1::OrderLine line;
    int quantity = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), quantity);
    std::string_view model = text.substr(static_cast<std::size_t>(end - text.data()));
    const std::size_t at = model.rfind(" @ ");
    if (at != std::string_view::npos) {
      PARC_ASSIGN(*line.mutable_unit_price(),
                  ParseMoney(model.substr(at + 3), currency_.empty() ? "EUR" : currency_));
      model = model.substr(0, at);
    }
    if (error != std::errc() || quantity < 1 || model.size() < 2 || model.front() != ' ') {
      return MakeError(
          absl::StatusCode::kInvalidArgument, "BAD_LINE",
          fmt::format("\"{}\" is no order line: write \"100 Latitude 5400 @ 849.90\"", text));
    }
    line.set_quantity(quantity);
    line.set_model(std::string(model.substr(1)));
    return line;
  }

  std::string order_;
  std::string supplier_;
  std::string date_;
  std::vector<std::string> lines_;
  std::string currency_;
  std::string promised_;
  bool planned_ = false;
  ChangeFlags change_;
  FormatFlag format_;
};

}  // namespace

std::unique_ptr<Command> MakeOrderCreate() { return std::make_unique<OrderCreate>(); }

}  // namespace parc::client
