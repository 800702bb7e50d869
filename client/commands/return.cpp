#include "client/answer.h"
#include "client/commands/laptop_fields.h"
#include "client/commands/make.h"
#include "client/connection.h"
#include "client/flags.h"
#include "client/proto_text.h"
#include "parc/v1/laptops.grpc.pb.h"

namespace parc::client {
namespace {

class Return final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional("LAPTOP", laptop_, {"Asset tag or serial", "Étiquette ou numéro de série"});
    change_.Declare(options);
    format_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    PARC_ASSIGN(Connection * connection, session.Connect());
    v1::ReturnLaptopRequest request;
    request.set_name(NameIn("laptops", laptop_));
    PARC_TRY(change_.Fill(session, *request.mutable_options()));
    PARC_ASSIGN(const v1::Laptop laptop,
                connection->Change(&v1::LaptopService::Stub::ReturnLaptop, request));
    if (format_.json()) WriteJson(session, laptop);
    TellChange(session, change_.dry_run, LaptopSentence(laptop, session.language()));
    return absl::OkStatus();
  }

 private:
  std::string laptop_;
  ChangeFlags change_;
  FormatFlag format_;
};

}  // namespace

std::unique_ptr<Command> MakeReturn() { return std::make_unique<Return>(); }

}  // namespace parc::client
