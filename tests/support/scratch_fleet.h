#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/fleet/change.h"
#include "daemon/fleet/changes.h"
#include "daemon/fleet/view.h"
#include "tests/support/manual_clock.h"
#include "tests/support/scratch_store.h"

namespace parc::test {

// A fleet on a scratch store: changes go through the commit thread, questions through a reader.
class ScratchFleet {
 public:
  explicit ScratchFleet(store::GroupCommit::Options options = {});
  ScratchFleet(ScratchFleet&&) = delete;

  ScratchStore store;
  ManualClock clock;

  // What the next changes state; the actor is "tester".
  std::optional<inventory::CivilDate> effective;
  std::string reason;

  // Every laptop whose devices a change revoked, as "laptop id: reason", in order.
  std::vector<std::string> revoked;
  std::vector<std::string> revoked_and_committed;

  // Sends one change; `apply` gives its answer.
  absl::StatusOr<std::string> Send(fleet::RequestIdentity identity, fleet::Changes::Apply apply);
  // Makes one change without a request id and returns what it returned.
  template <typename Make>
  auto Do(Make make, bool validate_only = false) {
    using Result = decltype(make(std::declval<fleet::Change&>()));
    Result result = absl::UnknownError("the change did not run");
    fleet::RequestIdentity identity;
    identity.validate_only = validate_only;
    const absl::StatusOr<std::string> sent =
        Send(std::move(identity), [&](fleet::Change& change) -> absl::StatusOr<std::string> {
          result = make(change);
          if (!result.ok()) return result.status();
          return std::string("done");
        });
    if (!sent.ok()) return Result(sent.status());
    return result;
  }

  // A view that has begun now.
  fleet::View& view();

 private:
  fleet::Changes changes_;
  fleet::View view_;
};

// "2020-03-12" as a date; on any thread.
inventory::CivilDate Day(std::string_view iso);

}  // namespace parc::test
