#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

// The real `parc`, run as a process of its own.
namespace parc::client {

struct Outcome {
  int exit = -1;  // 128 + signal when one ended it
  std::string out;
  std::string err;
};

struct Setting {
  std::map<std::string, std::string> environment;
  std::string input;
  // Columns of the terminal that is its output and error; 0: files. With a terminal, what it writes
  // to both is in `Outcome::out`.
  int terminal = 0;
};

// Ends it after 30 seconds.
Outcome RunParc(const std::vector<std::string>& arguments, const Setting& setting);

// Runs it with an output whose reader has gone.
Outcome RunParcIntoClosedPipe(const std::vector<std::string>& arguments, const Setting& setting);

}  // namespace parc::client
