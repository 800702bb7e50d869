#include "daemon/store/versions.h"

#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <vector>

#include "daemon/store/person_store.h"
#include "fmt/format.h"
#include "tests/support/dice.h"
#include "tests/support/scratch_store.h"

namespace parc::store {
namespace {

using inventory::CivilDate;
using inventory::Moment;
using test::Dice;

constexpr CivilDate kFirstDay{2020, 3, 1};

PersonRecord Person(std::int64_t row, int id, const std::string& name) {
  PersonRecord record;
  record.row = row;
  record.person.id = fmt::format("p-{}", id);
  record.person.name = name;
  record.person.population = "Siège";
  return record;
}

// The naive model of a history: what was said of one person, in the order it was stored.
struct Saying {
  CivilDate effective;
  std::int64_t known = 0;
  std::string name;
};

// What was true at the end of `day`, by what had been stored at `known`.
std::optional<std::string> Model(const std::vector<Saying>& history, const CivilDate& day,
                                 std::int64_t known) {
  std::optional<std::string> name;
  for (const Saying& saying : history) {
    if (saying.known <= known && saying.effective <= day) name = saying.name;
  }
  return name;
}

// Every name that the versions give for that moment, which must be one or none.
std::vector<std::string> Stored(Connection& db, std::int64_t row, const Moment& moment,
                                const CivilDate& today) {
  std::vector<std::string> names;
  Statement select(
      db, fmt::format("SELECT name FROM {} WHERE id = ?1", SourceAt(kPeople, moment, today)));
  REQUIRE(select
              .Query(
                  [&](const Row& found) {
                    names.push_back(found.Text(0));
                    return absl::OkStatus();
                  },
                  row)
              .ok());
  return names;
}

struct Written {
  std::int64_t row = 0;
  std::vector<Saying> history;
};

// Writes a random history: days never go back, commit times may stand still or, with `clock_jumps`,
// go back, as a clock that is set back does.
Written WriteHistory(test::ScratchStore& store, int id, Dice& dice, bool clock_jumps) {
  Written written;
  CivilDate day = kFirstDay;
  std::int64_t now = 1000 + dice.Below(3);
  const absl::Status status = store.Write([&](Connection& db) -> absl::Status {
    PersonStore people(db);
    for (int i = 0; i < 8; ++i) {
      const std::string name = fmt::format("name {}", i);
      if (i == 0) {
        const auto row = people.Insert(Person(0, id, name), day, now);
        if (!row.ok()) return row.status();
        written.row = *row;
      } else if (absl::Status replaced = people.Replace(Person(written.row, id, name), day, now);
                 !replaced.ok()) {
        return replaced;
      }
      // Known when it was stored, whatever the clock said: never before what was stored earlier.
      const std::int64_t known =
          written.history.empty() ? now : std::max(now, written.history.back().known);
      written.history.push_back({day, known, name});
      day = inventory::AddDays(day, dice.Below(3));
      now += clock_jumps && dice.OneIn(3) ? -dice.Below(4) : dice.Below(3);
    }
    return absl::OkStatus();
  });
  INFO(status);
  REQUIRE(status.ok());
  return written;
}

TEST_CASE("every history answers as of any day and any knowledge as the naive model does") {
  const bool clock_jumps = GENERATE(false, true);
  test::ScratchStore store;
  Dice dice(clock_jumps ? 2 : 1);
  for (int id = 0; id < 40; ++id) {
    const Written written = WriteHistory(store, id, dice, clock_jumps);
    const CivilDate last = written.history.back().effective;
    const std::int64_t last_known = written.history.back().known;
    for (CivilDate day = inventory::AddDays(kFirstDay, -1); day <= inventory::AddDays(last, 1);
         day = inventory::AddDays(day, 1)) {
      for (std::int64_t known = 990; known <= last_known + 1; ++known) {
        INFO("person " << id << " as of " << inventory::ToIso(day) << ", known at " << known);
        const std::vector<std::string> stored =
            Stored(store.reader(), written.row, {.as_of = day, .known_at = known}, last);
        const std::optional<std::string> expected = Model(written.history, day, known);
        REQUIRE(stored.size() == (expected.has_value() ? 1U : 0U));
        if (expected.has_value()) REQUIRE(stored.front() == *expected);
      }
    }
    // Without a moment: the newest word; with a day alone: by all that is known.
    CHECK(Stored(store.reader(), written.row, {}, last) ==
          std::vector<std::string>{written.history.back().name});
    CHECK(Stored(store.reader(), written.row, {.as_of = last, .known_at = std::nullopt}, last) ==
          std::vector<std::string>{written.history.back().name});
    CHECK(Stored(store.reader(), written.row, {.as_of = std::nullopt, .known_at = last_known},
                 last) == std::vector<std::string>{written.history.back().name});
  }
}

TEST_CASE("a correction for the same day replaces what was believed, and the old belief stays") {
  test::ScratchStore store;
  std::int64_t row = 0;
  REQUIRE(store
              .Write([&](Connection& db) -> absl::Status {
                PersonStore people(db);
                const auto inserted = people.Insert(Person(0, 1, "Dupond"), kFirstDay, 1000);
                if (!inserted.ok()) return inserted.status();
                row = *inserted;
                return people.Replace(Person(row, 1, "Dupont"), kFirstDay, 2000);
              })
              .ok());
  const auto name_at = [&](std::int64_t known) {
    return Stored(store.reader(), row, {.as_of = kFirstDay, .known_at = known}, kFirstDay);
  };
  CHECK(name_at(999).empty());
  CHECK(name_at(1000) == std::vector<std::string>{"Dupond"});
  CHECK(name_at(1999) == std::vector<std::string>{"Dupond"});
  CHECK(name_at(2000) == std::vector<std::string>{"Dupont"});
}

TEST_CASE("the effective day of the newest version is told; a row without one has none") {
  test::ScratchStore store;
  REQUIRE(
      store
          .Write([&](Connection& db) -> absl::Status {
            PersonStore people(db);
            const auto row = people.Insert(Person(0, 1, "a"), kFirstDay, 1);
            if (!row.ok()) return row.status();
            const CivilDate later = inventory::AddDays(kFirstDay, 5);
            if (absl::Status status = people.Replace(Person(*row, 1, "b"), later, 2); !status.ok())
              return status;
            CHECK(*people.EffectiveFrom(*row) == later);
            CHECK(people.EffectiveFrom(*row + 1).status().code() == absl::StatusCode::kNotFound);
            return absl::OkStatus();
          })
          .ok());
}

}  // namespace
}  // namespace parc::store
