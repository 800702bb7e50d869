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

// Units that the supplier says are on their way.
struct Shipment {
  inventory::CivilDate announced;
  inventory::CivilDate shipped;  // may lie after the announcement
  int quantity = 0;
  std::string carrier;
  std::string tracking;  // the carrier's reference
  std::string actor;
  std::int64_t committed = 0;

  bool operator==(const Shipment&) const = default;
};

struct Receipt {
  inventory::CivilDate received;
  int quantity = 0;
  std::string manufacturer;  // what came instead of the line's model; empty: what was ordered
  std::string model;
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
  std::string external_id;          // what other programs call the line; empty when nobody does
  std::vector<Promise> promises;    // newest announcement first
  std::vector<Shipment> shipments;  // oldest first
  std::vector<Receipt> receipts;    // oldest first
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
  int Shipped() const {
    int sum = 0;
    for (const Shipment& shipment : shipments) sum += shipment.quantity;
    return sum;
  }
  // What is still expected. An over-delivery leaves nothing open, never less than nothing.
  int Open() const { return std::max(0, quantity - Received() - Cancelled()); }
  // How many of the open units are announced as shipped. What comes is taken from the shipments
  // that were announced by then; what came before any was in none of them.
  int InTransit() const;

  bool operator==(const OrderLine&) const = default;
};

struct Order {
  std::string reference;  // the organisation's own; unique whatever the case
  std::string supplier;
  inventory::CivilDate ordered;  // of an order that is only planned: the day it is to be placed
  bool planned = false;          // not placed yet
  std::optional<inventory::CivilDate> planned_on;  // nothing for an order that was never a plan
  std::vector<OrderLine> lines;
  std::int64_t revision = 0;

  bool operator==(const Order&) const = default;
};

}  // namespace parc::procurement
