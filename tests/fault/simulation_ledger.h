#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/store/sql.h"

namespace parc::simulation {

// What the daemon has promised by its answers, kept outside of it, and what must follow:
//   I1  what was acknowledged is stored
//   I2  a laptop has at most one live device, and a device at most one key that is in force
//   I3  a token enrols no more keys than it may
//   I4  a revoked device gets no OK after the OK of its revocation
//   I5  a change that was asked for once is made once, however often its request arrives
//   I6  the newest report wins
// The first that is broken stays, in words; the rest of the run changes nothing about it.
class Ledger {
 public:
  // A report that the agent of `device` makes, of the contents `number`.
  void Made(const std::string& device, std::uint64_t sequence, int number);
  // A request of `device` arrives, by the certificate `serial`; what Accepted() takes.
  struct Arrived {
    std::string device;
    std::string serial;
    int newest_accepted = 0;  // key of the device when it arrived
  };
  Arrived Arrive(const std::string& device, const std::string& serial) const;
  // It was answered with OK.
  void Accepted(const Arrived& request);
  // The answer to a report said that it is stored.
  void Stored(const std::string& device, std::uint64_t sequence);

  void TokenMade(const std::string& token, int max_uses);
  // `key` was taken by `token`, be it to wait for approval.
  void TokenTaken(const std::string& token, int key);
  // `device` has a certificate now; its first one, or one more.
  void Issued(const std::string& device, const std::string& serial);
  void Revoked(const std::string& device);

  // The change was answered with OK.
  void Done(const std::string& request);

  // Compares with what is stored. Runs outside of a transaction.
  void Check(store::Connection& db);

  void Break(std::string_view invariant, const std::string& what);
  const std::string& broken() const { return broken_; }

 private:
  struct Device {
    std::map<std::uint64_t, int> made;  // contents by sequence number
    std::uint64_t stored = 0;           // the newest sequence acknowledged
    std::map<std::string, int> keys;    // serial → order of issue, from 1
    int newest_accepted = 0;
    bool revoked = false;
  };
  struct Contact {
    std::int64_t row = 0;  // of the device
    std::uint64_t sequence = 0;
  };
  struct Token {
    int max_uses = 0;
    std::set<int> keys;
  };

  void CheckContact(const store::Row& row);
  void CheckDevices(store::Connection& db);
  void CheckChanges(store::Connection& db);

  std::map<std::string, Device> devices_;
  std::map<std::int64_t, Contact> contacts_;  // by laptop, as last seen
  std::map<std::string, Token> tokens_;
  std::set<std::string> done_;
  std::string broken_;
};

// The mark in the facts by which contents are told apart: "6.1.0-17".
std::string KernelOf(int number);
std::string DigestOf(int number);  // 32 bytes

}  // namespace parc::simulation
