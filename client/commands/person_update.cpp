#include "client/answer.h"
#include "client/commands/make.h"
#include "client/commands/person_fields.h"
#include "client/connection.h"
#include "client/dates.h"
#include "client/flags.h"
#include "client/lib/errors.h"
#include "client/proto_text.h"
#include "parc/v1/people.grpc.pb.h"

// Records a person, or changes what the record says.
namespace parc::client {
namespace {

// An option that is not given leaves its field alone.
struct PersonFlags {
  std::optional<std::string> display_name, mail, unit, population, site, start, end;
  std::string telework, needs;
  int tier = 0;

  void Declare(Options& options) {
    options.Value("--name", "NAME", display_name, {"Name", "Nom"});
    options.Value("--mail", "MAIL", mail, {"Mail address", "Courriel"});
    options.Value("--unit", "UNIT", unit, {"Organisation unit", "Direction"});
    options.Value("--population", "NAME", population,
                  {"Population, e.g. headquarters", "Population, p. ex. headquarters"});
    options.Value("--site", "CODE", site, {"Site", "Site"});
    options.Number("--tier", "1-4", tier,
                   {"1 (priority mission) to 4", "1 (mission prioritaire) à 4"});
    options.Choice("--needs-laptop", "yes|no", needs, {"yes", "no"},
                   {"Whether coverage counts this person", "Compte dans la couverture ou non"});
    options.Choice("--telework", "STATE", telework, {"not-requested", "requested", "approved"},
                   {"Where the telework request is", "Où en est la demande de télétravail"});
    options.Value("--start", "DATE", start, {"First day", "Premier jour"});
    options.Value("--end", "DATE", end, {"Last day", "Dernier jour"});
  }

  absl::Status Fill(const Session& session, v1::Person& person,
                    google::protobuf::FieldMask& mask) const {
    const auto text = [&](const std::optional<std::string>& value, const char* field, auto set) {
      if (!value.has_value()) return;
      set(*value);
      mask.add_paths(field);
    };
    text(display_name, "display_name", [&](const std::string& v) { person.set_display_name(v); });
    text(mail, "mail", [&](const std::string& v) { person.set_mail(v); });
    text(unit, "organisation_unit", [&](const std::string& v) { person.set_organisation_unit(v); });
    text(population, "population", [&](const std::string& v) { person.set_population(v); });
    text(site, "site",
         [&](const std::string& v) { person.set_site(v.empty() ? "" : NameIn("sites", v)); });
    if (tier != 0) {
      person.set_tier(tier);
      mask.add_paths("tier");
    }
    if (!needs.empty()) {
      person.set_needs_laptop(needs == "yes");
      mask.add_paths("needs_laptop");
    }
    if (!telework.empty()) {
      person.set_telework(telework == "approved"    ? v1::TELEWORK_APPROVED
                          : telework == "requested" ? v1::TELEWORK_REQUESTED
                                                    : v1::TELEWORK_NOT_REQUESTED);
      mask.add_paths("telework");
    }
    PARC_TRY(FillDate(session, start, "start_date", *person.mutable_start_date(), mask));
    PARC_TRY(FillDate(session, end, "end_date", *person.mutable_end_date(), mask));
    if (person.start_date().year() == 0) person.clear_start_date();
    if (person.end_date().year() == 0) person.clear_end_date();
    return absl::OkStatus();
  }

 private:
  static absl::Status FillDate(const Session& session, const std::optional<std::string>& value,
                               const char* field, google::type::Date& date,
                               google::protobuf::FieldMask& mask) {
    if (!value.has_value()) return absl::OkStatus();
    mask.add_paths(field);
    if (value->empty()) return absl::OkStatus();  // takes the date away
    PARC_ASSIGN(date, ParseDate(*value, session.now()));
    return absl::OkStatus();
  }
};

class PersonUpdate final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional("PERSON", person_, {"Number of the person", "Matricule de la personne"});
    flags_.Declare(options);
    change_.Declare(options);
    format_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    v1::UpdatePersonRequest request;
    PARC_TRY(flags_.Fill(session, *request.mutable_person(), *request.mutable_update_mask()));
    if (request.update_mask().paths().empty()) {
      return MakeError(absl::StatusCode::kInvalidArgument, "NOTHING_TO_CHANGE",
                       session.Say({"nothing to change: say what, e.g. --tier 1",
                                    "rien à modifier : dire quoi, p. ex. --tier 1"}));
    }
    request.mutable_person()->set_name(NameIn("people", person_));
    PARC_TRY(change_.Fill(session, *request.mutable_options()));
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const v1::Person person,
                connection->Change(&v1::PersonService::Stub::UpdatePerson, request));
    if (format_.json()) WriteJson(session, person);
    TellChange(session, change_.dry_run, PersonSentence(person, session.language()));
    return absl::OkStatus();
  }

 private:
  std::string person_;
  PersonFlags flags_;
  ChangeFlags change_;
  FormatFlag format_;
};

class PersonAdd final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional("PERSON", person_, {"Number of the person", "Matricule de la personne"});
    flags_.Declare(options);
    change_.Declare(options);
    format_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    v1::CreatePersonRequest request;
    google::protobuf::FieldMask unused;
    PARC_TRY(flags_.Fill(session, *request.mutable_person(), unused));
    request.mutable_person()->set_id(person_);
    PARC_TRY(change_.Fill(session, *request.mutable_options()));
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const v1::Person person,
                connection->Change(&v1::PersonService::Stub::CreatePerson, request));
    if (format_.json()) WriteJson(session, person);
    TellChange(session, change_.dry_run, PersonSentence(person, session.language()));
    return absl::OkStatus();
  }

 private:
  std::string person_;
  PersonFlags flags_;
  ChangeFlags change_;
  FormatFlag format_;
};

}  // namespace

std::unique_ptr<Command> MakePersonAdd() { return std::make_unique<PersonAdd>(); }
std::unique_ptr<Command> MakePersonUpdate() { return std::make_unique<PersonUpdate>(); }

}  // namespace parc::client
