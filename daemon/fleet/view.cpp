#include "daemon/fleet/view.h"

#include <algorithm>

#include "daemon/filter/parse.h"
#include "daemon/fleet/view_stores.h"
#include "daemon/inventory/fold.h"
#include "daemon/inventory/identity.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::fleet {

using inventory::FieldId;
using inventory::Moment;
using inventory::Resource;
using store::Column;
using store::ColumnMap;
using store::ListPlan;
using store::Row;

View::View(store::Connection& db, store::KeptColumns* columns)
    : stores_(std::make_unique<Stores>(db)) {
  stores_->kept = columns;
}

View::~View() = default;

void View::Begin(ViewContext context) {
  stores_->context = std::move(context);
  if (stores_->kept != nullptr) stores_->settled = stores_->kept->Settled();
}

const ViewContext& View::context() const { return stores_->context; }

store::Connection& View::connection() { return stores_->db; }

absl::StatusOr<ListPlan> View::Stores::Plan(const ListQuery& query, Resource resource,
                                            const ColumnMap& columns, FieldId by_default) {
  ListPlan plan;
  plan.map = &columns;
  plan.cursor = query.cursor;
  PARC_ASSIGN(plan.page_size, PageSize(query));
  PARC_ASSIGN(const filter::Expression expression, filter::Parse(query.filter, resource));
  PARC_ASSIGN(plan.where, store::Compile(expression, columns));
  PARC_ASSIGN(plan.order, filter::ParseOrder(query.order_by, resource));
  if (plan.order.empty()) plan.order.push_back({by_default, false});
  return plan;
}

absl::StatusOr<ListPlan> View::Stores::PlainPlan(const ListQuery& query) {
  if (!query.filter.empty()) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_FILTER", "this list takes no filter",
                  "filter");
  }
  if (!query.order_by.empty()) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_ORDER",
                  "this list has one order: the newest first", "order_by");
  }
  ListPlan plan;
  plan.where.sql = "1";
  plan.cursor = query.cursor;
  PARC_ASSIGN(plan.page_size, PageSize(query));
  return plan;
}

absl::StatusOr<int> View::Stores::PageSize(const ListQuery& query) {
  if (query.page_size < 0) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_PAGE_SIZE", "page_size is negative",
                  "page_size");
  }
  return query.page_size == 0 ? kDefaultPageSize : std::min(query.page_size, kMaxPageSize);
}

absl::StatusOr<inventory::Person> View::GetPerson(std::string_view id, const Moment& moment) {
  PARC_ASSIGN(std::vector<inventory::Person> found,
              stores_->People("p.person_key = ?1", {inventory::Fold(id)}, moment));
  if (found.empty()) {
    return Refuse(absl::StatusCode::kNotFound, "PERSON_NOT_FOUND",
                  fmt::format("nobody has the id \"{}\"", id.substr(0, 64)), "name");
  }
  return std::move(found.front());
}

absl::StatusOr<std::vector<inventory::Person>> View::Stores::People(
    const std::string& where, const std::vector<store::Bind>& binds, const Moment& moment) {
  std::vector<inventory::Person> people;
  store::Statement select(
      db, fmt::format("SELECT {}, {} FROM {} WHERE {}", store::PersonColumns(), HeldColumn(moment),
                      store::PersonSource(moment, context.today), where));
  PARC_TRY(select.QueryWith(
      [&](const Row& row) -> absl::Status {
        PARC_ASSIGN(inventory::Person person, ReadPersonWithLaptops(row));
        people.push_back(std::move(person));
        return absl::OkStatus();
      },
      binds));
  return people;
}

std::string View::Stores::HeldColumn(const Moment& moment) const {
  return fmt::format(
      "(SELECT group_concat(x.asset_tag, char(10)) FROM {} x WHERE x.holder = p.id AND "
      "x.state = 'ASSIGNED')",
      store::SourceAt(store::kLaptops, moment, context.today));
}

absl::StatusOr<inventory::Person> View::Stores::ReadPersonWithLaptops(const Row& row) {
  PARC_ASSIGN(store::PersonRecord record, store::ReadPerson(row));
  const std::string held = row.Text(store::kPersonColumnCount);
  if (!held.empty()) record.person.laptops = store::SplitList("\n" + held + "\n");
  std::sort(record.person.laptops.begin(), record.person.laptops.end());
  record.person.equipped = !record.person.laptops.empty();
  return std::move(record.person);
}

ColumnMap View::Stores::PersonMap(const Moment& moment) const {
  return {
      {FieldId::kPersonId, Column::WithKey("p.person", "p.person_key")},
      {FieldId::kPersonName, "p.name"},
      {FieldId::kPersonMail, "p.mail"},
      {FieldId::kPersonUnit, "p.unit"},
      {FieldId::kPersonPopulation, "p.population"},
      {FieldId::kPersonSite, Column::WithAlias("s.name", "s.code")},
      {FieldId::kPersonTier, "p.tier"},
      {FieldId::kNeedsLaptop, "p.needs_laptop"},
      {FieldId::kTelework, "p.telework"},
      {FieldId::kStartDate, "p.start_date"},
      {FieldId::kEndDate, "p.end_date"},
      {FieldId::kEquipped,
       fmt::format("EXISTS (SELECT 1 FROM {} x WHERE x.holder = p.id AND x.state = 'ASSIGNED')",
                   store::SourceAt(store::kLaptops, moment, context.today))},
  };
}

absl::StatusOr<Page<inventory::Person>> View::ListPeople(const ListQuery& query) {
  const ColumnMap columns = stores_->PersonMap(query.moment);
  PARC_ASSIGN(ListPlan plan, stores_->Plan(query, Resource::kPeople, columns, FieldId::kPersonId));
  plan.columns = store::PersonColumns() + ", " + stores_->HeldColumn(query.moment);
  plan.from = store::PersonSource(query.moment, context().today);
  plan.id = "p.id";
  Page<inventory::Person> page;
  page.page_size = plan.page_size;
  PARC_ASSIGN(store::ListResult result,
              store::RunList(stores_->db, plan, [&](const Row& row) -> absl::Status {
                PARC_ASSIGN(inventory::Person person, stores_->ReadPersonWithLaptops(row));
                page.items.push_back(std::move(person));
                return absl::OkStatus();
              }));
  page.next_cursor = std::move(result.next_cursor);
  page.total = result.total;
  return page;
}

absl::StatusOr<inventory::Site> View::GetSite(std::string_view code) {
  PARC_ASSIGN(std::optional<store::SiteRecord> found, stores_->sites.Find(code));
  if (!found.has_value()) {
    return Refuse(absl::StatusCode::kNotFound, "SITE_NOT_FOUND",
                  fmt::format("there is no site \"{}\"", code.substr(0, 64)), "name");
  }
  return std::move(found->site);
}

absl::StatusOr<Page<inventory::Site>> View::ListSites(const ListQuery& query) {
  static const ColumnMap kColumns = {{FieldId::kSiteCode, Column::WithKey("s.code", "s.code_key")},
                                     {FieldId::kSiteName, "s.name"},
                                     {FieldId::kSiteDepartment, "s.department"},
                                     {FieldId::kSiteParent, "sp.code"}};
  PARC_ASSIGN(ListPlan plan, stores_->Plan(query, Resource::kSites, kColumns, FieldId::kSiteCode));
  plan.columns = store::SiteColumns();
  plan.from = store::SiteSource();
  plan.id = "s.id";
  Page<inventory::Site> page;
  page.page_size = plan.page_size;
  PARC_ASSIGN(store::ListResult result,
              store::RunList(stores_->db, plan, [&](const Row& row) -> absl::Status {
                PARC_ASSIGN(store::SiteRecord record, store::ReadSite(row));
                page.items.push_back(std::move(record.site));
                return absl::OkStatus();
              }));
  page.next_cursor = std::move(result.next_cursor);
  page.total = result.total;
  return page;
}

}  // namespace parc::fleet
