#pragma once

#include <string>

#include "google/protobuf/message.h"

namespace parc::client::render {

// `message` as proto JSON: lowerCamelCase, every field without presence written even when it is
// empty, maps in the order of their keys. `pretty` over several lines, else on one.
std::string Json(const google::protobuf::Message& message, bool pretty);

}  // namespace parc::client::render
