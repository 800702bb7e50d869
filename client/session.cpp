#include "client/session.h"

#include "client/connection.h"
#include "client/lib/errors.h"
#include "client/lib/try.h"
#include "client/login.h"

namespace parc::client {

Session::Session(Terminal& terminal, Language language, Sources sources)
    : terminal_(terminal), language_(language), sources_(std::move(sources)) {}

Session::~Session() = default;

absl::StatusOr<Connection*> Session::Connect() {
  if (connection_ == nullptr) {
    PARC_ASSIGN(const Login login, LoadLogin());
    server_ = login.server;
    token_file_ = login.token_file.string();
    connection_ = std::make_unique<Connection>(login);
  }
  return connection_.get();
}

absl::Status Session::Confirm(bool yes, std::string_view question) {
  if (yes) return absl::OkStatus();
  const std::string asked = std::string(question) + std::string(Say({" [y/N]", " [o/N]"}));
  const std::optional<bool> answer = terminal_.Confirm(asked);
  if (!answer.has_value()) {
    return MakeError(absl::StatusCode::kInvalidArgument, "NEEDS_YES",
                     Say({"this needs a yes, and there is no terminal to ask on",
                          "une confirmation est nécessaire, et il n'y a pas de terminal"}));
  }
  if (!*answer) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "NOT_CONFIRMED",
                     Say({"nothing was changed", "rien n'a été modifié"}));
  }
  return absl::OkStatus();
}

}  // namespace parc::client
