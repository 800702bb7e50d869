#include "client/answer.h"
#include "client/commands/make.h"
#include "client/commands/person_fields.h"
#include "client/connection.h"
#include "client/proto_text.h"
#include "client/render/record.h"
#include "parc/v1/people.grpc.pb.h"

namespace parc::client {
namespace {

class PersonShow final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional("PERSON", person_, {"Number of the person", "Matricule de la personne"});
    moment_.Declare(options);
    format_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    PARC_ASSIGN(Connection * connection, session.Connect());
    v1::GetPersonRequest request;
    request.set_name(NameIn("people", person_));
    PARC_TRY(moment_.Fill(session, *request.mutable_moment()));
    PARC_ASSIGN(const v1::Person person,
                connection->Read(&v1::PersonService::Stub::GetPerson, request));
    if (format_.json()) {
      WriteJson(session, person);
      return absl::OkStatus();
    }
    session.terminal().Write(render::Record(Groups(session, person), session.terminal().width(),
                                            session.terminal().colour()));
    return absl::OkStatus();
  }

 private:
  static std::vector<render::RecordGroup> Groups(const Session& session, const v1::Person& person) {
    render::RecordGroup record;
    for (const PersonField& field : PersonFields()) {
      render::Value value = field.get(person);
      value.kind = field.kind;
      record.rows.emplace_back(
          session.Say(field.header),
          render::Cell{render::ForTable(value, session.language()), value.style});
    }
    render::RecordGroup extra{.title = std::string(session.Say({"Also imported", "Aussi importé"})),
                              .rows = {}};
    for (const auto& [name, value] : person.extra()) {
      extra.rows.emplace_back(render::ForTable({{}, name}, session.language()),
                              render::Cell{render::ForTable({{}, value}, session.language())});
    }
    std::sort(extra.rows.begin(), extra.rows.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    return {record, extra};
  }

  std::string person_;
  MomentFlags moment_;
  FormatFlag format_;
};

}  // namespace

std::unique_ptr<Command> MakePersonShow() { return std::make_unique<PersonShow>(); }

}  // namespace parc::client
