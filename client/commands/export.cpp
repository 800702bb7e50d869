#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "client/commands/laptop_fields.h"
#include "client/commands/make.h"
#include "client/commands/order_fields.h"
#include "client/commands/person_fields.h"
#include "client/commands/server_fields.h"
#include "client/lib/errors.h"
#include "client/pages.h"
#include "client/proto_text.h"
#include "client/world_files.h"
#include "fmt/format.h"
#include "parc/v1/fleet.grpc.pb.h"
#include "parc/v1/laptops.grpc.pb.h"
#include "parc/v1/orders.grpc.pb.h"
#include "parc/v1/people.grpc.pb.h"
#include "parc/v1/planning.grpc.pb.h"

namespace parc::client {
namespace {

constexpr Text kNothing = {"nothing matches", "rien ne correspond"};

// Writes the columns that `parc import` takes back, with its names.
class Export final : public Command {
 public:
  void Declare(Options& options) override {
    list_.output.format = "csv";
    options.PositionalChoice(
        "KIND", kind_, {"people", "laptops", "sites", "orders", "world"},
        {"people, laptops, sites, orders; or world, what a forecast needs",
         "people, laptops, sites, orders ; ou world, ce qu'il faut à une prévision"});
    options.Positionals("FILTER", list_.filter_words,
                        {"Only these; of a world, the directory to write into",
                         "Seulement ceux-ci ; d'un monde, le dossier où écrire"});
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
    if (kind_ == "world") return World(session);
    return Orders(session);
  }

 private:
  // Nine files, each asked for in parts, all of one moment.
  absl::Status World(Session& session) {
    if (list_.filter_words.size() != 1)
      return MakeError(absl::StatusCode::kInvalidArgument, "NO_DIRECTORY",
                       "name one directory to write the world into");
    const std::filesystem::path directory = list_.filter_words.front();
    v1::ExportWorldRequest request;
    request.set_world_id(directory.filename().string());
    PARC_TRY(moment_.Fill(session, *request.mutable_moment()));
    PARC_ASSIGN(Connection * connection, session.Connect());
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    for (const std::string_view name : kWorldFiles) {
      PARC_ASSIGN(const std::string bytes, WorldFile(*connection, name, request));
      std::ofstream out(directory / name, std::ios::binary | std::ios::trunc);
      out << bytes;
      out.close();
      if (!out.good())
        return MakeError(absl::StatusCode::kFailedPrecondition, "CANNOT_WRITE",
                         fmt::format("{} cannot be written", (directory / name).string()));
    }
    session.Tell(fmt::format(
        "{}: {} {}", directory.string(), session.Say({"the world as of", "le monde au"}),
        render::Date(IsoDate(request.moment().as_of_date()), session.language())));
    return TellTargetsLeftOut(session, *connection, request.moment());
  }

  // A world has the targets of everybody in it, and no other.
  static absl::Status TellTargetsLeftOut(Session& session, Connection& connection,
                                         const v1::Moment& moment) {
    v1::ListTargetsRequest request;
    *request.mutable_moment() = moment;
    PARC_ASSIGN(const v1::ListTargetsResponse response,
                connection.Read(&v1::PlanningService::Stub::ListTargets, request));
    for (const v1::Target& target : response.targets()) {
      if (target.people().empty()) continue;
      session.Tell(fmt::format("{} {} ({})", IdOf(target.name()),
                               session.Say({"is left out: it is not about everybody",
                                            "n'en est pas : il ne porte pas sur tous"}),
                               target.people()));
    }
    return absl::OkStatus();
  }

  // Settles the moment of `request` by the first answer.
  static absl::StatusOr<std::string> WorldFile(Connection& connection, std::string_view name,
                                               v1::ExportWorldRequest& request) {
    request.set_file_name(std::string(name));
    std::string bytes;
    while (true) {
      request.set_offset(static_cast<std::int64_t>(bytes.size()));
      PARC_ASSIGN(const v1::ExportWorldResponse part,
                  connection.Read(&v1::FleetService::Stub::ExportWorld, request));
      *request.mutable_moment() = part.moment();
      bytes += part.chunk();
      if (part.chunk().empty() || static_cast<std::int64_t>(bytes.size()) >= part.size_bytes())
        return bytes;
    }
  }

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
    // An import refuses a column that its sender may not see, even an empty one.
    PARC_ASSIGN(const std::vector<ServerField> known, ServerFields(session, "laptops"));
    std::vector<LaptopField> fields = LaptopExportFields();
    std::erase_if(fields, [&](const LaptopField& field) {
      const auto found = std::ranges::find(known, field.name, &ServerField::name);
      return found != known.end() && found->masked;
    });
    Write(session, laptops, WithExtra(std::move(fields), laptops));
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

  // JSON has each line once, CSV a row for each promise, shipment, receipt and cancellation.
  absl::Status Orders(Session& session) {
    v1::ListOrdersRequest request;
    PARC_TRY(moment_.Fill(session, *request.mutable_moment()));
    PARC_ASSIGN(const std::vector<v1::Order> orders,
                All<v1::Order>(
                    session, request, &v1::OrderService::Stub::ListOrders,
                    [](const auto& page) -> auto& { return page.orders(); }));
    const std::vector<FieldOf<LineRow>>& fields = LineExportFields();
    Listing listing(session, list_.output, SpecsOf(session, fields));
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
    }
    listing.Finish(kNothing);
    return absl::OkStatus();
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
