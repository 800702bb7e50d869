#pragma once

#include <chrono>
#include <functional>

#include "agent/probes/world.h"

struct sd_bus;

namespace parc::agent {

// What NetworkManager, systemd-resolved and firewalld say on the system's bus, within three seconds
// in all. Services that do not run are not started; each question waits for at most a second, and
// the first that gets no answer in time is the last.
BusView AskSystemBus();

// What `ask` says, or nothing when it takes longer than `patience`; it is then left behind.
BusView AnswerInTime(std::function<BusView()> ask, std::chrono::milliseconds patience);

// The same over a bus that is given.
BusView AskBus(sd_bus* bus);

}  // namespace parc::agent
