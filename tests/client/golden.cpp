#include "tests/client/golden.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace parc::client {

std::string Golden(const std::string& name, const std::string& actual) {
  const std::string file = "tests/client/golden/" + name;
  if (std::getenv("PARC_UPDATE_GOLDEN") != nullptr) std::ofstream(file) << actual;
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

}  // namespace parc::client
