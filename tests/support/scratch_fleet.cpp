#include "tests/support/scratch_fleet.h"

#include <catch2/catch.hpp>
#include <utility>

#include "fmt/format.h"

namespace parc::test {

ScratchFleet::ScratchFleet(store::GroupCommit::Options options)
    : store(std::move(options)),
      changes_(store.commits(), store.database().writer(),
               [this](store::Connection&, std::int64_t laptop, std::string_view why,
                      std::int64_t) -> absl::StatusOr<std::function<void()>> {
                 std::string line = fmt::format("{}: {}", laptop, why);
                 revoked.push_back(line);
                 return [this, line = std::move(line)] { revoked_and_committed.push_back(line); };
               }),
      view_(store.reader()) {}

absl::StatusOr<std::string> ScratchFleet::Send(fleet::RequestIdentity identity,
                                               fleet::Changes::Apply apply) {
  fleet::ChangeContext context{.actor = "tester",
                               .now = clock.Tick(),
                               .today = clock.today(),
                               .effective = effective,
                               .reason = reason};
  Awaited<absl::StatusOr<std::string>> done;
  const absl::Status queued =
      changes_.Submit(std::move(context), std::move(identity), std::move(apply), done.Setter());
  if (!queued.ok()) return queued;
  const auto answer = done.Get();
  REQUIRE(answer != nullptr);
  return *answer;
}

fleet::View& ScratchFleet::view() {
  view_.Begin({.now = clock.now(),
               .today = clock.today(),
               .zone = clock.zone(),
               .stale_after = std::int64_t{7} * 86'400 * 1'000'000});
  return view_;
}

inventory::CivilDate Day(std::string_view iso) { return inventory::ParseIso(iso).value(); }

}  // namespace parc::test
