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

class Promise final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional(
        "ORDER/LINE", line_,
        {"The order line, e.g. BC-2020-17/1", "La ligne de commande, p. ex. BC-2020-17/1"});
    options.Positional("DATE", promised_,
                       {"The delivery date that was announced", "La date de livraison annoncée"});
    options.Value(
        "--source", "TEXT", source_,
        {"Who said so, e.g. \"supplier mail\"", "Qui l'a dit, p. ex. « mail fournisseur »"});
    change_.Declare(options);
    format_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    v1::RecordPromiseRequest request;
    PARC_ASSIGN(*request.mutable_name(), LineNameOrError(line_));
    PARC_ASSIGN(*request.mutable_promised_date(), ParseDate(promised_, session.now()));
    request.set_source(source_);
    PARC_TRY(change_.Fill(session, *request.mutable_options()));
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const v1::OrderLine line,
                connection->Change(&v1::OrderService::Stub::RecordPromise, request));
    if (format_.json()) WriteJson(session, line);
    TellChange(session, change_.dry_run, LineSentence(line, session.language()));
    return absl::OkStatus();
  }

 private:
  std::string line_;
  std::string promised_;
  std::string source_;
  ChangeFlags change_;
  FormatFlag format_;
};

}  // namespace

std::unique_ptr<Command> MakePromise() { return std::make_unique<Promise>(); }

}  // namespace parc::client
