#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/app/forecast_worlds.h"

// forecast_world forecast --world DIR … --output-dir OUT: what `parcd forecast` does, for whoever
// works on the model: it links in a moment, the daemon does not.
int main(int argc, char** argv) {
  std::vector<std::filesystem::path> worlds;
  std::filesystem::path output;
  for (int i = 1; i + 1 < argc; ++i) {
    const std::string_view flag = argv[i];
    if (flag == "--world") worlds.emplace_back(argv[++i]);
    if (flag == "--output-dir") output = argv[++i];
  }
  if (worlds.empty() || output.empty()) {
    std::fprintf(stderr, "usage: forecast_world forecast --world DIR … --output-dir OUT\n");
    return 2;
  }
  const absl::Status status = parc::app::ForecastWorlds(worlds, output);
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return 1;
}
