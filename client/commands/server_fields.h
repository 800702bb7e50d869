#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/render/value.h"
#include "client/session.h"

namespace parc::client {

// A field of the server's catalogue.
struct ServerField {
  std::string name;
  render::Kind kind = render::Kind::kText;
  bool masked = false;  // kept from whoever asks
};

absl::StatusOr<std::vector<ServerField>> ServerFields(Session& session,
                                                      const std::string& resource);

}  // namespace parc::client
