#pragma once

#include <string>

#include "client/render/language.h"
#include "parc/v1/reports.pb.h"

// The one page that a manager reads, from its figures alone: the same figures give the same bytes.
namespace parc::client::render {

// One HTML file that needs nothing else (no script, no font, no image), and prints on one A4 page.
std::string FlashHtml(const v1::FlashReport& report, Language language);

// The same for a mail or a wiki.
std::string FlashMarkdown(const v1::FlashReport& report, Language language);

}  // namespace parc::client::render
