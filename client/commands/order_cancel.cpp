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
    options.Positional(
        "ORDER/LINE", line_,
        {"The order line, e.g. BC-2020-17/1", "La ligne de commande, p. ex. BC-2020-17/1"});
    options.Number("--quantity", "N", quantity_,
                   {"Units that will not come", "Unités qui ne viendront pas"}, true);
    change_.Declare(options);
    format_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    v1::CancelOrderLineRequest request;
    PARC_ASSIGN(*request.mutable_name(), LineNameOrError(line_));
    request.set_quantity(quantity_);
    PARC_TRY(change_.Fill(session, *request.mutable_options()));
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const v1::OrderLine line,
                connection->Change(&v1::OrderService::Stub::CancelOrderLine, request));
    if (format_.json()) WriteJson(session, line);
    TellChange(session, change_.dry_run, LineSentence(line, session.language()));
    return absl::OkStatus();
  }

 private:
  std::string line_;
  int quantity_ = 0;
  ChangeFlags change_;
  FormatFlag format_;
};

}  // namespace

std::unique_ptr<Command> MakeOrderCancel() { return std::make_unique<OrderCancel>(); }

}  // namespace parc::client
