// Writes the schema that the migrations make to the file named on the command line.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "daemon/store/database.h"
#include "tests/store/schema_dump.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: dump_schema FILE\n", stderr);
    return 2;
  }
  std::string directory = (std::filesystem::temp_directory_path() / "parc-schema-XXXXXX").string();
  if (mkdtemp(directory.data()) == nullptr) return 1;
  int result = 1;
  if (auto database = parc::store::Database::Open(directory); database.ok()) {
    if (auto dump = parc::test::DumpSchema((*database)->writer()); dump.ok()) {
      std::ofstream out(argv[1], std::ios::trunc);
      out << *dump;
      out.close();
      result = out.good() ? 0 : 1;
    }
  }
  std::error_code error;
  std::filesystem::remove_all(directory, error);
  return result;
}
