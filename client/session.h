#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "client/exit.h"
#include "client/render/language.h"
#include "client/terminal.h"

namespace parc::client {

class Connection;

// Now and dice, which only client/app has.
struct Sources {
  std::function<std::int64_t()> now_micros;
  std::function<std::string()> new_uuid;
};

// What a command runs in.
class Session {
 public:
  Session(Terminal& terminal, Language language, Sources sources);
  ~Session();
  Session(Session&&) = delete;

  Terminal& terminal() { return terminal_; }
  Language language() const { return language_; }
  std::string_view Say(Text text) const { return text.In(language_); }
  // A sentence for the user, on standard error.
  void Tell(std::string_view sentence) { terminal_.Tell(sentence); }

  std::int64_t now() const { return sources_.now_micros(); }
  std::string NewRequestId() const { return sources_.new_uuid(); }

  // The server that `parc login` named; connects at its first call.
  absl::StatusOr<Connection*> Connect();

  // Where an error points into, when the server refuses a filter or an order.
  void RememberFilter(std::string filter) { filter_ = std::move(filter); }
  const std::string& filter() const { return filter_; }
  // For the sentence that says who could not be reached.
  void RememberServer(std::string server) { server_ = std::move(server); }
  const std::string& server() const { return server_; }
  // For the sentence that says which token was refused.
  void RememberTokenFile(std::string file) { token_file_ = std::move(file); }
  const std::string& token_file() const { return token_file_; }

  // How the program ends when the command itself succeeds.
  void EndWith(Exit exit) { exit_ = exit; }
  Exit exit() const { return exit_; }

  // FAILED_PRECONDITION NOT_CONFIRMED unless `yes` was given or a person at the terminal agrees;
  // INVALID_ARGUMENT NEEDS_YES when there is nobody to ask.
  absl::Status Confirm(bool yes, std::string_view question);

 private:
  Terminal& terminal_;
  const Language language_;
  const Sources sources_;
  std::unique_ptr<Connection> connection_;
  std::string filter_;
  std::string server_;
  std::string token_file_;
  Exit exit_ = Exit::kOk;
};

}  // namespace parc::client
