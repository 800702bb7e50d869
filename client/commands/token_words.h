#pragma once

#include <string>

#include "client/session.h"
#include "parc/v1/tokens.pb.h"

namespace parc::client {

// "admin" of ROLE_ADMIN.
std::string RoleWord(v1::Role role);

// "Jeanne Martin, technician, until 2020-06-01 08:00".
std::string TokenSentence(const v1::Token& token, const Session& session);

}  // namespace parc::client
