#include <cmath>

#include "client/answer.h"
#include "client/commands/make.h"
#include "client/connection.h"
#include "client/lib/errors.h"
#include "client/listing.h"
#include "client/proto_text.h"
#include "client/render/status_screen.h"
#include "fmt/format.h"
#include "parc/v1/fleet.grpc.pb.h"
#include "parc/v1/people.grpc.pb.h"

namespace parc::client {
namespace {

using CoverageField = FieldOf<v1::Coverage>;

const std::vector<CoverageField>& CoverageFields() {
  const auto number = [](std::string name, std::int64_t (v1::Coverage::*get)() const) {
    return CoverageField{.name = std::move(name),
                         .header = {},
                         .kind = render::Kind::kNumber,
                         .usual = true,
                         .get = [get](const v1::Coverage& row) {
                           return render::Value{{}, fmt::format("{}", (row.*get)())};
                         }};
  };
  static const std::vector<CoverageField> fields = {
      {.name = "population",
       .header = {},
       .usual = true,
       .get =
           [](const v1::Coverage& row) {
             return render::Value{{}, row.population()};
           }},
      number("needed", &v1::Coverage::needed),
      number("equipped", &v1::Coverage::equipped),
      number("ready", &v1::Coverage::ready),
      number("waiting", &v1::Coverage::waiting),
  };
  return fields;
}

class Status final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positionals("FILTER", filter_,
                        {"Only these people, e.g. 'population = \"Siège\" AND tier = 1'",
                         "Seulement ces personnes, p. ex. 'population = \"Siège\" AND tier = 1'"});
    moment_.Declare(options);
    output_.Declare(options);
    options.Value("--expect-coverage", "PERCENT", expected_,
                  {"End with code 10 when fewer are equipped, of all who need a laptop",
                   "Finir avec le code 10 si moins de personnes sont équipées"});
    options.AddExample(
        "parc status --as-of 2020-03-20",
        {"Coverage as it was at the end of that day", "La couverture à la fin de ce jour"});
  }

  absl::Status Run(Session& session) override {
    PARC_ASSIGN(const double expected, Expected());
    PARC_ASSIGN(Connection * connection, session.Connect());
    v1::GetStatusRequest request;
    ListFlags words;
    words.filter_words = filter_;
    request.set_filter(words.filter());
    session.RememberFilter(request.filter());
    PARC_TRY(moment_.Fill(session, *request.mutable_moment()));
    PARC_ASSIGN(const v1::GetStatusResponse status,
                connection->Read(&v1::FleetService::Stub::GetStatus, request));
    if (status.total().needed() == 0 && filter_.empty()) {
      nobody_ = HasNobody(*connection, request.moment());
    }
    known_at_ = Micros(request.moment().known_at_time());
    PARC_TRY(Write(session, status));
    Check(session, expected, status.total());
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<double> Expected() const {
    if (expected_.empty()) return -1.0;
    std::string number = expected_;
    std::replace(number.begin(), number.end(), ',', '.');
    char* end = nullptr;
    const double percent = std::strtod(number.c_str(), &end);
    if (*end != '\0' || !(percent >= 0 && percent <= 100)) {
      return MakeError(absl::StatusCode::kInvalidArgument, "BAD_PERCENT",
                       fmt::format("\"{}\" is no percentage from 0 to 100", expected_));
    }
    return percent;
  }

  // Nobody at all, which is another thing than nobody who needs a laptop.
  static bool HasNobody(Connection& connection, const v1::Moment& moment) {
    v1::ListPeopleRequest request;
    request.set_page_size(1);
    *request.mutable_moment() = moment;
    const auto people = connection.Read(&v1::PersonService::Stub::ListPeople, request);
    return people.ok() && people->people().empty();
  }

  absl::Status Write(Session& session, const v1::GetStatusResponse& status) {
    if (output_.format == "json" && output_.csv_dialect.empty()) {
      WriteJson(session, status);
    } else if (output_.format == "csv" || !output_.csv_dialect.empty()) {
      PARC_ASSIGN(const auto fields, ChooseFields(CoverageFields(), output_.columns));
      Listing listing(session, output_, SpecsOf(session, fields));
      for (const v1::Coverage& row : status.coverage()) AddRow(listing, fields, row);
      listing.Finish({"nobody needs a laptop", "personne n'a besoin d'un portable"});
    } else {
      Terminal& terminal = session.terminal();
      terminal.Write(render::StatusScreen(status, {.language = session.language(),
                                                   .width = terminal.width(),
                                                   .bars = terminal.out_is_terminal(),
                                                   .colour = terminal.colour(),
                                                   .known_at = known_at_,
                                                   .nobody = nobody_}));
    }
    return absl::OkStatus();
  }

  static void Check(Session& session, double expected, const v1::Coverage& total) {
    const double reached = total.needed() == 0 ? 100.0
                                               : 100.0 * static_cast<double>(total.equipped()) /
                                                     static_cast<double>(total.needed());
    if (reached + 1e-9 >= expected) return;
    session.Tell(fmt::format(
        "{} {}", session.Say({"coverage is below what was expected:", "couverture insuffisante :"}),
        render::Percent(total.equipped(), total.needed(), session.language())));
    session.EndWith(Exit::kUnmet);
  }

  std::vector<std::string> filter_;
  MomentFlags moment_;
  OutputFlags output_;
  std::string expected_;
  std::int64_t known_at_ = 0;
  bool nobody_ = false;
};

}  // namespace

std::unique_ptr<Command> MakeStatus() { return std::make_unique<Status>(); }

}  // namespace parc::client
