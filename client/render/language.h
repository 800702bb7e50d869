#pragma once

#include <string_view>

namespace parc::client {

enum class Language { kEnglish, kFrench };

constexpr bool French(Language language) { return language == Language::kFrench; }

// A phrase in every language that the command line speaks.
struct Text {
  std::string_view en;
  std::string_view fr;

  constexpr std::string_view In(Language language) const {
    return language == Language::kFrench ? fr : en;
  }
};

}  // namespace parc::client
