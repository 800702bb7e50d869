#include "tests/bench/swarm/verify.h"

#include <string_view>
#include <unordered_map>

#include "daemon/inventory/try.h"
#include "daemon/store/contact_log.h"
#include "daemon/store/device_store.h"
#include "daemon/store/report_store.h"
#include "daemon/store/sql.h"
#include "fmt/format.h"
#include "tests/bench/swarm/fleet.h"

namespace parc::swarm {
namespace {

constexpr std::size_t kExamples = 5;

// What the server lost of a device; empty when nothing.
std::string LossOf(const Standing& ledger, const std::optional<store::Contact>& contact) {
  const auto stored = contact.has_value() ? static_cast<std::uint64_t>(contact->sequence) : 0;
  if (stored < ledger.acknowledged) {
    return fmt::format("acknowledged {}, stored {}", ledger.acknowledged, stored);
  }
  const std::string_view digest(reinterpret_cast<const char*>(ledger.digest.data()),
                                ledger.digest.size());
  if (stored == ledger.acknowledged && ledger.digest != Digest{} && contact->digest != digest) {
    return fmt::format("report {} is stored with other facts", stored);
  }
  return {};
}

}  // namespace

absl::StatusOr<Verdict> VerifyLedger(const std::filesystem::path& fleet_directory,
                                     const std::filesystem::path& state_dir) {
  PARC_ASSIGN(const auto fleet, Fleet::Open(fleet_directory));
  PARC_ASSIGN(const auto db,
              store::Connection::Open(state_dir / "parc.db", store::Connection::Mode::kReader));
  store::DeviceStore devices(*db);
  std::unordered_map<std::string, std::pair<std::int64_t, std::int64_t>> rows;
  PARC_TRY(devices.Each([&](const store::DeviceRecord& record) {
    rows[record.device] = {record.row, record.laptop};
  }));
  store::ReportStore reports(*db);
  store::ContactLog log(*db);
  Verdict verdict;
  for (std::uint32_t number = 0; number < fleet->size(); ++number) {
    const Standing& ledger = fleet->At(number);
    if (ledger.acknowledged == 0) continue;
    ++verdict.acknowledged;
    const auto row = rows.find(std::string(fleet->DeviceId(number)));
    std::string loss = "no such device";
    if (row != rows.end()) {
      PARC_ASSIGN(store::Standing standing, reports.Find(row->second.first, row->second.second));
      PARC_TRY(log.Renew(row->second.second, standing.contact));
      loss = LossOf(ledger, standing.contact);
    }
    if (loss.empty()) continue;
    ++verdict.lost;
    if (verdict.examples.size() < kExamples) {
      verdict.examples.push_back(fmt::format("{}: {}", AssetTagOf(number), loss));
    }
  }
  return verdict;
}

}  // namespace parc::swarm
