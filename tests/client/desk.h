#pragma once

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "client/exit.h"
#include "tests/client/fake_parc.h"
#include "tests/client/program.h"
#include "tests/support/scratch_directory.h"

// Where the tests of the real program sit.
namespace parc::client {

using Words = std::vector<std::string>;

constexpr int Code(Exit exit) { return static_cast<int>(exit); }

inline bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// A fake server, a home of its own, and a `parc` that is logged in.
class Desk {
 public:
  Desk() {
    test::WriteFile(home_ / "root.pem", fake.root_pem());
    test::WriteFile(home_ / "login.token", FakeParc::kToken);
    Protect(0600);
    setting.environment = {{"HOME", home_.path().string()},
                           {"XDG_CONFIG_HOME", home_.path().string()}};
    for (int i = 1; i <= 3; ++i) {
      v1::Laptop laptop;
      laptop.set_asset_tag("PF00000" + std::to_string(i));
      laptop.set_name("laptops/" + laptop.asset_tag());
      laptop.set_model("Latitude 5400");
      laptop.set_site("sites/ORL");
      laptop.set_state(v1::LAPTOP_STATE_PREPARED);
      fake.AddLaptop(laptop);
    }
  }

  Outcome LogIn() {
    return Run({"login", "--server", fake.address(), "--ca", (home_ / "root.pem").string(),
                "--token-file", (home_ / "login.token").string()});
  }

  Outcome Run(const Words& words) { return RunParc(words, setting); }

  Outcome RunWith(const Words& words, int terminal, const std::string& input = "") {
    Setting other = setting;
    other.terminal = terminal;
    other.input = input;
    return RunParc(words, other);
  }

  void Protect(mode_t mode) { ::chmod((home_ / "login.token").c_str(), mode); }
  std::filesystem::path File(const std::string& name) const { return home_ / name; }

  FakeParc fake;
  Setting setting;

 private:
  test::ScratchDirectory home_;
};

class LoggedIn : public Desk {
 public:
  LoggedIn() { REQUIRE(LogIn().exit == 0); }
};

}  // namespace parc::client
