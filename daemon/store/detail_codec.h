#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/inventory/fact_sheet.h"
#include "daemon/posture/judge.h"

// The lists of the table `details` as text, see schema/0010_details.sql. Whatever is read was
// written here: values hold no control characters, reports are cleaned of them.
namespace parc::store {

std::string Pack(const std::vector<inventory::DiskFact>& disks);
std::string Pack(const std::vector<inventory::InterfaceFact>& interfaces);
std::string Pack(const std::vector<inventory::VpnProfileFact>& profiles);
std::string Pack(const std::vector<inventory::VpnGatewayFact>& gateways);
std::string Pack(const std::map<std::string, std::string>& unreadable);
// Without the evidence of what is no problem: facts and policy tell it again (EvidenceOf).
std::string Pack(const std::vector<posture::CheckResult>& checks);
// Whether the two are packed alike.
bool PackAlike(const std::vector<posture::CheckResult>& a,
               const std::vector<posture::CheckResult>& b);

void Unpack(std::string_view text, std::vector<inventory::DiskFact>& disks);
void Unpack(std::string_view text, std::vector<inventory::InterfaceFact>& interfaces);
void Unpack(std::string_view text, std::vector<inventory::VpnProfileFact>& profiles);
void Unpack(std::string_view text, std::vector<inventory::VpnGatewayFact>& gateways);
void Unpack(std::string_view text, std::map<std::string, std::string>& unreadable);
// INTERNAL for an outcome that has no name here.
absl::StatusOr<std::vector<posture::CheckResult>> UnpackChecks(std::string_view text);

// What counting needs of a result; lies in the text that it was read from.
struct CheckGlance {
  std::string_view check;
  posture::Outcome outcome = posture::Outcome::kPending;
  bool in_grace = false;
};
// Calls `each` for every result in `text`, without a copy of any: for who counts over a fleet.
// INTERNAL as UnpackChecks.
absl::Status ForEachCheck(std::string_view text,
                          absl::FunctionRef<void(const CheckGlance& glance)> each);

}  // namespace parc::store
