#include "client/answer.h"
#include "client/commands/laptop_fields.h"
#include "client/commands/make.h"
#include "client/connection.h"
#include "client/flags.h"
#include "client/proto_text.h"
#include "parc/v1/laptops.grpc.pb.h"

namespace parc::client {
namespace {

class Assign final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional(
        "LAPTOP", laptop_,
        {"Asset tag or serial of a prepared laptop", "Étiquette ou série d'un portable préparé"});
    options.Positional("PERSON", person_, {"Number of the person", "Matricule de la personne"});
    options.Flag(
        "--additional", additional_,
        {"Also when the person holds a laptop already", "Même si la personne a déjà un portable"});
    change_.Declare(options);
    format_.Declare(options);
    options.AddExample("parc assign PF0ABCDE p-00142 --on 2020-03-16",
                       {"Handed out that Monday", "Remis ce lundi-là"});
  }

  absl::Status Run(Session& session) override {
    PARC_ASSIGN(Connection * connection, session.Connect());
    v1::AssignLaptopRequest request;
    request.set_name(NameIn("laptops", laptop_));
    request.set_person(NameIn("people", person_));
    request.set_additional(additional_);
    PARC_TRY(change_.Fill(session, *request.mutable_options()));
    PARC_ASSIGN(const v1::Laptop laptop,
                connection->Change(&v1::LaptopService::Stub::AssignLaptop, request));
    if (format_.json()) WriteJson(session, laptop);
    TellChange(session, change_.dry_run, LaptopSentence(laptop, session.language()));
    return absl::OkStatus();
  }

 private:
  std::string laptop_;
  std::string person_;
  bool additional_ = false;
  ChangeFlags change_;
  FormatFlag format_;
};

}  // namespace

std::unique_ptr<Command> MakeAssign() { return std::make_unique<Assign>(); }

}  // namespace parc::client
