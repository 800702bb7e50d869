#pragma once

#include <string>
#include <vector>

#include "client/session.h"

namespace parc::client {

// The command line: `arguments` without the program's name. Answers the exit code.
int Run(std::vector<std::string> arguments, Sources sources);

}  // namespace parc::client
