#include "client/commands/make.h"
#include "client/lib/try.h"
#include "client/login.h"
#include "client/session.h"

namespace parc::client {
namespace {

class LogOut final : public Command {
 public:
  void Declare(Options&) override {}

  absl::Status Run(Session& session) override {
    PARC_TRY(ForgetToken());
    session.Tell(
        session.Say({"the token was removed from this machine; it still works elsewhere "
                     "until it is revoked",
                     "le jeton a été effacé de cette machine ; il reste valable ailleurs "
                     "jusqu'à sa révocation"}));
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<Command> MakeLogout() { return std::make_unique<LogOut>(); }

}  // namespace parc::client
