#pragma once

struct sqlite3;

namespace parc::store {

// Makes two functions known to the SQL of `handle`, which keeps what they need:
//   logged_seen(0, laptop, device, report_seq)      when the laptop's newest contact in the log
//   was, logged_sequence(0, laptop, device, report_seq)  and its number,
// when that contact is of `device` and its number is higher; else NULL. The 0 stands for the
// statement: at its first row, the rows that the log has beyond what the connection has seen of it
// are read. Returns an SQLite code.
//
// A join to the log would be read the same, and is not: where SQLite expects few rows, it looks
// through the whole log for each of them, and for a list of 100,000 laptops that took minutes.
int RegisterLoggedContacts(sqlite3* handle);

}  // namespace parc::store
