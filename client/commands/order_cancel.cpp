#include "client/answer.h"
#include "client/commands/line_name.h"
#include "client/commands/make.h"
#include "client/commands/order_fields.h"
#include "client/connection.h"
#include "client/flags.h"
#include "parc/v1/orders.grpc.pb.h"

namespace parc::client {
namespace {

class OrderCancel final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional("ORDER[/LINE]", order_,
                       {"An order line, e.g. BC-2020-17/1, or a whole order",
                        "Une ligne de commande, p. ex. BC-2020-17/1, ou toute une commande"});
    options.Number(
        "--quantity", "N", quantity_,
        {"Units of the line that will not come; all that are open without it",
         "Unités de la ligne qui ne viendront pas ; toutes celles attendues par défaut"});
    options.Check([this](Language language) -> std::string {
      if (quantity_ != kAll && quantity_ < 1)
        return std::string(
            Text{"--quantity: must be 1 or more", "--quantity : au moins 1"}.In(language));
      if (quantity_ != kAll && LineName(order_).empty())
        return std::string(Text{"--quantity: name the line, as ORDER/NUMBER",
                                "--quantity : nommer la ligne, COMMANDE/NUMÉRO"}
                               .In(language));
      return {};
    });
    change_.Declare(options);
    format_.Declare(options);
    options.AddExample("parc order cancel BC-2020-17/1 --quantity 20 --reason 'out of production'",
                       {"A part of a line", "Une partie d'une ligne"});
  }

  absl::Status Run(Session& session) override {
    return LineName(order_).empty() ? WholeOrder(session) : OneLine(session);
  }

 private:
  static constexpr int kAll = 0;

  absl::Status OneLine(Session& session) {
    v1::CancelOrderLineRequest request;
    PARC_ASSIGN(*request.mutable_name(), LineNameOrError(order_));
    request.set_quantity(quantity_);
    PARC_TRY(change_.Fill(session, *request.mutable_options()));
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const v1::OrderLine line,
                connection->Change(&v1::OrderService::Stub::CancelOrderLine, request));
    if (format_.json()) WriteJson(session, line);
    TellChange(session, change_.dry_run, LineSentence(line, session.language()));
    return absl::OkStatus();
  }

  absl::Status WholeOrder(Session& session) {
    v1::CancelOrderRequest request;
    request.set_name(NameIn("orders", order_));
    PARC_TRY(change_.Fill(session, *request.mutable_options()));
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const v1::Order order,
                connection->Change(&v1::OrderService::Stub::CancelOrder, request));
    if (format_.json()) WriteJson(session, order);
    for (const v1::OrderLine& line : order.lines())
      TellChange(session, change_.dry_run, LineSentence(line, session.language()));
    return absl::OkStatus();
  }

  std::string order_;
  int quantity_ = kAll;
  ChangeFlags change_;
  FormatFlag format_;
};

}  // namespace

std::unique_ptr<Command> MakeOrderCancel() { return std::make_unique<OrderCancel>(); }

}  // namespace parc::client
