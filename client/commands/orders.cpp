#include "client/commands/make.h"
#include "client/commands/order_fields.h"
#include "client/dates.h"
#include "client/pages.h"
#include "client/proto_text.h"
#include "parc/v1/orders.grpc.pb.h"

namespace parc::client {
namespace {

std::string FilterOf(const std::string& typed) {
  if (typed == "late") return "late = true";
  if (typed == "open") return "open_quantity > 0 AND status = PLACED";
  if (typed == "planned") return "status = PLANNED";
  return typed;
}

class Orders final : public Command {
 public:
  void Declare(Options& options) override {
    list_.Declare(options,
                  {"Which ones, e.g. 'supplier = Dell* AND open_quantity > 0', or one of the words "
                   "late, open and planned",
                   "Lesquelles, p. ex. 'supplier = Dell* AND open_quantity > 0', ou l'un des mots "
                   "late, open et planned"});
    moment_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    v1::ListOrdersRequest request;
    request.set_filter(FilterOf(list_.filter()));
    request.set_order_by(list_.order_by);
    session.RememberFilter(request.filter());
    PARC_TRY(moment_.Fill(session, *request.mutable_moment()));
    PARC_ASSIGN(const google::type::Date day,
                ParseDate(moment_.as_of.empty() ? "today" : moment_.as_of, session.now()));
    PARC_ASSIGN(const auto fields, ChooseFields(OrderFields(IsoDate(day)), list_.output.columns));
    PARC_TRY(session.Connect().status());
    Listing listing(session, list_.output, SpecsOf(session, fields));
    PARC_TRY(ForEachPage(session, &v1::OrderService::Stub::ListOrders, request,
                         [&](const v1::ListOrdersResponse& page) {
                           for (const v1::Order& order : page.orders()) {
                             AddRow(listing, fields, order);
                           }
                         }));
    listing.Finish({"no order matches", "aucune commande ne correspond"});
    return absl::OkStatus();
  }

 private:
  ListFlags list_;
  MomentFlags moment_;
};

}  // namespace

std::unique_ptr<Command> MakeOrders() { return std::make_unique<Orders>(); }

}  // namespace parc::client
