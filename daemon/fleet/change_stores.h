#pragma once

#include "daemon/fleet/change.h"
#include "daemon/store/laptop_store.h"
#include "daemon/store/order_store.h"
#include "daemon/store/person_store.h"
#include "daemon/store/planning_store.h"
#include "daemon/store/sql.h"

namespace parc::fleet {

// What a Change works with; for the files that implement it.
struct Change::Stores {
  Stores(store::Connection& connection, RevokeDevices revoke)
      : db(connection),
        laptops(connection),
        people(connection),
        sites(connection),
        orders(connection),
        planning(connection),
        revoke_devices(std::move(revoke)) {}

  // The day the request takes effect. INVALID_ARGUMENT EFFECTIVE_DATE_IN_FUTURE.
  absl::StatusOr<inventory::CivilDate> Effective() const;
  // NOT_FOUND LAPTOP_NOT_FOUND, PERSON_NOT_FOUND, SITE_NOT_FOUND, ORDER_LINE_NOT_FOUND.
  absl::StatusOr<store::LaptopRecord> Laptop(std::string_view name);
  absl::StatusOr<store::PersonRecord> Person(std::string_view id);
  absl::StatusOr<store::OrderStore::LineRecord> Line(std::string_view name);
  // NOT_FOUND ORDER_NOT_FOUND.
  absl::StatusOr<std::int64_t> OrderRow(std::string_view reference);
  // The row of a site, nothing for an empty code. NOT_FOUND SITE_NOT_FOUND.
  absl::StatusOr<std::optional<std::int64_t>> SiteRow(std::string_view code);
  absl::StatusOr<std::optional<std::int64_t>> LineRow(std::string_view name);

  // One event of a laptop: checks the move and the day, then Put. `record` comes back as it is now.
  absl::Status Move(store::LaptopRecord& record, inventory::LaptopEvent event,
                    std::optional<std::int64_t> person);
  absl::Status Move(store::LaptopRecord& record, inventory::LaptopEvent event,
                    std::optional<std::int64_t> person, const inventory::CivilDate& effective);
  // Stores `record` and its history entry under `event` without a check of the move. Revokes the
  // devices of a laptop that becomes lost, stolen or retired, in this transaction.
  absl::Status Put(store::LaptopRecord& record, inventory::LaptopEvent event,
                   std::optional<inventory::LaptopState> from, std::optional<std::int64_t> person,
                   const inventory::CivilDate& effective);
  // FAILED_PRECONDITION EFFECTIVE_DATE_TOO_EARLY when the laptop has a later event.
  absl::Status CheckDay(const store::LaptopRecord& record, const inventory::CivilDate& effective);

  // ALREADY_EXISTS LAPTOP_EXISTS when the asset tag of `laptop` is the serial of another, or its
  // serial the asset tag of another: commands take either name, and one that used to mean the other
  // laptop would act on this one. `id` is its own row, when it has one.
  absl::Status CheckNotCrossed(const inventory::Laptop& laptop, std::optional<std::int64_t> id);

  // A laptop that `receipt` of `line` brought, and its history entry. ALREADY_EXISTS LAPTOP_EXISTS.
  struct ReceivedUnit {
    std::string serial;
    std::string asset_tag;
    std::string manufacturer;
    std::string model;
    std::optional<std::int64_t> site;
  };
  absl::Status InsertReceived(const store::OrderStore::LineRecord& line, std::int64_t receipt,
                              const ReceivedUnit& unit, const inventory::CivilDate& day);

  // FAILED_PRECONDITION PERSON_ALREADY_EQUIPPED when the person holds an assigned laptop.
  absl::Status CheckUnequipped(const store::PersonRecord& person);
  // FAILED_PRECONDITION EFFECTIVE_DATE_TOO_EARLY when the record of the person begins later: nobody
  // holds a laptop before they are known.
  absl::Status CheckFirstDay(std::int64_t person, const inventory::CivilDate& effective);
  // FAILED_PRECONDITION PERSON_HAS_LEFT when the person's last day is before `effective`: a laptop
  // is not handed to somebody who is gone. What was handed out while they were there may be
  // recorded afterwards, and what they still hold stays theirs.
  absl::Status CheckLastDay(std::int64_t person, const inventory::CivilDate& effective);
  // INVALID_ARGUMENT BAD_PARENT when `site` would belong to itself, by however many others.
  absl::Status CheckParent(std::int64_t site, std::optional<std::int64_t> parent);

  store::Connection& db;
  store::LaptopStore laptops;
  store::PersonStore people;
  store::SiteStore sites;
  store::OrderStore orders;
  store::PlanningStore planning;
  RevokeDevices revoke_devices;
  ChangeContext context;
  std::vector<std::function<void()>> effects;
  bool undone = false;
};

// ABORTED ETAG_MISMATCH unless `etag` is empty or that of `revision`.
absl::Status CheckEtag(std::string_view etag, std::int64_t revision);

}  // namespace parc::fleet
