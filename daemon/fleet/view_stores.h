#pragma once

#include "daemon/fleet/view.h"
#include "daemon/store/kept_columns.h"
#include "daemon/store/laptop_store.h"
#include "daemon/store/order_store.h"
#include "daemon/store/person_store.h"
#include "daemon/store/planning_store.h"
#include "daemon/store/report_store.h"
#include "daemon/store/sql.h"
#include "daemon/store/text_codec.h"
#include "daemon/store/versions.h"
#include "daemon/store/where.h"

namespace parc::fleet {

// What a View works with; for the files that implement it.
struct View::Stores {
  explicit Stores(store::Connection& connection)
      : db(connection),
        sites(connection),
        orders(connection),
        planning(connection),
        reports(connection) {}

  // Filter, order and page size of `query` over `columns`, which outlives the plan.
  absl::StatusOr<store::ListPlan> Plan(const ListQuery& query, inventory::Resource resource,
                                       const store::ColumnMap& columns,
                                       inventory::FieldId by_default);

  // The page of `query` for a list that has no fields. INVALID_ARGUMENT BAD_FILTER, BAD_ORDER when
  // it asks for some.
  static absl::StatusOr<store::ListPlan> PlainPlan(const ListQuery& query);
  static absl::StatusOr<int> PageSize(const ListQuery& query);

  store::ColumnMap LaptopMap(const inventory::Moment& moment) const;
  store::ColumnMap PersonMap(const inventory::Moment& moment) const;
  store::ColumnMap OrderMap(const inventory::Moment& moment) const;

  // Laptops with holder, site, order, facts (`f`), contact (`c`) and posture (`v`).
  std::string LaptopFrom(const inventory::Moment& moment) const;
  // The verdict as of `moment`: UNKNOWN when there was none, STALE when its report was too old.
  std::string VerdictColumn(const inventory::Moment& moment) const;
  // `moment` asks about a day, or a state of knowledge, that is over.
  bool IsPast(const inventory::Moment& moment) const;
  // That `filter` over laptops, which asks about the past, looks at nothing that is not kept.
  static absl::Status CheckFilterKept(std::string_view filter);
  // The commit time that `moment` ends at.
  std::int64_t EndOf(const inventory::Moment& moment) const;
  absl::StatusOr<LaptopRow> ReadLaptopRow(const store::Row& row,
                                          const std::vector<inventory::FieldId>& facts);
  std::string LaptopRowColumns(const inventory::Moment& moment,
                               const std::vector<inventory::FieldId>& facts) const;

  // In view_columns.cpp, from what is kept in memory; nothing when SQL has to answer.
  absl::StatusOr<std::optional<store::RowSet>> LaptopsInMemory(std::string_view filter,
                                                               const store::ColumnMap& map);
  // Fills `status` with everything that is counted of laptops and of the people who need one;
  // false: it is as it was.
  absl::StatusOr<bool> CountInMemory(Status& status);
  absl::Status CountBySql(std::string_view filter, const inventory::Moment& moment, Status& status);
  // The verdict of each laptop now, as VerdictColumn says it.
  absl::StatusOr<store::CodedColumn> VerdictsNow(store::KeptColumns::Reader& reader);

  // Every order that was there at `moment`, by reference.
  absl::StatusOr<std::vector<procurement::Order>> AllOrders(const inventory::Moment& moment);

  // Asset tags of what a person holds in state ASSIGNED, one a line.
  std::string HeldColumn(const inventory::Moment& moment) const;
  absl::StatusOr<inventory::Person> ReadPersonWithLaptops(const store::Row& row);
  absl::StatusOr<std::vector<inventory::Person>> People(const std::string& where,
                                                        const std::vector<store::Bind>& binds,
                                                        const inventory::Moment& moment);

  absl::StatusOr<Page<inventory::LaptopHistoryEntry>> History(const std::string& where,
                                                              std::int64_t id,
                                                              const ListQuery& query);

  store::Connection& db;
  store::SiteStore sites;
  store::OrderStore orders;
  store::PlanningStore planning;
  store::ReportStore reports;
  ViewContext context;
  store::KeptColumns* kept = nullptr;  // columns in memory; null: there are none
  std::uint64_t settled = 0;           // of them, before the job's first read
};

}  // namespace parc::fleet
