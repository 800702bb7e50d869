#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <new>

#include "daemon/forecast/simulation.h"
#include "tests/forecast/small_office.h"

namespace {
std::atomic<long> allocations = 0;
}

// Not inlined: GCC 12 takes a free() that it sees in place of a delete for a mismatch.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
// std::stable_sort asks this one for its buffer; every new must match the deletes below.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace parc::forecast {

TEST_CASE("the path loop allocates nothing: more paths cost no more allocations") {
  Inputs inputs = testing::SmallOffice();
  const auto count = [&](int paths) {
    inputs.paths = paths;
    const Model model(inputs);
    const long before = allocations;
    REQUIRE(Simulate(model, {}, inputs.targets, Detail::kAll).ok());
    return allocations - before;
  };
  count(300);  // tables that are made once
  const long few = count(300);
  CHECK(few > 0);
  CHECK(count(1200) == few);
}

}  // namespace parc::forecast
