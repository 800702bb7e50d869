#include "client/answer.h"
#include "client/commands/laptop_fields.h"
#include "client/commands/make.h"
#include "client/connection.h"
#include "client/flags.h"
#include "client/proto_text.h"
#include "parc/v1/laptops.grpc.pb.h"

namespace parc::client {
namespace {

class Swap final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional("OLD", old_, {"The laptop that comes back", "Le portable qui revient"});
    options.Positional("NEW", new_,
                       {"The prepared one that is handed out instead",
                        "Le portable préparé qui est remis à sa place"});
    change_.Declare(options);
    format_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    PARC_ASSIGN(Connection * connection, session.Connect());
    v1::SwapLaptopRequest request;
    request.set_name(NameIn("laptops", old_));
    request.set_replacement(NameIn("laptops", new_));
    PARC_TRY(change_.Fill(session, *request.mutable_options()));
    PARC_ASSIGN(const v1::SwapLaptopResponse response,
                connection->Change(&v1::LaptopService::Stub::SwapLaptop, request));
    if (format_.json()) WriteJson(session, response);
    TellChange(session, change_.dry_run, LaptopSentence(response.returned(), session.language()));
    TellChange(session, change_.dry_run, LaptopSentence(response.assigned(), session.language()));
    return absl::OkStatus();
  }

 private:
  std::string old_;
  std::string new_;
  ChangeFlags change_;
  FormatFlag format_;
};

}  // namespace

std::unique_ptr<Command> MakeSwap() { return std::make_unique<Swap>(); }

}  // namespace parc::client
