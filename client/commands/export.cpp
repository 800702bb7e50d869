#include <set>

#include "client/commands/laptop_fields.h"
#include "client/commands/make.h"
#include "client/commands/order_fields.h"
#include "client/commands/person_fields.h"
#include "client/pages.h"
#include "fmt/format.h"
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
    list_.output.CheckDialect(options);
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
    PARC_ASSIGN(const std::vector<v1::Person> people,
                All<v1::Person>(
                    session, request, &v1::PersonService::Stub::ListPeople,
                    [](const auto& page) -> auto& { return page.people(); }));
    Write(session, people, WithExtra(PersonExportFields(), people));
    return absl::OkStatus();
  }

  absl::Status Laptops(Session& session) {
    v1::ListLaptopsRequest request;
    PARC_TRY(moment_.Fill(session, *request.mutable_moment()));
    PARC_ASSIGN(const std::vector<v1::Laptop> laptops,
                All<v1::Laptop>(
                    session, request, &v1::LaptopService::Stub::ListLaptops,
                    [](const auto& page) -> auto& { return page.laptops(); }));
    Write(session, laptops, WithExtra(LaptopExportFields(), laptops));
    return absl::OkStatus();
  }

  absl::Status Sites(Session& session) {
    PARC_ASSIGN(const std::vector<v1::Site> sites,
                All<v1::Site>(
                    session, v1::ListSitesRequest(), &v1::SiteService::Stub::ListSites,
                    [](const auto& page) -> auto& { return page.sites(); }));
    Write(session, ParentsFirst(sites), SiteFields());
    return absl::OkStatus();
  }

  // JSON has each line once, CSV a row for each promise and receipt.
  absl::Status Orders(Session& session) {
    v1::ListOrdersRequest request;
    PARC_TRY(moment_.Fill(session, *request.mutable_moment()));
    PARC_ASSIGN(const std::vector<v1::Order> orders,
                All<v1::Order>(
                    session, request, &v1::OrderService::Stub::ListOrders,
                    [](const auto& page) -> auto& { return page.orders(); }));
    const std::vector<FieldOf<LineRow>>& fields = LineExportFields();
    Listing listing(session, list_.output, SpecsOf(session, fields));
    std::int64_t changed = 0;
    for (const v1::Order& order : orders) {
      if (!listing.wants_values()) {
        for (const v1::OrderLine& line : order.lines()) listing.Add(line, {});
        continue;
      }
      for (const LineRow& row : LineRows(order)) {
        std::vector<render::Value> values;
        for (const auto& field : fields) {
          values.push_back(field.get(row));
          values.back().kind = field.kind;
        }
        listing.Add(*row.line, std::move(values));
      }
      for (const v1::OrderLine& line : order.lines())
        changed += LiveQuantity(line) != line.quantity();
    }
    listing.Finish(kNothing);
    if (changed > 0) TellChanged(session, changed);
    return absl::OkStatus();
  }

  static void TellChanged(Session& session, std::int64_t lines) {
    const Text what =
        lines == 1 ? Text{"line has cancelled or surplus units: written is what was received or is "
                          "still to come",
                          "ligne a des unités annulées ou en surplus : est écrit ce qui est reçu "
                          "ou encore attendu"}
                   : Text{"lines have cancelled or surplus units: written is what was received or "
                          "is still to come",
                          "lignes ont des unités annulées ou en surplus : est écrit ce qui est "
                          "reçu ou encore attendu"};
    session.Tell(fmt::format("{} {}", render::Count(lines, session.language()), session.Say(what)));
  }

  // All at once: what comes first, and which columns there are, is known at the end only.
  template <typename Record, typename Request, typename Method, typename Records>
  absl::StatusOr<std::vector<Record>> All(Session& session, Request request, Method method,
                                          Records records) {
    request.set_filter(list_.filter());
    request.set_order_by(list_.order_by);
    std::vector<Record> all;
    PARC_TRY(ForEachPage(session, method, request, [&](const auto& page) {
      all.insert(all.end(), records(page).begin(), records(page).end());
    }));
    return all;
  }

  // The columns of the record, and those that an import brought beside them.
  template <typename Record>
  static std::vector<FieldOf<Record>> WithExtra(std::vector<FieldOf<Record>> fields,
                                                const std::vector<Record>& records) {
    std::set<std::string> names;
    for (const Record& record : records) {
      for (const auto& [name, value] : record.extra()) names.insert(name);
    }
    for (const std::string& name : names) {
      fields.push_back(
          {.name = name, .header = {}, .usual = true, .get = [name](const Record& record) {
             const auto found = record.extra().find(name);
             return render::Value{{},
                                  found == record.extra().end() ? std::string() : found->second};
           }});
    }
    return fields;
  }

  template <typename Record>
  void Write(Session& session, const std::vector<Record>& records,
             const std::vector<FieldOf<Record>>& fields) {
    Listing listing(session, list_.output, SpecsOf(session, fields));
    for (const Record& record : records) AddRow(listing, fields, record);
    listing.Finish(kNothing);
  }

  std::string kind_;
  ListFlags list_;
  MomentFlags moment_;
};

}  // namespace

std::unique_ptr<Command> MakeExport() { return std::make_unique<Export>(); }

}  // namespace parc::client
