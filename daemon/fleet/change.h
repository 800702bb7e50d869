#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/fleet/import.h"
#include "daemon/fleet/world.h"
#include "daemon/inventory/laptop.h"
#include "daemon/inventory/person.h"
#include "daemon/procurement/order.h"
#include "daemon/procurement/planning.h"

namespace parc::store {
class Connection;
}

namespace parc::fleet {

// Who changes what, when.
struct ChangeContext {
  std::string actor;     // e.g. "tokens/3f2a…"
  std::int64_t now = 0;  // UTC microseconds
  inventory::CivilDate today;
  // As the request stated them.
  std::optional<inventory::CivilDate> effective;  // default: today
  std::string reason;
};

// What happens to the devices of a laptop that is lost, stolen or retired: runs inside the
// transaction; the returned function, when there is one, runs after the commit.
using RevokeDevices = std::function<absl::StatusOr<std::function<void()>>(
    store::Connection& db, std::int64_t laptop_id, std::string_view reason, std::int64_t now)>;

// Fields that an update may touch, by the names of the API: "serial", "manufacturer", "model",
// "site", "order_line", "purchase_date", "price", "warranty_end_date", "end_of_life_date",
// "tags", "notes".
using FieldMask = std::vector<std::string>;

// Changes to the fleet. Every call runs on the commit thread, inside the transaction of its
// request: an error undoes all that the request did. `etag`, when not empty, must be the record's
// (else ABORTED ETAG_MISMATCH).
class Change {
 public:
  Change(store::Connection& db, RevokeDevices revoke_devices);
  ~Change();
  Change(Change&&) = delete;

  // Starts a request.
  void Begin(ChangeContext context);
  const ChangeContext& context() const;
  store::Connection& connection();
  // Runs `effect` once the transaction is on disk; never when it is undone. Effects run on the
  // commit thread.
  void AfterCommit(std::function<void()> effect);
  // Has the request answered, and all that it did undone (a dry run of an import).
  void UndoAll();
  bool undone() const;
  // The effects gathered since Begin.
  std::vector<std::function<void()>> TakeEffects();

  // ALREADY_EXISTS LAPTOP_EXISTS (another has the asset tag or the serial, be it as its serial or
  // its asset tag), INVALID_ARGUMENT BAD_ASSET_TAG, BAD_SERIAL …
  absl::StatusOr<inventory::Laptop> CreateLaptop(const inventory::Laptop& laptop);
  absl::StatusOr<inventory::Laptop> UpdateLaptop(const inventory::Laptop& laptop,
                                                 const FieldMask& mask, std::string_view etag);
  // FAILED_PRECONDITION ILLEGAL_MOVE, PERSON_ALREADY_EQUIPPED (unless `additional`),
  // EFFECTIVE_DATE_TOO_EARLY, PERSON_HAS_LEFT (their last day is before the effective one).
  absl::StatusOr<inventory::Laptop> AssignLaptop(std::string_view name, std::string_view person,
                                                 bool additional, std::string_view etag);
  absl::StatusOr<inventory::Laptop> ReturnLaptop(std::string_view name, std::string_view etag);
  struct Swapped {
    inventory::Laptop returned;
    inventory::Laptop assigned;
  };
  absl::StatusOr<Swapped> SwapLaptop(std::string_view name, std::string_view replacement,
                                     std::string_view etag);
  // Every event but assign, return, receive, import, update and correct.
  absl::StatusOr<inventory::Laptop> MoveLaptop(std::string_view name, inventory::LaptopEvent event,
                                               std::string_view etag);

  absl::StatusOr<inventory::Person> CreatePerson(const inventory::Person& person);
  absl::StatusOr<inventory::Person> UpdatePerson(const inventory::Person& person,
                                                 const FieldMask& mask, std::string_view etag);
  absl::StatusOr<inventory::Site> CreateSite(const inventory::Site& site);
  absl::StatusOr<inventory::Site> UpdateSite(const inventory::Site& site, const FieldMask& mask,
                                             std::string_view etag);

  // An order with a date in the future is planned: FAILED_PRECONDITION EFFECTIVE_DATE_IN_FUTURE
  // unless it says so.
  absl::StatusOr<procurement::Order> CreateOrder(const procurement::Order& order);
  // A planned order is placed. FAILED_PRECONDITION ORDER_PLACED when it was already.
  absl::StatusOr<procurement::Order> PlaceOrder(std::string_view reference);
  // `line` is "REFERENCE/LINE".
  absl::StatusOr<procurement::OrderLine> RecordPromise(std::string_view line,
                                                       inventory::CivilDate promised,
                                                       std::string_view source);
  // Units on their way; announced on the effective day. A quantity of 0 stands for every open unit
  // that was not announced yet.
  absl::StatusOr<procurement::OrderLine> RecordShipment(std::string_view line,
                                                        procurement::Shipment shipment);
  // `quantity` units of the line; nothing: all that are open.
  absl::StatusOr<procurement::OrderLine> CancelOrderLine(std::string_view line,
                                                         std::optional<int> quantity);
  // Every open unit of every line. FAILED_PRECONDITION NOT_OPEN when there is none.
  absl::StatusOr<procurement::Order> CancelOrder(std::string_view reference);
  struct Reception {
    std::string line;
    std::vector<std::string> serials;
    std::vector<std::string> asset_tags;  // empty, or one for each serial
    std::string site;
    bool accept_over_delivery = false;
    // What came, when it is not what was ordered; empty: it is.
    std::string manufacturer;
    std::string model;
  };
  struct Received {
    procurement::OrderLine line;
    std::vector<std::string> laptops;  // asset tags, in the order of the serials
  };
  // INVALID_ARGUMENT BAD_SERIALS counts the serials that are refused, repeated or already known,
  // and names the first twenty.
  absl::StatusOr<Received> ReceiveLaptops(const Reception& reception);

  // Changes the fields of `mask`, by the names of the API. INVALID_ARGUMENT BAD_FIELD_MASK,
  // OUT_OF_RANGE, BAD_COUNTRY.
  absl::StatusOr<procurement::Planning> UpdatePlanning(const procurement::Planning& planning,
                                                       const FieldMask& mask);
  // Makes the target, or changes the one of that id. INVALID_ARGUMENT BAD_NAME, OUT_OF_RANGE,
  // BAD_FILTER.
  absl::StatusOr<procurement::Target> SetTarget(const procurement::Target& target);
  // NOT_FOUND TARGET_NOT_FOUND.
  absl::StatusOr<procurement::Target> DropTarget(std::string_view id);

  // Applies the rows of one file: all of them, or, with refused rows and not `partial`, none. One
  // transaction: whoever else writes waits until it ends (figures in import.h), and who reads does
  // not.
  // PERMISSION_DENIED ROLE_DENIED for a file that has a column of `barred`.
  absl::StatusOr<ImportResult> Import(const ImportFile& file, bool partial,
                                      const BarredFields& barred = {});

  // Adds what the world holds and the fleet does not have; what it has already must be the same.
  // INVALID_ARGUMENT BAD_WORLD names the file and the line that differ; nothing is stored then. The
  // rows of the result are orders, people, laptops and targets that were created.
  absl::StatusOr<ImportResult> ImportWorld(const World& world);

  // What a change works with; defined for the files that implement it.
  struct Stores;

 private:
  std::unique_ptr<Stores> stores_;
};

}  // namespace parc::fleet
