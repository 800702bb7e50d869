#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/fleet/view_devices.h"
#include "daemon/inventory/fields.h"
#include "daemon/inventory/laptop.h"
#include "daemon/inventory/moment.h"
#include "daemon/inventory/person.h"
#include "daemon/posture/judge.h"
#include "daemon/posture/policy.h"
#include "daemon/procurement/order.h"
#include "daemon/procurement/planning.h"
#include "daemon/procurement/punctuality.h"

namespace parc::store {
class KeptColumns;
class Connection;
}  // namespace parc::store

namespace parc::fleet {

inline constexpr int kDefaultPageSize = 100;
inline constexpr int kMaxPageSize = 1000;

// A list as it is asked for.
struct ListQuery {
  std::string filter;    // AIP-160; empty: all
  std::string order_by;  // field names, each with an optional " desc"; empty: by name
  int page_size = 0;  // 0: kDefaultPageSize; more than kMaxPageSize is coerced; negative is refused
  std::string cursor;  // where the previous page ended; empty: the first page. Made by this
                       // program, checked by the edge.
  inventory::Moment moment;
};

template <typename T>
struct Page {
  std::vector<T> items;
  std::string next_cursor;  // empty: this was the last page
  std::int64_t total = 0;   // matches in all
  int page_size = 0;        // in force
};

// A laptop as lists show it: the record, its newest judgement and the facts asked for. Of the past
// there are records and verdicts; facts and the last contact are known for now only.
struct LaptopRow {
  inventory::Laptop laptop;
  std::optional<std::string> verdict;        // READY, DEGRADED, NOT_READY, UNKNOWN, STALE
  std::optional<std::int64_t> last_seen;     // UTC microseconds
  std::map<std::string, std::string> facts;  // field name → text
};

// One rung of a laptop's readiness, with the words for whoever must mend it.
struct ExplainedCheck {
  std::string check;  // "vpn-gateway-dns"
  posture::Severity severity = posture::Severity::kInfo;
  posture::Outcome outcome = posture::Outcome::kPending;
  std::optional<std::int64_t> since;  // UTC microseconds; nothing while it is PENDING
  std::string evidence;
  std::string title_en;
  std::string title_fr;
  std::string remedy_en;
  std::string remedy_fr;
  bool in_grace = false;
  std::optional<std::int64_t> counts_from;  // UTC microseconds; only while it is in grace
  // Other laptops in state ASSIGNED with the same outcome; of the check most in the way only.
  std::int64_t shared_laptops = 0;
  std::int64_t shared_at_site = 0;

  bool operator==(const ExplainedCheck&) const = default;
};

// A laptop's readiness, explained.
struct Readiness {
  posture::Verdict verdict = posture::Verdict::kUnknown;
  std::optional<std::int64_t> since;  // UTC microseconds; nothing when it never reported
  std::int64_t policy_version = 0;
  std::optional<std::int64_t> report_time;  // when its facts were last confirmed
  std::vector<ExplainedCheck> checks;       // in the order in which a technician climbs
  // The laptop is not in anybody's hands (in stock, in repair, retired …): that it is STALE or
  // never reported is no alarm.
  bool silence_expected = false;

  bool operator==(const Readiness&) const = default;
};

struct Coverage {
  std::string population;
  std::int64_t needed = 0;    // people who need a laptop
  std::int64_t equipped = 0;  // … and hold one in state ASSIGNED
  std::int64_t ready = 0;     // … whose verdict is READY and fresh

  bool operator==(const Coverage&) const = default;
};

struct Alert {
  std::string reason;  // UPPER_SNAKE
  std::string message_en;
  std::string message_fr;
  std::int64_t count = 0;
};

struct Status {
  std::vector<Coverage> coverage;  // by population, largest need first
  Coverage total;
  std::map<std::string, std::int64_t> by_state;    // LaptopState name → laptops
  std::map<std::string, std::int64_t> by_verdict;  // verdict → laptops in state ASSIGNED
  std::int64_t on_order = 0;
  std::vector<Alert> alerts;
  inventory::CivilDate as_of;
};

// What a question is asked with.
struct ViewContext {
  std::int64_t now = 0;  // UTC microseconds
  inventory::CivilDate today;
  std::string zone;              // e.g. "Europe/Paris"
  std::int64_t stale_after = 0;  // microseconds without a report after which a verdict is STALE
  // In force: gives the checks their titles and remedies. Null: posture::DefaultPolicy().
  const posture::Policy* policy = nullptr;
};

// Questions over one snapshot of the database. Lives on one reader thread; every call of one job
// sees the same snapshot.
class View {
 public:
  // `columns`: what is kept of `db` in memory, for questions about the whole fleet as it is now.
  // Null, or of a connection that writes: every question is answered by SQL alone.
  explicit View(store::Connection& db, store::KeptColumns* columns = nullptr);
  ~View();
  View(View&&) = delete;

  // Starts a job: what "now" and "today" are for the calls that follow. Nothing has been read yet
  // in the transaction that they will share.
  void Begin(ViewContext context);
  const ViewContext& context() const;
  // For the access and check-in questions that take a snapshot.
  store::Connection& connection();

  // `name`: an asset tag, else a serial, else the day's support code. NOT_FOUND LAPTOP_NOT_FOUND;
  // FAILED_PRECONDITION SUPPORT_CODE_AMBIGUOUS.
  absl::StatusOr<LaptopRow> GetLaptop(std::string_view name, const inventory::Moment& moment);
  // `facts`: fields whose values come with each row. INVALID_ARGUMENT BAD_FILTER, BAD_ORDER,
  // BAD_PAGE_SIZE.
  absl::StatusOr<Page<LaptopRow>> ListLaptops(const ListQuery& query,
                                              const std::vector<std::string>& facts);
  // Row id of a laptop, for the stores of facts and devices. Named, and refused, as in GetLaptop.
  absl::StatusOr<std::int64_t> LaptopId(std::string_view name);

  // Why a laptop is, or is not, ready; as of now. Named, and refused, as in GetLaptop.
  absl::StatusOr<Readiness> Explain(std::string_view name);

  absl::StatusOr<inventory::Person> GetPerson(std::string_view id, const inventory::Moment& moment);
  absl::StatusOr<Page<inventory::Person>> ListPeople(const ListQuery& query);

  absl::StatusOr<inventory::Site> GetSite(std::string_view code);
  absl::StatusOr<Page<inventory::Site>> ListSites(const ListQuery& query);

  absl::StatusOr<procurement::Order> GetOrder(std::string_view reference,
                                              const inventory::Moment& moment);
  absl::StatusOr<Page<procurement::Order>> ListOrders(const ListQuery& query);
  // One for each supplier, by name.
  absl::StatusOr<std::vector<procurement::Punctuality>> ListSuppliers(
      const inventory::Moment& moment);

  // What a forecast assumes. Without a day, as of today.
  absl::StatusOr<procurement::Planning> GetPlanning(const inventory::Moment& moment);
  // By due date.
  absl::StatusOr<std::vector<procurement::Target>> ListTargets(const inventory::Moment& moment);

  // What happened to a laptop, or to laptops while a person was concerned; newest first.
  absl::StatusOr<Page<inventory::LaptopHistoryEntry>> LaptopHistory(std::string_view name,
                                                                    const ListQuery& query);
  absl::StatusOr<Page<inventory::LaptopHistoryEntry>> PersonHistory(std::string_view id,
                                                                    const ListQuery& query);

  // `filter` picks people; empty: everybody. People who have left, or not yet come, on the day
  // asked about do not count.
  absl::StatusOr<Status> GetStatus(std::string_view filter, const inventory::Moment& moment);

  // Devices and tokens are shown as they are now: `moment` of a query is not asked.
  // NOT_FOUND DEVICE_NOT_FOUND.
  absl::StatusOr<DeviceRow> GetDevice(std::string_view id);
  absl::StatusOr<Page<DeviceRow>> ListDevices(const ListQuery& query);
  // NOT_FOUND TOKEN_NOT_FOUND, REQUEST_NOT_FOUND. A change answers with what it made or changed by
  // asking a View over its own connection (Change::connection()).
  absl::StatusOr<EnrolmentTokenRow> GetEnrolmentToken(std::string_view id);
  absl::StatusOr<EnrolmentRequestRow> GetEnrolmentRequest(std::string_view id);
  absl::StatusOr<ApiTokenRow> GetApiToken(std::string_view id);
  // Newest first. These have no fields: INVALID_ARGUMENT BAD_FILTER, BAD_ORDER when `filter` or
  // `order_by` is not empty.
  absl::StatusOr<Page<EnrolmentTokenRow>> ListEnrolmentTokens(const ListQuery& query);
  absl::StatusOr<Page<EnrolmentRequestRow>> ListEnrolmentRequests(const ListQuery& query);
  absl::StatusOr<Page<ApiTokenRow>> ListApiTokens(const ListQuery& query);

  // What a view works with; defined for the files that implement it.
  struct Stores;

 private:
  std::unique_ptr<Stores> stores_;
};

}  // namespace parc::fleet
