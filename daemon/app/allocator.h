#pragma once

namespace parc::app {

// What tcmalloc holds back for the next allocation, where this program is linked to it; otherwise
// these do nothing.

// Bounds what it keeps for each thread. Unbounded (32 MB in all), a daemon of 10,000 laptops kept
// 18 MB beside the 12 that it used; a check-in costs the same CPU with 2.
void BoundThreadCaches();
// Gives back to the system what is free. For quiet moments: what is taken again is a page fault for
// every 4 KiB.
void GiveBackFreeMemory();

}  // namespace parc::app
