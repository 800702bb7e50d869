#include "client/commands/laptop_fields.h"
#include "client/commands/make.h"
#include "client/lib/errors.h"
#include "client/pages.h"
#include "client/proto_text.h"
#include "fmt/format.h"
#include "parc/v1/laptops.grpc.pb.h"

namespace parc::client {
namespace {

using render::Kind;
using render::Value;
using v1::Event;
const std::vector<FieldOf<Event>>& EventColumns() {
  static const std::vector<FieldOf<Event>> columns = {
      {.name = "effective",
       .header = {"Day", "Jour"},
       .kind = Kind::kDate,
       .usual = true,
       .get =
           [](const Event& e) {
             return Value{{}, IsoDate(e.effective_date())};
           }},
      {.name = "event",
       .header = {"Event", "Événement"},
       .usual = true,
       .get =
           [](const Event& e) {
             return Value{{}, Word(v1::LaptopEvent_Name(e.event()), "LAPTOP_EVENT_")};
           }},
      {.name = "laptop",
       .header = {"Laptop", "Portable"},
       .usual = true,
       .get =
           [](const Event& e) {
             return Value{{}, IdOf(e.laptop())};
           }},
      {.name = "from",
       .header = {"From", "De"},
       .usual = true,
       .rank = 3,
       .get =
           [](const Event& e) {
             return Value{{}, Word(v1::LaptopState_Name(e.from_state()), "LAPTOP_STATE_")};
           }},
      {.name = "to",
       .header = {"To", "À"},
       .usual = true,
       .get =
           [](const Event& e) {
             return Value{{},
                          Word(v1::LaptopState_Name(e.to_state()), "LAPTOP_STATE_"),
                          StyleOf(e.to_state())};
           }},
      {.name = "person",
       .header = {"Id", "Matricule"},
       .usual = true,
       .rank = 2,
       .get =
           [](const Event& e) {
             return Value{{}, IdOf(e.person())};
           }},
      {.name = "person.name",
       .header = {"Person", "Personne"},
       .usual = true,
       .shrinks = true,
       .get =
           [](const Event& e) {
             return Value{{}, e.person_name()};
           }},
      {.name = "reason",
       .header = {"Reason", "Motif"},
       .usual = true,
       .rank = 1,
       .shrinks = true,
       .get =
           [](const Event& e) {
             return Value{{}, e.reason()};
           }},
      {.name = "actor.name",
       .header = {"Said by", "Saisi par"},
       .usual = true,
       .rank = 5,
       .shrinks = true,
       .get =
           [](const Event& e) {
             return Value{{}, e.actor_name().empty() ? e.actor() : e.actor_name()};
           }},
      {.name = "actor",
       .header = {"Token", "Jeton"},
       .get =
           [](const Event& e) {
             return Value{{}, e.actor()};
           }},
      {.name = "committed",
       .header = {"Recorded", "Enregistré"},
       .kind = Kind::kTime,
       .usual = true,
       .rank = 4,
       .get =
           [](const Event& e) {
             return Value{{}, IsoTime(e.commit_time())};
           }},
  };
  return columns;
}

class History final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional("LAPTOP|PERSON", name_,
                       {"Asset tag, serial, or number of a person",
                        "Étiquette, numéro de série, ou matricule d'une personne"});
    moment_.Declare(options);
    output_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    PARC_ASSIGN(const auto fields, ChooseFields(EventColumns(), output_.columns));
    v1::ListEventsRequest request;
    PARC_TRY(moment_.Fill(session, *request.mutable_moment()));
    PARC_ASSIGN(const std::string parent, FindParent(session));
    request.set_parent(parent);
    Listing listing(session, output_, SpecsOf(session, fields));
    PARC_TRY(ForEachPage(session, &v1::LaptopService::Stub::ListEvents, request,
                         [&](const v1::ListEventsResponse& page) {
                           for (const Event& event : page.events()) AddRow(listing, fields, event);
                         }));
    listing.Finish({"nothing happened", "il ne s'est rien passé"});
    return absl::OkStatus();
  }

 private:
  // A laptop, or else a person, of that name.
  absl::StatusOr<std::string> FindParent(Session& session) const {
    if (name_.rfind("laptops/", 0) == 0 || name_.rfind("people/", 0) == 0) return name_;
    PARC_ASSIGN(Connection * connection, session.Connect());
    v1::ListEventsRequest probe;
    probe.set_page_size(1);
    probe.set_parent(NameIn("laptops", name_));
    const auto laptop = connection->Read(&v1::LaptopService::Stub::ListEvents, probe);
    if (laptop.ok()) return probe.parent();
    if (laptop.status().code() != absl::StatusCode::kNotFound) return laptop.status();
    probe.set_parent(NameIn("people", name_));
    const auto person = connection->Read(&v1::LaptopService::Stub::ListEvents, probe);
    if (person.ok()) return probe.parent();
    if (person.status().code() != absl::StatusCode::kNotFound) return person.status();
    return MakeError(absl::StatusCode::kNotFound, "NOTHING_CALLED",
                     fmt::format("neither a laptop nor a person is called \"{}\"", name_));
  }

  std::string name_;
  MomentFlags moment_;
  OutputFlags output_;
};

}  // namespace

std::unique_ptr<Command> MakeHistory() { return std::make_unique<History>(); }

}  // namespace parc::client
