#include "daemon/inventory/try.h"
#include "daemon/rpc/convert_common.h"
#include "daemon/rpc/convert_facts.h"
#include "daemon/rpc/status_details.h"
#include "fmt/format.h"

// A report around its facts.
namespace parc::rpc {

using inventory::Section;

namespace {

absl::StatusOr<Section> SectionFrom(const std::string& name) {
  for (const Section section :
       {Section::kOs, Section::kHardware, Section::kStorage, Section::kNetwork, Section::kSecurity,
        Section::kUpdates, Section::kClock, Section::kVpn, Section::kTools, Section::kApplications,
        Section::kAgent}) {
    if (inventory::ToString(section) == name) return section;
  }
  return InvalidField("BAD_SECTION", "removed_sections",
                      fmt::format("a report has no section \"{}\"", Shown(name)));
}

}  // namespace

absl::StatusOr<checkin::Report> ReportFrom(const parc::v1::CheckInRequest& request) {
  checkin::Report report;
  report.claimed_device = request.device_id();
  report.boot_id = request.boot_id();
  report.sequence = request.report_seq();
  if (request.has_sent_time()) {
    PARC_ASSIGN(report.sent, TimeFrom(request.sent_time(), "sent_time"));
  }
  report.agent_version = request.agent_version();
  report.digest = request.facts_digest();
  report.base_digest = request.base_digest();
  report.held_problems = request.problems_digest();
  PARC_ASSIGN(report.facts, FactsFrom(request.facts()));
  for (const std::string& name : request.removed_sections()) {
    PARC_ASSIGN(const Section section, SectionFrom(name));
    report.removed.insert(section);
  }
  return report;
}

}  // namespace parc::rpc
