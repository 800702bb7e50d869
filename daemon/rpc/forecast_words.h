#pragma once

#include <string>

#include "daemon/forecast/result.h"

namespace parc::rpc {

// What a warning of a forecast says to a person.
struct WarningWords {
  std::string en;
  std::string fr;
};
WarningWords WordsOf(const forecast::Warning& warning);

}  // namespace parc::rpc
