#include "agent/outbox/outbox.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <random>

#include "agent/files/durable.h"
#include "tests/agent/agent_support.h"

namespace parc::agent {
namespace {

std::string Numbered(std::uint64_t number) { return "report " + std::to_string(number); }

Outbox OpenOrFail(const std::filesystem::path& directory, std::int64_t now = kNoon) {
  auto outbox = Outbox::Open(directory, now);
  REQUIRE(outbox.ok());
  return *std::move(outbox);
}

}  // namespace

TEST_CASE("a report is on disk when Add returns, under the next number") {
  const Tree tree;
  Outbox outbox = OpenOrFail(tree.path() / "outbox");
  CHECK(*outbox.Add(Numbered) == 1);
  CHECK(*outbox.Add(Numbered) == 2);
  Outbox again = OpenOrFail(tree.path() / "outbox");
  REQUIRE(again.waiting() == std::vector<std::uint64_t>{1, 2});
  CHECK(*again.Read(1) == "report 1");
  REQUIRE(again.DropThrough(2).ok());
  CHECK(again.waiting().empty());
  CHECK(*OpenOrFail(tree.path() / "outbox").Add(Numbered) == 3);  // numbers outlive their reports
}

TEST_CASE("a full outbox keeps the newest reports") {
  const Tree tree;
  Outbox outbox = OpenOrFail(tree.path());
  for (int i = 0; i < 12; ++i) REQUIRE(outbox.Add(Numbered).ok());
  CHECK(outbox.waiting().size() == Outbox::kMaxReports);
  CHECK(outbox.waiting().front() == 5);
  const std::string large(400 * 1024, 'x');
  for (int i = 0; i < 3; ++i) {
    REQUIRE(outbox.Add([&](std::uint64_t) { return large; }).ok());
  }
  CHECK(outbox.waiting() == std::vector<std::uint64_t>{14, 15});
  const std::string huge(Outbox::kMaxBytes, 'x');
  CHECK(absl::IsResourceExhausted(outbox.Add([&](std::uint64_t) { return huge; }).status()));
  CHECK(outbox.waiting().size() == 2);
}

TEST_CASE("damaged files are set aside and never stop the agent") {
  Tree tree;
  Outbox outbox = OpenOrFail(tree.path());
  REQUIRE(outbox.Add(Numbered).ok());
  REQUIRE(outbox.Add(Numbered).ok());
  const auto newest = tree.path() / "00000000000000000002.report";
  tree.File(newest.filename().string(), ReadFile(newest).substr(0, 20));
  tree.File("00000000000000000009.report.new", "half");
  tree.File("nonsense.report", "x");
  Outbox again = OpenOrFail(tree.path());
  CHECK(absl::IsDataLoss(again.Read(2).status()));
  CHECK(again.waiting() == std::vector<std::uint64_t>{1});
  CHECK(*again.Read(1) == "report 1");
  CHECK(std::filesystem::exists(tree.path() / "00000000000000000002.damaged"));
  CHECK_FALSE(std::filesystem::exists(tree.path() / "00000000000000000009.report.new"));
  CHECK(*again.Add(Numbered) == 3);

  tree.File("last-number", "\xff\xff");
  Outbox third = OpenOrFail(tree.path());
  CHECK(*third.Add(Numbered) > 1'000'000'000);  // from the clock on: never a number twice
  CHECK(std::filesystem::exists(tree.path() / "last-number.damaged"));
}

TEST_CASE("killed at any moment, the outbox gives no number twice and keeps what it promised") {
  const Tree tree;
  std::mt19937 dice(7);
  std::uint64_t promised = 0;
  for (int cycle = 0; cycle < 20; ++cycle) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      close(ends[0]);
      auto outbox = Outbox::Open(tree.path(), kNoon);
      while (outbox.ok()) {
        const auto number = outbox->Add(Numbered);
        if (!number.ok() || write(ends[1], &*number, sizeof *number) != sizeof *number) _exit(1);
      }
      _exit(1);
    }
    close(ends[1]);
    usleep(std::uniform_int_distribution<useconds_t>(500, 15'000)(dice));
    kill(child, SIGKILL);
    int state = 0;
    REQUIRE(waitpid(child, &state, 0) == child);
    REQUIRE(WIFSIGNALED(state));
    std::uint64_t number = 0;
    while (read(ends[0], &number, sizeof number) == sizeof number) {
      CHECK(number > promised);
      promised = number;
    }
    close(ends[0]);
    Outbox outbox = OpenOrFail(tree.path());
    if (promised > 0) {
      REQUIRE_FALSE(outbox.waiting().empty());
      CHECK(outbox.waiting().back() >= promised);
      CHECK(*outbox.Read(outbox.waiting().back()) == Numbered(outbox.waiting().back()));
    }
  }
}

}  // namespace parc::agent
