#include "tests/store/schema_dump.h"

#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::test {

absl::StatusOr<std::string> DumpSchema(store::Connection& db) {
  std::string dump =
      "-- What the migrations make, for reading. Written by\n"
      "--   cmake --build --preset dev --target schema\n"
      "-- and compared with the migrations by a test; parcd itself runs the migrations.\n";
  store::Statement objects(db,
                           "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid");
  PARC_TRY(objects.Query([&](const store::Row& row) {
    dump += "\n" + row.Text(0) + ";\n";
    return absl::OkStatus();
  }));
  for (const std::string name : {"application_id", "user_version"}) {
    PARC_ASSIGN(const std::int64_t value, db.Integer("PRAGMA " + name));
    dump += fmt::format("\nPRAGMA {} = {};\n", name, value);
  }
  return dump;
}

}  // namespace parc::test
