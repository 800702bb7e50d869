#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

#ifdef __SANITIZE_THREAD__
// ThreadSanitizer asks for this by name. The distribution's Abseil is not instrumented, so the
// sanitizer does not see the atomic count by which threads share one absl::Status, and takes the
// last owner's release for a race with an earlier owner's reading. The release is called from an
// inline function of ours, below which it sees nothing.
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
  return "race:libabsl_status.so\nrace:Status::Unref\n";
}
#endif
