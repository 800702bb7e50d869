#include "daemon/app/allocator.h"

#include <cstddef>

// As gperftools' malloc_extension_c.h has them; null in a program with another malloc.
extern "C" {
__attribute__((weak)) int MallocExtension_SetNumericProperty(const char* property,
                                                             std::size_t value);
__attribute__((weak)) void MallocExtension_ReleaseFreeMemory();
}

namespace parc::app {

void BoundThreadCaches() {
  constexpr std::size_t kBytes = std::size_t{2} << 20;
  if (MallocExtension_SetNumericProperty != nullptr)
    MallocExtension_SetNumericProperty("tcmalloc.max_total_thread_cache_bytes", kBytes);
}

void GiveBackFreeMemory() {
  if (MallocExtension_ReleaseFreeMemory != nullptr) MallocExtension_ReleaseFreeMemory();
}

}  // namespace parc::app
