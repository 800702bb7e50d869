#include "daemon/app/forecast_worlds.h"

#include <stdlib.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <system_error>

#include "daemon/fleet/change.h"
#include "daemon/fleet/view_forecast.h"
#include "daemon/fleet/world.h"
#include "daemon/forecast/forecast.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/store/database.h"
#include "fmt/format.h"

namespace parc::app {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kZone = "Europe/Paris";

// A directory of its own, gone with this object.
class ScratchDirectory {
 public:
  static absl::StatusOr<std::unique_ptr<ScratchDirectory>> Make() {
    std::error_code error;
    const fs::path base = fs::temp_directory_path(error);
    std::string pattern = (error ? fs::path("/tmp") : base) / "parc-world-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr)
      return absl::InternalError(fmt::format("no directory can be made in {}", base.string()));
    return std::unique_ptr<ScratchDirectory>(new ScratchDirectory(pattern));
  }
  ~ScratchDirectory() {
    std::error_code error;
    fs::remove_all(path_, error);
  }
  ScratchDirectory(ScratchDirectory&&) = delete;

  const fs::path& path() const { return path_; }

 private:
  explicit ScratchDirectory(fs::path path) : path_(std::move(path)) {}
  const fs::path path_;
};

absl::StatusOr<std::vector<fleet::WorldFile>> ReadFiles(const fs::path& directory) {
  std::error_code error;
  if (!fs::is_directory(directory, error)) {
    return Refuse(absl::StatusCode::kNotFound, "NO_WORLD",
                  fmt::format("{} is no directory", directory.string()));
  }
  std::vector<fleet::WorldFile> files;
  for (const std::string_view name : fleet::WorldFileNames()) {
    const fs::path path = directory / name;
    if (!fs::exists(path, error)) continue;  // the reader of worlds says which may be missing
    std::ifstream in(path, std::ios::binary);
    std::ostringstream bytes;
    bytes << in.rdbuf();
    if (!in.good() && !in.eof())
      return absl::DataLossError(fmt::format("{} cannot be read", path.string()));
    files.push_back({std::string(name), std::move(bytes).str()});
  }
  return files;
}

absl::Status WriteFile(const fs::path& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (out.good()) return absl::OkStatus();
  return absl::DataLossError(fmt::format("{} cannot be written", path.string()));
}

std::string DaysTable(const forecast::Result& result, const fleet::World& world) {
  std::string text = "date;p05;p10;p25;p50;p75;p90;p95\n";
  for (int ahead = world.step_days; ahead <= world.horizon_days; ahead += world.step_days) {
    const forecast::Day& day = result.days[static_cast<std::size_t>(ahead - 1)];
    text += inventory::ToIso(day.day);
    for (const double people : day.equipped) text += fmt::format(";{}", people);
    text += "\n";
  }
  return text;
}

// In the order of the world's file.
std::string TargetsTable(const forecast::Result& result, const fleet::World& world) {
  std::string text = "target_id;probability\n";
  for (const fleet::World::Target& target : world.targets) {
    if (const std::optional<double> certain = fleet::CertainProbability(target, world)) {
      text += fmt::format("{};{}\n", target.id, *certain);
      continue;
    }
    for (const forecast::TargetOutlook& outlook : result.targets) {
      if (outlook.id == target.id) text += fmt::format("{};{}\n", target.id, outlook.probability);
    }
  }
  return text;
}

// The world, as the database of a server that took it in would tell it.
absl::StatusOr<forecast::Inputs> InputsOf(const fleet::World& world) {
  PARC_ASSIGN(const auto scratch, ScratchDirectory::Make());
  PARC_ASSIGN(const auto database, store::Database::Open(scratch->path()));
  const std::int64_t now = inventory::DayEnd(world.as_of, kZone);
  fleet::Change change(database->writer(), {});
  PARC_TRY(store::Within(database->writer(), "the world", [&]() -> absl::Status {
    change.Begin({.actor = "parcd forecast",
                  .now = now,
                  .today = world.as_of,
                  .effective = {},
                  .reason = {}});
    return change.ImportWorld(world).status();
  }));
  fleet::View view(database->writer());
  view.Begin({.now = now, .today = world.as_of, .zone = std::string(kZone)});
  PARC_ASSIGN(forecast::Inputs inputs, fleet::ForecastInputs(view, "", {}));
  inputs.horizon_days = world.horizon_days;
  return inputs;
}

void TellNotes(const fs::path& directory, const fleet::World& world) {
  constexpr std::size_t kMost = 20;
  for (std::size_t i = 0; i < std::min(kMost, world.notes.size()); ++i) {
    const fleet::World::Note& note = world.notes[i];
    fmt::print(stderr, "parcd: {}: {}, line {}: {}\n", directory.string(), note.file, note.line,
               note.text);
  }
  if (world.notes.size() > kMost)
    fmt::print(stderr, "parcd: {}: and {} more\n", directory.string(), world.notes.size() - kMost);
}

absl::Status ForecastOne(const fs::path& directory, const fs::path& output) {
  PARC_ASSIGN(std::vector<fleet::WorldFile> files, ReadFiles(directory));
  PARC_ASSIGN(const fleet::World world, fleet::ReadWorld(std::move(files)));
  TellNotes(directory, world);
  PARC_ASSIGN(const forecast::Inputs inputs, InputsOf(world));
  PARC_ASSIGN(const forecast::Result result, forecast::Forecast(inputs));
  std::error_code error;
  fs::create_directories(output, error);
  PARC_TRY(WriteFile(output / "forecast.csv", DaysTable(result, world)));
  if (world.targets.empty()) return absl::OkStatus();
  return WriteFile(output / "targets_forecast.csv", TargetsTable(result, world));
}

// "w7" of "worlds/w7" and of "worlds/w7/".
fs::path NameOf(const fs::path& directory) {
  const fs::path plain = directory.lexically_normal();
  return plain.has_filename() ? plain.filename() : plain.parent_path().filename();
}

}  // namespace

absl::Status ForecastWorlds(const std::vector<fs::path>& worlds, const fs::path& output) {
  std::set<fs::path> names;
  for (const fs::path& world : worlds) {
    if (names.insert(NameOf(world)).second) continue;
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_WORLD",
                  fmt::format("two worlds are called {}; their forecasts would be mixed up",
                              NameOf(world).string()));
  }
  absl::Status refused;
  for (const fs::path& world : worlds) {
    const bool alone = worlds.size() == 1;
    const absl::Status status = ForecastOne(world, alone ? output : output / NameOf(world));
    if (status.ok()) continue;
    const absl::Status told =
        Refuse(status.code(), ReasonOf(status),
               fmt::format("{}: {}", world.string(), std::string(status.message())));
    if (!refused.ok()) fmt::print(stderr, "parcd: {}\n", std::string(refused.message()));
    refused = told;
  }
  return refused;
}

}  // namespace parc::app
