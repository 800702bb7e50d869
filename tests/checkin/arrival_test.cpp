#include "daemon/checkin/arrival.h"

#include <catch2/catch.hpp>

#include "tests/checkin/checkin_support.h"

namespace parc::checkin {

TEST_CASE("what a report is depends on its number, its boot and its digests") {
  struct Row {
    const char* what;
    bool known;  // number 10 of boot 1, with the facts of digest 5
    std::uint64_t sequence;
    int boot;
    int base;  // 0: complete
    int digest;
    Arrival arrival;
  };
  const Row rows[] = {
      {"the first", false, 1, 1, 0, 1, Arrival::kChanged},
      {"the first, late in its life", false, kMaxSequenceStep, 1, 0, 1, Arrival::kChanged},
      {"the first, too late", false, kMaxSequenceStep + 1, 1, 0, 1, Arrival::kOutOfStep},
      {"the first, on a base of before", false, 1, 1, 4, 5, Arrival::kUnknownBase},
      {"the first, unchanged since before", false, 1, 1, 5, 5, Arrival::kUnknownBase},
      {"the next", true, 11, 1, 0, 6, Arrival::kChanged},
      {"the next, after a restart of the laptop", true, 11, 2, 0, 6, Arrival::kChanged},
      {"a part of the facts", true, 11, 1, 5, 6, Arrival::kChanged},
      {"a part of unknown facts", true, 11, 1, 4, 6, Arrival::kUnknownBase},
      {"nothing new", true, 11, 1, 5, 5, Arrival::kUnchanged},
      {"nothing new, but complete", true, 11, 1, 0, 5, Arrival::kUnchanged},
      {"nothing new, after a lost answer", true, 11, 1, 4, 5, Arrival::kUnchanged},
      {"again", true, 10, 1, 4, 5, Arrival::kDuplicate},
      {"again, with other facts", true, 10, 1, 0, 6, Arrival::kDuplicate},
      {"the same number of another boot", true, 10, 2, 0, 6, Arrival::kStale},
      {"an earlier one", true, 9, 1, 0, 4, Arrival::kStale},
      {"an earlier one of another boot", true, 1, 2, 0, 1, Arrival::kStale},
      {"a step of 2^32", true, 10 + kMaxSequenceStep, 1, 0, 6, Arrival::kChanged},
      {"a step beyond", true, 11 + kMaxSequenceStep, 1, 0, 6, Arrival::kOutOfStep},
      {"the greatest number", true, std::uint64_t{INT64_MAX}, 1, 0, 6, Arrival::kOutOfStep},
  };
  store::Contact contact;
  contact.sequence = 10;
  contact.boot_id = BootOf(1);
  contact.digest = DigestOf(5);
  for (const Row& row : rows) {
    INFO(row.what);
    Report report = ReportOf(row.sequence, row.digest, {});
    report.boot_id = BootOf(row.boot);
    if (row.base != 0) report.base_digest = DigestOf(row.base);
    CHECK(Classify(row.known ? &contact : nullptr, report) == row.arrival);
  }
}

}  // namespace parc::checkin
