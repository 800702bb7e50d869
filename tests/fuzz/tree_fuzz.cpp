// A laptop of which every file that is read holds the same bytes, somebody's choice: what is told
// of it is text that the server takes.

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "agent/collector/root_facts.h"
#include "agent/files/text.h"
#include "agent/identity/enrol.h"
#include "agent/probes/probes.h"
#include "agent/report/collect.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace parc::agent;  // NOLINT(google-build-using-namespace): one file, one subject
namespace fs = std::filesystem;

constexpr std::int64_t kNow = 1'772'366'400LL * 1'000'000;

// The trees of the fixtures one over the other, each file a link to one that is written anew.
class Tree {
 public:
  Tree() {
    std::string name = "/tmp/parc-tree-fuzz-XXXXXX";
    PARC_MUST(mkdtemp(name.data()) != nullptr);
    path_ = name;
    std::ofstream(path_ / kBytes);
    for (const char* system : {"debian12", "ubuntu2404", "fedora40"})
      Add(fs::path(PARC_FIXTURES) / system);
  }
  ~Tree() { fs::remove_all(path_); }
  Tree(Tree&&) = delete;

  const fs::path& path() const { return path_; }
  void Fill(std::string_view bytes) {
    std::ofstream(path_ / kBytes, std::ios::binary | std::ios::trunc) << bytes;
  }

 private:
  static constexpr char kBytes[] = "bytes";

  void Add(const fs::path& system) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(system)) {
      const fs::path here = path_ / entry.path().lexically_relative(system);
      std::error_code error;
      if (fs::exists(fs::symlink_status(here, error))) continue;
      if (entry.is_symlink()) {
        fs::copy_symlink(entry.path(), here, error);
      } else if (entry.is_directory()) {
        fs::create_directories(here, error);
      } else {
        fs::create_hard_link(path_ / kBytes, here, error);
      }
    }
  }

  fs::path path_;
};

// The wire takes no text but UTF-8.
void Judge(const parc::v1::Facts& facts) {
  parc::v1::Facts read;
  PARC_MUST(read.ParseFromString(facts.SerializeAsString()));
  PARC_MUST(facts.ByteSizeLong() < 1024 * 1024);
  for (const parc::v1::Unreadable& note : facts.unreadable()) PARC_MUST(IsText(note.reason()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Tree tree;
  static const Root root(tree.path());
  const std::string text(AsText(data, size));
  tree.Fill(text);
  World world{root, "x86_64", {}, {}, {}};
  world.now = kNow;
  Judge(CollectForRoot(world, {}));
  GatewayQuestions questions;
  questions.ask = false;
  Judge(CollectFacts(world, questions));
  // What package managers print, and what somebody typed.
  for (const WaitingPackages& waiting : {ParseAptSimulation(text), ParseDnfAdvisories(text)}) {
    PARC_MUST(WaitingSince({}, waiting.security, kNow).size() <= 512);
  }
  ParseEnrolmentCode(text).status().IgnoreError();
  return 0;
}
