#pragma once

#include "client/session.h"
#include "google/protobuf/message.h"

namespace parc::client {

// `message` as JSON over several lines on standard output.
void WriteJson(Session& session, const google::protobuf::Message& message);

// A sentence about a change: as it was done, or, with `dry_run`, as it would be.
void TellChange(Session& session, bool dry_run, const std::string& sentence);

}  // namespace parc::client
