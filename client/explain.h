#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "client/render/language.h"

namespace parc::client {

// What an error is explained with.
struct ErrorContext {
  Language language = Language::kEnglish;
  std::string_view filter;        // the filter that was sent
  std::string_view server;        // the server that was asked
  std::string_view token_file{};  // where the token is that was sent
};

// What is wrong, and what to do next: lines for standard error, without the program's name.
std::vector<std::string> Explain(const absl::Status& status, const ErrorContext& context);

}  // namespace parc::client
