#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace {

// Catch2 2 counts assertions without a lock: one on another thread than the test's own is a race,
// and may be lost. Linked to the tests that the thread sanitizer judges.
struct OnOneThread : Catch::TestEventListenerBase {
  using TestEventListenerBase::TestEventListenerBase;

  void assertionStarting(const Catch::AssertionInfo& assertion) override {
    if (std::this_thread::get_id() == own_) return;
    std::fprintf(stderr, "%s:%zu: an assertion on another thread than the test's own\n",
                 assertion.lineInfo.file, assertion.lineInfo.line);
    std::abort();
  }

  const std::thread::id own_ = std::this_thread::get_id();
};

CATCH_REGISTER_LISTENER(OnOneThread)

}  // namespace
