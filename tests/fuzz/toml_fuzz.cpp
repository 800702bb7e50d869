// The configuration of the daemon and of the agent, as anybody may write it: read, or refused with
// the file and what is wrong with it.

#include <string>

#include "agent/app/config.h"
#include "daemon/app/config_file.h"
#include "daemon/inventory/reason.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(AsText(data, size));
  const auto daemon = parc::app::ParseConfig(text, "parcd.toml");
  if (daemon.ok()) {
    for (const auto& [key, value] : *daemon) PARC_MUST(value.source.starts_with("parcd.toml:"));
  } else {
    PARC_MUST(parc::ReasonOf(daemon.status()) == "BAD_CONFIG");
    PARC_MUST(std::string(daemon.status().message()).starts_with("parcd.toml:"));
  }
  const auto agent = parc::agent::ParseConfig(text, "agent.toml");
  if (!agent.ok()) {
    PARC_MUST(std::string(agent.status().message()).starts_with("agent.toml"));
  }
  return 0;
}
