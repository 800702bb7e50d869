#include "client/commands/laptop_fields.h"
#include "client/commands/make.h"
#include "client/commands/order_fields.h"
#include "client/commands/person_fields.h"
#include "client/pages.h"
#include "parc/v1/laptops.grpc.pb.h"
#include "parc/v1/orders.grpc.pb.h"
#include "parc/v1/people.grpc.pb.h"

namespace parc::client {
namespace {

constexpr Text kNothing = {"nothing matches", "rien ne correspond"};

// Writes the columns that `parc import` takes back, with its names.
class Export final : public Command {
 public:
  void Declare(Options& options) override {
    list_.output.format = "csv";
    options.PositionalChoice(
        "KIND", kind_, {"people", "laptops", "sites", "orders"},
        {"people, laptops, sites or orders", "people, laptops, sites ou orders"});
    options.Positionals("FILTER", list_.filter_words, {"Only these", "Seulement ceux-ci"});
    options.Value("--order-by", "NAMES", list_.order_by,
                  {"Sort by these fields", "Trier par ces champs"});
    options.Choice("-o,--output", "FORMAT", list_.output.format, {"csv", "json"},
                   {"csv (without it) or json", "csv (par défaut) ou json"});
    options.Choice("--csv-dialect", "DIALECT", list_.output.csv_dialect, {"plain", "fr-excel"},
                   {"fr-excel: what a French Excel opens by a double click",
                    "fr-excel : s'ouvre d'un double-clic dans Excel"});
    moment_.Declare(options);
    options.AddExample("parc export people --csv-dialect fr-excel > agents.csv",
                       {"For Excel, and back by parc import people agents.csv",
                        "Pour Excel, et retour par parc import people agents.csv"});
  }

  absl::Status Run(Session& session) override {
    session.RememberFilter(list_.filter());
    PARC_TRY(session.Connect().status());
    if (kind_ == "people") return People(session);
    if (kind_ == "laptops") return Laptops(session);
    if (kind_ == "sites") return Sites(session);
    return Orders(session);
  }

 private:
  absl::Status People(Session& session) {
    v1::ListPeopleRequest request;
    PARC_TRY(moment_.Fill(session, *request.mutable_moment()));
    return Write(
        session, request, &v1::PersonService::Stub::ListPeople, PersonExportFields(),
        [](const v1::ListPeopleResponse& page) -> auto& { return page.people(); });
  }

  absl::Status Laptops(Session& session) {
    v1::ListLaptopsRequest request;
    PARC_TRY(moment_.Fill(session, *request.mutable_moment()));
    return Write(
        session, request, &v1::LaptopService::Stub::ListLaptops, LaptopExportFields(),
        [](const v1::ListLaptopsResponse& page) -> auto& { return page.laptops(); });
  }

  absl::Status Sites(Session& session) {
    return Write(
        session, v1::ListSitesRequest(), &v1::SiteService::Stub::ListSites, SiteFields(),
        [](const v1::ListSitesResponse& page) -> auto& { return page.sites(); });
  }

  // One row for each line.
  absl::Status Orders(Session& session) {
    v1::ListOrdersRequest request;
    PARC_TRY(moment_.Fill(session, *request.mutable_moment()));
    request.set_filter(list_.filter());
    request.set_order_by(list_.order_by);
    Listing listing(session, list_.output, SpecsOf(session, LineExportFields(v1::Order())));
    PARC_TRY(ForEachPage(session, &v1::OrderService::Stub::ListOrders, request,
                         [&](const v1::ListOrdersResponse& page) {
                           for (const v1::Order& order : page.orders()) {
                             const auto fields = LineExportFields(order);
                             for (const auto& line : order.lines()) AddRow(listing, fields, line);
                           }
                         }));
    listing.Finish(kNothing);
    return absl::OkStatus();
  }

  template <typename Request, typename Method, typename Record, typename Records>
  absl::Status Write(Session& session, Request request, Method method,
                     const std::vector<FieldOf<Record>>& fields, Records records) {
    request.set_filter(list_.filter());
    request.set_order_by(list_.order_by);
    Listing listing(session, list_.output, SpecsOf(session, fields));
    PARC_TRY(ForEachPage(session, method, request, [&](const auto& page) {
      for (const Record& record : records(page)) AddRow(listing, fields, record);
    }));
    listing.Finish(kNothing);
    return absl::OkStatus();
  }

  std::string kind_;
  ListFlags list_;
  MomentFlags moment_;
};

}  // namespace

std::unique_ptr<Command> MakeExport() { return std::make_unique<Export>(); }

}  // namespace parc::client
