#include <algorithm>

#include "client/answer.h"
#include "client/commands/make.h"
#include "client/commands/order_fields.h"
#include "client/connection.h"
#include "client/dates.h"
#include "client/proto_text.h"
#include "client/render/table.h"
#include "client/render/width.h"
#include "fmt/format.h"
#include "parc/v1/orders.grpc.pb.h"

namespace parc::client {
namespace {

class OrderShow final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional("ORDER", order_, {"Reference of the order", "Référence de la commande"});
    moment_.Declare(options);
    format_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    v1::GetOrderRequest request;
    request.set_name(NameIn("orders", order_));
    PARC_TRY(moment_.Fill(session, *request.mutable_moment()));
    PARC_ASSIGN(const google::type::Date day,
                ParseDate(moment_.as_of.empty() ? "today" : moment_.as_of, session.now()));
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const v1::Order order,
                connection->Read(&v1::OrderService::Stub::GetOrder, request));
    if (format_.json()) {
      WriteJson(session, order);
      return absl::OkStatus();
    }
    const Language language = session.language();
    const bool planned = order.status() == v1::ORDER_STATUS_PLANNED;
    session.terminal().Write(
        fmt::format("{}: {}, {}{}\n\n", order.reference(), render::Printable(order.supplier()),
                    planned ? session.Say({"planned for ", "prévue pour le "}) : "",
                    render::Date(IsoDate(order.order_date()), language)));
    const auto fields = LineFields(IsoDate(day));
    Listing listing(session, OutputFlags{}, SpecsOf(session, fields));
    for (const v1::OrderLine& line : order.lines()) AddRow(listing, fields, line);
    listing.Finish({"it has no lines", "elle n'a pas de ligne"});
    WriteLedger(session, order);
    return absl::OkStatus();
  }

 private:
  // What was announced, shipped, received and cancelled, in the order of time.
  static void WriteLedger(Session& session, const v1::Order& order) {
    const Language language = session.language();
    const auto date = [&](const google::type::Date& day) {
      return render::Date(IsoDate(day), language);
    };
    std::vector<std::pair<std::string, std::vector<render::Cell>>> dated;
    const auto add = [&](const google::type::Date& day, const std::string& line, std::string what,
                         const std::string& source) {
      dated.push_back(
          {IsoDate(day), {{line}, {date(day)}, {std::move(what)}, {render::Printable(source)}}});
    };
    for (const v1::OrderLine& line : order.lines()) {
      const std::string id = LineId(line.name());
      for (int i = line.promises_size() - 1; i >= 0; --i) {  // they are newest first
        const v1::Promise& promise = line.promises(i);
        add(promise.announced_date(), id,
            fmt::format("{} {}", session.Say({"promised for", "promis pour le"}),
                        date(promise.promised_date())),
            promise.source());
      }
      for (const v1::Shipment& shipment : line.shipments()) {
        const bool one = shipment.quantity() == 1;
        add(shipment.announced_date(), id,
            fmt::format("{} {} {}", shipment.quantity(),
                        session.Say({"shipped on", one ? "expédiée le" : "expédiées le"}),
                        date(shipment.shipped_date())),
            shipment.carrier() + (shipment.tracking().empty() ? "" : " " + shipment.tracking()));
      }
      for (const v1::Receipt& receipt : line.receipts()) {
        const bool one = receipt.quantity() == 1;
        std::string what = fmt::format("{} {}", receipt.quantity(),
                                       session.Say({"received", one ? "reçue" : "reçues"}));
        if (!receipt.model().empty())
          what += fmt::format(" ({})", render::Printable(receipt.model()));
        add(receipt.received_date(), id, std::move(what), "");
      }
      for (const v1::Cancellation& cancellation : line.cancellations()) {
        const bool one = cancellation.quantity() == 1;
        add(cancellation.cancelled_date(), id,
            fmt::format("{} {}", cancellation.quantity(),
                        session.Say({"cancelled", one ? "annulée" : "annulées"})),
            cancellation.reason());
      }
    }
    std::stable_sort(dated.begin(), dated.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<std::vector<render::Cell>> rows;
    for (auto& [day, row] : dated) rows.push_back(std::move(row));
    if (rows.empty()) return;
    Terminal& terminal = session.terminal();
    std::vector<render::Column> columns = {{std::string(session.Say({"Line", "Ligne"}))},
                                           {std::string(session.Say({"Day", "Jour"}))},
                                           {std::string(session.Say({"What", "Quoi"}))},
                                           {std::string(session.Say({"Source", "Source"}))}};
    columns.back().shrinks = true;
    terminal.Write(
        "\n" +
        render::Table(std::move(columns), rows,
                      {.width = terminal.width(), .headers = true, .colour = terminal.colour()}));
  }

  std::string order_;
  MomentFlags moment_;
  FormatFlag format_;
};

}  // namespace

std::unique_ptr<Command> MakeOrderShow() { return std::make_unique<OrderShow>(); }

}  // namespace parc::client
