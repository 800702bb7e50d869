#pragma once

#include <vector>

#include "client/command.h"

namespace parc::client {

// Every verb of `parc`, in the order in which the help lists them.
const std::vector<Verb>& AllVerbs();

}  // namespace parc::client
