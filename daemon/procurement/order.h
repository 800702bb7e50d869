#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/inventory/civil_date.h"
#include "daemon/inventory/laptop.h"

// Orders as a ledger. Nothing in it is overwritten: each fact keeps the day it is about and the
// time it was stored.
namespace parc::procurement {

struct Promise {
  inventory::CivilDate promised;
  inventory::CivilDate announced;
  std::string source;
  std::int64_t committed = 0;  // UTC microseconds

  bool operator==(const Promise&) const = default;
};

struct Receipt {
  inventory::CivilDate received;
  int quantity = 0;
  std::vector<std::string> serials;
  std::string actor;
  std::int64_t committed = 0;

  bool operator==(const Receipt&) const = default;
};

struct Cancellation {
  inventory::CivilDate cancelled;
  int quantity = 0;
  std::string reason;
  std::int64_t committed = 0;

  bool operator==(const Cancellation&) const = default;
};

struct OrderLine {
  int line = 0;  // 1, 2, …
  std::string manufacturer;
  std::string model;
  int quantity = 0;
  std::optional<inventory::Money> unit_price;
  std::vector<Promise> promises;  // newest announcement first
  std::vector<Receipt> receipts;  // oldest first
  std::vector<Cancellation> cancellations;

  int Received() const {
    int sum = 0;
    for (const Receipt& receipt : receipts) sum += receipt.quantity;
    return sum;
  }
  int Cancelled() const {
    int sum = 0;
    for (const Cancellation& cancellation : cancellations) sum += cancellation.quantity;
    return sum;
  }
  // What is still expected. An over-delivery leaves nothing open, never less than nothing.
  int Open() const { return std::max(0, quantity - Received() - Cancelled()); }

  bool operator==(const OrderLine&) const = default;
};

struct Order {
  std::string reference;  // the organisation's own; unique whatever the case
  std::string supplier;
  inventory::CivilDate ordered;
  std::vector<OrderLine> lines;
  std::int64_t revision = 0;

  bool operator==(const Order&) const = default;
};

}  // namespace parc::procurement
