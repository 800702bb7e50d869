#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <iterator>
#include <thread>

#include "agent/files/durable.h"
#include "agent/files/root.h"
#include "agent/files/sealed.h"
#include "agent/files/text.h"
#include "tests/agent/agent_support.h"

namespace parc::agent {
namespace {

// From now on, for this thread: openat2 does not exist, as in a service with RestrictSUIDSGID=.
bool TakeOpenAt2Away() {
  constexpr std::uint32_t kNumber = offsetof(seccomp_data, nr);
  sock_filter steps[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kNumber),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{std::size(steps), steps};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

}  // namespace

TEST_CASE("links are followed inside the root only") {
  Tree outside;
  outside.File("secret", "outside\n");
  Tree tree;
  tree.File("usr/lib/os-release", "inside\n")
      .Link("etc/os-release", "../usr/lib/os-release")
      .Link("etc/absolute", "/usr/lib/os-release")
      .Link("etc/escape", outside.path().string() + "/secret")
      .Link("etc/climb", "../../../../../../../../etc/passwd")
      .Link("etc/loop", "loop");
  const Root root(tree.path());
  CHECK(*root.ReadWord("etc/os-release") == "inside");
  CHECK(*root.ReadWord("/etc/absolute") == "inside");
  CHECK_FALSE(root.Read("etc/escape").ok());
  CHECK_FALSE(root.Read("etc/climb").ok());
  CHECK_FALSE(root.Read("etc/loop").ok());
  CHECK(root.HasName("etc/loop"));
  CHECK(absl::IsNotFound(root.Read("etc/missing").status()));
}

TEST_CASE("hostile files are refused without waiting") {
  Tree outside;
  outside.File("shadow", "root:*:\n");
  Tree tree;
  tree.File("vpn/good.conf", "text")
      .File("vpn/large.conf", std::string(2048, 'x'))
      .Link("vpn/inside.conf", "good.conf")
      .Link("vpn/outside.conf", outside.path().string() + "/shadow")
      .Link("vpn/above.conf", "../etc/shadow")
      .File("etc/shadow", "root:*:\n")
      .Directory("vpn/directory.conf");
  REQUIRE(mkfifo((tree.path() / "vpn/fifo.conf").c_str(), 0600) == 0);
  const Root root(tree.path());
  CHECK(*root.ReadHostile("vpn", "good.conf", 1024) == "text");
  CHECK(*root.ReadHostile("vpn", "inside.conf", 1024) == "text");
  CHECK(absl::IsResourceExhausted(root.ReadHostile("vpn", "large.conf", 1024).status()));
  for (const char* name : {"outside.conf", "above.conf", "directory.conf", "fifo.conf"}) {
    INFO(name);
    CHECK(absl::IsFailedPrecondition(root.ReadHostile("vpn", name, 1024).status()));
  }
}

TEST_CASE("a sandbox without openat2 reads what lies in its folder, and follows no link there") {
  Tree tree;
  tree.File("vpn/good.conf", "text")
      .File("vpn/keys/ca.pem", "authority")
      .File("etc/shadow", "root:*:\n")
      .Link("vpn/inside.conf", "good.conf")
      .Link("vpn/above.conf", "../etc/shadow")
      .Link("vpn/elsewhere", "../etc")
      .Directory("vpn/directory.conf");
  struct Row {
    const char* name;
    absl::StatusCode code;
  };
  const Row rows[] = {{"good.conf", absl::StatusCode::kOk},
                      {"keys/ca.pem", absl::StatusCode::kOk},
                      {"missing.conf", absl::StatusCode::kNotFound},
                      {"inside.conf", absl::StatusCode::kFailedPrecondition},
                      {"above.conf", absl::StatusCode::kFailedPrecondition},
                      {"elsewhere/shadow", absl::StatusCode::kFailedPrecondition},
                      {"../etc/shadow", absl::StatusCode::kFailedPrecondition},
                      {"keys/../../etc/shadow", absl::StatusCode::kFailedPrecondition},
                      {"directory.conf", absl::StatusCode::kFailedPrecondition},
                      {"", absl::StatusCode::kFailedPrecondition}};
  bool taken = false;
  std::vector<absl::StatusCode> codes;
  std::thread([&] {
    taken = TakeOpenAt2Away();
    if (!taken) return;
    const Root root("/");
    for (const Row& row : rows) {
      codes.push_back(
          root.ReadHostile((tree.path() / "vpn").string(), row.name, 1024).status().code());
    }
  }).join();
  REQUIRE(taken);
  REQUIRE(codes.size() == std::size(rows));
  for (std::size_t i = 0; i < codes.size(); ++i) {
    INFO(rows[i].name);
    CHECK(codes[i] == rows[i].code);
  }
}

TEST_CASE("lines are read one by one, long ones cut") {
  Tree tree;
  tree.File("status", std::string(100'000, 'a') + "\nb\n\nlast");
  const Root root(tree.path());
  std::vector<std::string> lines;
  REQUIRE(
      root.ReadLines("status", 1 << 20, [&](std::string_view line) { lines.emplace_back(line); })
          .ok());
  REQUIRE(lines.size() == 4);
  CHECK(lines[0].size() == 4096);
  CHECK(lines[1] == "b");
  CHECK(lines[2].empty());
  CHECK(lines[3] == "last");
  CHECK(absl::IsResourceExhausted(root.ReadLines("status", 1024, [](std::string_view) {})));
}

TEST_CASE("a durable write replaces the whole file and sets its mode") {
  Tree tree;
  const auto file = tree.path() / "key";
  REQUIRE(WriteDurably(file, "one").ok());
  REQUIRE(WriteDurably(file, "two").ok());
  CHECK(ReadFile(file) == "two");
  struct stat about {};
  REQUIRE(stat(file.c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
  CHECK_FALSE(std::filesystem::exists(tree.path() / "key.new"));
  CHECK_FALSE(WriteDurably(tree.path() / "missing" / "key", "x").ok());
}

TEST_CASE("a sealed file that changed by one bit is known") {
  const std::string sealed = Seal("report");
  CHECK(*Unseal(sealed) == "report");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string damaged = sealed;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    CHECK(absl::IsDataLoss(Unseal(damaged).status()));
    CHECK(absl::IsDataLoss(Unseal(sealed.substr(0, i)).status()));
  }
}

TEST_CASE("two runs take turns") {
  Tree tree;
  auto first = FileLock::Take(tree.path() / "lock", 0);
  REQUIRE(first.ok());
  CHECK(absl::IsUnavailable(FileLock::Take(tree.path() / "lock", 60).status()));
}

TEST_CASE("only text that may travel is kept") {
  CHECK(Printable("  Latitude 7440\n") == "Latitude 7440");
  CHECK(Printable("a\x1b[31mb\x7f") == "a[31mb");
  CHECK(Printable("\xff\xfe Orléans \xc3") == "Orléans");
  CHECK(Printable("\xed\xa0\x80x\xf4\x90\x80\x80y\xc0\xafz") == "xyz");
  CHECK(Printable(std::string(1000, 'x')).size() == 256);
}

TEST_CASE("os-release lines are read as the shell would") {
  const auto values =
      ParseKeyValues("# no\nA=1\nB=\"two \\\"words\\\"\"\nC='x y'\nA=3\r\nnonsense\n");
  CHECK(values.at("A") == "3");
  CHECK(values.at("B") == "two \"words\"");
  CHECK(values.at("C") == "x y");
  CHECK(values.size() == 3);
}

}  // namespace parc::agent
