#pragma once

#include <string>

#include "client/render/status_screen.h"
#include "parc/v1/verdicts.pb.h"

namespace parc::client::render {

// The checks of a laptop rung by rung: mark, title, since when; the evidence below what does not
// pass, and the remedy of every check that fails: bold at the first broken rung.
std::string Ladder(const v1::Readiness& readiness, const ScreenOptions& options);

}  // namespace parc::client::render
