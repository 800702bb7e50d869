#pragma once

#include <string>

namespace parc::client {

// What evidence says of facts, for people who read French. Agents and the daemon write it in
// English, from a closed set of sentences; those are translated, names and values of facts and what
// is not known stay as they are.
std::string EvidenceInFrench(std::string evidence);

// The same for why a laptop did not get through to the server.
std::string TroubleInFrench(std::string trouble);

}  // namespace parc::client
