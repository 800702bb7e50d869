#include "daemon/store/logged_contacts.h"

#include <sqlite3.h>

#include <cstdint>
#include <optional>
#include <unordered_map>

namespace parc::store {
namespace {

// The table `contact_log` as one connection sees it.
class LoggedContacts {
 public:
  struct Contact {
    std::int64_t id = 0;
    std::int64_t laptop = 0;
    std::int64_t device = 0;
    std::int64_t seen = 0;
    std::int64_t sequence = 0;

    bool operator==(const Contact&) const = default;
  };

  explicit LoggedContacts(sqlite3* handle) : handle_(handle) {}

  // Brings what is known up to the snapshot that is being read. Returns an SQLite code.
  int Refresh() {
    std::int64_t newest = 0;
    std::int64_t rows = 0;
    int code = Query(
        "SELECT (SELECT min(id) FROM contact_log), (SELECT max(id) FROM contact_log), "
        "(SELECT count(*) FROM contact_log)",
        0, 0, [&](const auto& column) {
          oldest_ = column(0);
          newest = column(1);
          rows = column(2);
        });
    if (code != SQLITE_OK) return code;
    std::optional<Contact> at_last;
    code = Read(last_.id, last_.id, [&](const Contact& contact) { at_last = contact; });
    if (code != SQLITE_OK) return code;
    // Numbers begin anew when the log is empty, and have gaps only where somebody else deleted.
    const bool goes_on = at_last == last_ && rows == newest - oldest_ + 1;
    if (!goes_on || by_laptop_.size() > kSpare + 2 * static_cast<std::size_t>(rows)) {
      by_laptop_.clear();
      last_ = {};
    }
    return Read(last_.id + 1, INT64_MAX, [&](const Contact& contact) {
      by_laptop_[contact.laptop] = contact;
      last_ = contact;
    });
  }

  // Null when the log says no more than the row of `contacts` that the arguments are of.
  const Contact* Find(std::int64_t laptop, std::int64_t device, std::int64_t sequence) const {
    const auto found = by_laptop_.find(laptop);
    if (found == by_laptop_.end()) return nullptr;
    const Contact& contact = found->second;
    const bool newer =
        contact.id >= oldest_ && contact.device == device && contact.sequence > sequence;
    return newer ? &contact : nullptr;
  }

 private:
  static constexpr std::size_t kSpare = 1024;

  // Prepared each time: a connection that is closed waits for statements that are kept.
  template <typename Each>
  int Query(const char* sql, std::int64_t first, std::int64_t last, Each each) {
    sqlite3_stmt* statement = nullptr;
    int code = sqlite3_prepare_v2(handle_, sql, -1, &statement, nullptr);
    if (code != SQLITE_OK) return code;
    sqlite3_bind_int64(statement, 1, first);  // of a statement that has parameters
    sqlite3_bind_int64(statement, 2, last);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
      each([&](int column) { return sqlite3_column_int64(statement, column); });
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
  }

  template <typename Each>
  int Read(std::int64_t first, std::int64_t last, Each each) {
    return Query(
        "SELECT id, laptop, device, seen, report_seq FROM contact_log WHERE id BETWEEN ?1 AND ?2 "
        "ORDER BY id",
        first, last, [&](const auto& column) {
          each(Contact{column(0), column(1), column(2), column(3), column(4)});
        });
  }

  sqlite3* const handle_;
  std::int64_t oldest_ = 0;
  Contact last_;  // that was read
  std::unordered_map<std::int64_t, Contact> by_laptop_;
};

template <std::int64_t LoggedContacts::Contact::*kMember>
void Logged(sqlite3_context* context, int, sqlite3_value** values) {
  auto& logged = *static_cast<LoggedContacts*>(sqlite3_user_data(context));
  // What belongs to a constant argument lives as long as the statement runs.
  if (sqlite3_get_auxdata(context, 0) == nullptr) {
    if (const int code = logged.Refresh(); code != SQLITE_OK)
      return sqlite3_result_error_code(context, code);
    sqlite3_set_auxdata(context, 0, &logged, nullptr);
  }
  const LoggedContacts::Contact* contact =
      logged.Find(sqlite3_value_int64(values[1]), sqlite3_value_int64(values[2]),
                  sqlite3_value_int64(values[3]));
  if (contact != nullptr) sqlite3_result_int64(context, contact->*kMember);
}

}  // namespace

int RegisterLoggedContacts(sqlite3* handle) {
  auto* logged = new LoggedContacts(handle);
  const auto add = [&](const char* name, auto function, void (*destroy)(void*)) {
    return sqlite3_create_function_v2(handle, name, 4, SQLITE_UTF8 | SQLITE_DIRECTONLY, logged,
                                      function, nullptr, nullptr, destroy);
  };
  // SQLite destroys it, also when the function cannot be added.
  const int code = add("logged_seen", Logged<&LoggedContacts::Contact::seen>,
                       [](void* made) { delete static_cast<LoggedContacts*>(made); });
  if (code != SQLITE_OK) return code;
  return add("logged_sequence", Logged<&LoggedContacts::Contact::sequence>, nullptr);
}

}  // namespace parc::store
