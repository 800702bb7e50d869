#include "client/answer.h"
#include "client/commands/line_name.h"
#include "client/commands/make.h"
#include "client/commands/order_fields.h"
#include "client/connection.h"
#include "client/dates.h"
#include "client/flags.h"
#include "parc/v1/orders.grpc.pb.h"

namespace parc::client {
namespace {

class Ship final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional(
        "ORDER/LINE", line_,
        {"The order line, e.g. BC-2020-17/1", "La ligne de commande, p. ex. BC-2020-17/1"});
    options.Number("--quantity", "N", quantity_,
                   {"Units on their way; all that are open without it",
                    "Unités en route ; toutes celles attendues par défaut"});
    options.Value("--shipped", "DATE", shipped_,
                  {"When they leave, if not on the day it was announced (--on)",
                   "Jour du départ, si ce n'est celui de l'annonce (--on)"});
    options.Value("--carrier", "NAME", carrier_, {"Carrier", "Transporteur"});
    options.Value("--tracking", "TEXT", tracking_,
                  {"The carrier's reference", "Numéro de suivi du transporteur"});
    change_.Declare(options);
    format_.Declare(options);
    options.AddExample("parc ship BC-2020-17/1 --quantity 40 --carrier Geodis --tracking 7Q12",
                       {"What the supplier's mail says", "Ce que dit le mail du fournisseur"});
  }

  absl::Status Run(Session& session) override {
    v1::RecordShipmentRequest request;
    PARC_ASSIGN(*request.mutable_name(), LineNameOrError(line_));
    request.set_quantity(quantity_);
    if (!shipped_.empty()) {
      PARC_ASSIGN(*request.mutable_shipped_date(), ParseDate(shipped_, session.now()));
    }
    request.set_carrier(carrier_);
    request.set_tracking(tracking_);
    PARC_TRY(change_.Fill(session, *request.mutable_options()));
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const v1::OrderLine line,
                connection->Change(&v1::OrderService::Stub::RecordShipment, request));
    if (format_.json()) WriteJson(session, line);
    TellChange(session, change_.dry_run, LineSentence(line, session.language()));
    return absl::OkStatus();
  }

 private:
  std::string line_;
  int quantity_ = 0;
  std::string shipped_;
  std::string carrier_;
  std::string tracking_;
  ChangeFlags change_;
  FormatFlag format_;
};

class OrderPlace final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional("ORDER", order_, {"The planned order", "La commande prévue"});
    change_.Declare(options);
    format_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    v1::PlaceOrderRequest request;
    request.set_name(NameIn("orders", order_));
    PARC_TRY(change_.Fill(session, *request.mutable_options()));
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const v1::Order order,
                connection->Change(&v1::OrderService::Stub::PlaceOrder, request));
    if (format_.json()) WriteJson(session, order);
    TellChange(session, change_.dry_run,
               order.reference() + " " +
                   std::string(session.Say({"is placed, on", "est passée, le"})) + " " +
                   render::Date(IsoDate(order.order_date()), session.language()));
    return absl::OkStatus();
  }

 private:
  std::string order_;
  ChangeFlags change_;
  FormatFlag format_;
};

}  // namespace

std::unique_ptr<Command> MakeShip() { return std::make_unique<Ship>(); }
std::unique_ptr<Command> MakeOrderPlace() { return std::make_unique<OrderPlace>(); }

}  // namespace parc::client
