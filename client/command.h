#pragma once

#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "client/options.h"
#include "client/render/language.h"

namespace parc::client {

class Session;

// One verb. Made, declared and run at most once.
class Command {
 public:
  virtual ~Command() = default;
  virtual void Declare(Options& options) = 0;
  virtual absl::Status Run(Session& session) = 0;
};

// Headings of the help.
enum class Topic { kFleet, kReadiness, kLife, kProcurement, kFiles, kAccess, kTool };

// A row of the table of verbs.
struct Verb {
  std::string_view path;  // "laptop show"
  Topic topic = Topic::kFleet;
  Text summary;
  std::unique_ptr<Command> (*make)() = nullptr;
};

}  // namespace parc::client
