#pragma once

#include <string>

// Texts that a person has looked at and found good.
namespace parc::client {

// The text of tests/client/golden/`name`. With PARC_UPDATE_GOLDEN in the environment, `actual` is
// written there first: look at the difference before you commit it.
std::string Golden(const std::string& name, const std::string& actual);

}  // namespace parc::client
