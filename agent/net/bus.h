#pragma once

#include "agent/probes/world.h"

struct sd_bus;

namespace parc::agent {

// What NetworkManager, systemd-resolved and firewalld say on the system's bus. Services that do not
// run are not started; each question waits for at most a second, and the first that gets no answer
// in time is the last. A bus that takes the connection and then says nothing holds it up for a
// minute and a half: to be asked beside.
BusView AskSystemBus();

// The same over a bus that is given.
BusView AskBus(sd_bus* bus);

}  // namespace parc::agent
