#include <chrono>
#include <random>

#include "client/app/run.h"
#include "fmt/format.h"

namespace {

std::int64_t NowMicros() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count();
}

// A random UUID (RFC 4122, version 4).
std::string NewUuid() {
  std::random_device device;  // getrandom(2)
  const std::uint32_t a = device(), b = device(), c = device(), d = device();
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:04x}{:08x}", a, b >> 16, b & 0xFFF,
                     0x8000 | ((c >> 16) & 0x3FFF), c & 0xFFFF, d);
}

}  // namespace

int main(int argc, char** argv) {
  return parc::client::Run({argv + 1, argv + argc}, {.now_micros = NowMicros, .new_uuid = NewUuid});
}
