#include "tests/fault/simulation_ledger.h"

#include <catch2/catch.hpp>

#include "daemon/store/contact_log.h"
#include "fmt/format.h"

namespace parc::simulation {

std::string KernelOf(int number) { return fmt::format("6.1.0-{}", number); }
std::string DigestOf(int number) { return fmt::format("{:032}", number); }

void Ledger::Break(std::string_view invariant, const std::string& what) {
  if (broken_.empty()) broken_ = fmt::format("{}: {}", invariant, what);
}

void Ledger::Made(const std::string& device, std::uint64_t sequence, int number) {
  devices_[device].made[sequence] = number;
}

Ledger::Arrived Ledger::Arrive(const std::string& device, const std::string& serial) const {
  const auto found = devices_.find(device);
  return {device, serial, found == devices_.end() ? 0 : found->second.newest_accepted};
}

void Ledger::Accepted(const Arrived& request) {
  Device& device = devices_[request.device];
  if (device.revoked) Break("I4", fmt::format("{} is revoked and got an OK", request.device));
  const auto key = device.keys.find(request.serial);
  if (key == device.keys.end())
    return Break("I2", fmt::format("{}: a key that was never issued got an OK", request.device));
  if (key->second < request.newest_accepted) {
    Break("I2", fmt::format("{}: key {} got an OK after key {} was in use", request.device,
                            key->second, request.newest_accepted));
  }
  device.newest_accepted = std::max(device.newest_accepted, key->second);
}

void Ledger::Stored(const std::string& device, std::uint64_t sequence) {
  devices_[device].stored = std::max(devices_[device].stored, sequence);
}

void Ledger::TokenMade(const std::string& token, int max_uses) {
  tokens_[token].max_uses = max_uses;
}

void Ledger::TokenTaken(const std::string& token, int key) {
  Token& known = tokens_[token];
  known.keys.insert(key);
  if (static_cast<int>(known.keys.size()) > known.max_uses) {
    Break("I3", fmt::format("a token for {} took {} keys", known.max_uses, known.keys.size()));
  }
}

void Ledger::Issued(const std::string& device, const std::string& serial) {
  auto& keys = devices_[device].keys;
  keys.emplace(serial, static_cast<int>(keys.size()) + 1);
}

void Ledger::Revoked(const std::string& device) { devices_[device].revoked = true; }

void Ledger::Done(const std::string& request) { done_.insert(request); }

void Ledger::Check(store::Connection& db) {
  store::Statement contacts(
      db, fmt::format("SELECT c.laptop, c.device, d.device, {}, f.facts_digest, f.os_kernel FROM "
                      "contacts c JOIN devices d ON d.id = c.device "
                      "LEFT JOIN facts f ON f.laptop = c.laptop",
                      store::kReportSequence));
  REQUIRE(contacts
              .Query([&](const store::Row& row) {
                CheckContact(row);
                return absl::OkStatus();
              })
              .ok());
  CheckDevices(db);
  CheckChanges(db);
}

void Ledger::CheckContact(const store::Row& row) {
  const std::string id = row.Text(2);
  const auto sequence = static_cast<std::uint64_t>(row.Int(3));
  Contact& seen = contacts_[row.Int(0)];
  if (row.Int(1) < seen.row || (row.Int(1) == seen.row && sequence < seen.sequence)) {
    Break("I6", fmt::format("{}: report {} took the place of {}", id, sequence, seen.sequence));
  }
  seen = {row.Int(1), sequence};
  const Device& device = devices_[id];
  if (sequence < device.stored) {
    Break("I1",
          fmt::format("{}: report {} was acknowledged, {} is stored", id, device.stored, sequence));
  }
  const std::string digest = row.Blob(4);
  if (digest.empty()) return;
  const auto made = device.made.find(sequence);
  if (made == device.made.end()) return Break("I6", id + ": a report that was never made");
  if (digest != DigestOf(made->second) || row.Text(5) != KernelOf(made->second)) {
    Break("I6", fmt::format("{}: the facts stored are not those of report {}", id, sequence));
  }
}

void Ledger::CheckDevices(store::Connection& db) {
  std::map<std::int64_t, int> live;
  std::set<std::string> stored;
  store::Statement devices(db, "SELECT device, laptop, state, current_serial FROM devices");
  REQUIRE(devices
              .Query([&](const store::Row& row) {
                const bool active = row.Text(2) == "ACTIVE";
                const Device& known = devices_[row.Text(0)];
                stored.insert(row.Text(0));
                if (active && ++live[row.Int(1)] > 1)
                  Break("I2", fmt::format("laptop {} has two live devices", row.Int(1)));
                if (active && known.revoked)
                  Break("I1", row.Text(0) + ": its revocation was acknowledged and is gone");
                const auto key = known.keys.find(row.Text(3));
                if (key != known.keys.end() && key->second < known.newest_accepted)
                  Break("I1", row.Text(0) + ": its newer key was in use and is gone");
                return absl::OkStatus();
              })
              .ok());
  for (const auto& [id, device] : devices_) {
    if (!device.keys.empty() && stored.count(id) == 0)
      Break("I1", id + ": its certificate was answered and is gone");
  }
  store::Statement tokens(db, "SELECT count(*) FROM enrolment_tokens WHERE uses > max_uses");
  REQUIRE(tokens
              .Query([&](const store::Row& row) {
                if (row.Int(0) > 0) Break("I3", "a token was used more often than it may");
                return absl::OkStatus();
              })
              .ok());
}

void Ledger::CheckChanges(store::Connection& db) {
  std::map<std::string, int> entries;
  store::Statement events(db, "SELECT reason FROM laptop_events");
  REQUIRE(events
              .Query([&](const store::Row& row) {
                if (++entries[row.Text(0)] > 1)
                  Break("I5", row.Text(0) + " is in the history twice");
                return absl::OkStatus();
              })
              .ok());
  for (const std::string& request : done_) {
    if (entries.count(request) == 0) Break("I1", request + " was done and is not in the history");
  }
}

}  // namespace parc::simulation
