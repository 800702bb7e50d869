#pragma once

#include <string>
#include <string_view>

#include "daemon/checkin/report.h"

namespace parc::checkin {

// `text` (UTF-8) without what steers a terminal or turns the direction of writing: control
// characters, C1 included, and the bidirectional marks become blanks; blanks at the ends go.
std::string Sanitised(std::string_view text);

// Sanitises every text of the facts. Texts that become empty are dropped, as absent.
void Sanitise(Report& report);

}  // namespace parc::checkin
