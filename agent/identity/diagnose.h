#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "agent/identity/store.h"
#include "agent/net/socket.h"

namespace parc::agent {

// Why no call got through to the server: a failed one tells "no route" and "not let in" alike.
// Makes a TLS handshake of its own and answers UNAVAILABLE (cannot be reached, or not now),
// UNAUTHENTICATED (something else answers there) or PERMISSION_DENIED (the server is there and
// fine, so it is this laptop's certificate that it does not take), each with a sentence for the
// person at the laptop.
absl::Status DiagnoseServer(const Identity& identity, const std::string& proxy, std::int64_t now,
                            Deadline deadline);

}  // namespace parc::agent
