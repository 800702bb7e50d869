#include "daemon/rpc/watches.h"

#include <atomic>
#include <set>

#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/rpc/convert_common.h"
#include "daemon/rpc/convert_laptops.h"
#include "daemon/rpc/convert_verdicts.h"
#include "parc/v1/readiness.pb.h"

namespace parc::rpc {
namespace {

constexpr int kToldAtOnce = 500;  // of verdicts and of events each

v1::LaptopChange WireOf(const fleet::FleetChange& change) {
  v1::LaptopChange wire;
  wire.set_laptop(NameOf("laptops", change.asset_tag));
  *wire.mutable_commit_time() = TimeToProto(change.at);
  wire.set_from_verdict(VerdictFromName(change.from));
  wire.set_to_verdict(VerdictFromName(change.to));
  for (const std::string& check : change.checks) wire.add_checks(check);
  if (change.event.has_value()) wire.set_event(ToProto(*change.event));
  if (change.from_state.has_value()) wire.set_from_state(ToProto(*change.from_state));
  if (change.to_state.has_value()) wire.set_to_state(ToProto(*change.to_state));
  return wire;
}

absl::Status Stopping() {
  return Refuse(absl::StatusCode::kUnavailable, "STOPPING", "the daemon is stopping");
}

}  // namespace

struct Watches::Watch {
  std::shared_ptr<LongCall> call;
  std::string filter;
  fleet::FleetMark mark;  // whoever holds `busy` may touch it
  std::atomic<bool> busy{false};
};

absl::Status Watches::Add(std::shared_ptr<LongCall> call, std::string filter,
                          fleet::FleetMark mark) {
  auto watch = std::make_shared<Watch>();
  watch->call = call;
  watch->filter = std::move(filter);
  watch->mark = mark;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return Stopping();
    if (watches_.size() >= kMost) {
      return Refuse(absl::StatusCode::kResourceExhausted, "BUSY",
                    "too many clients follow the fleet already; try again later");
    }
    watches_.push_back(watch);
  }
  v1::WatchFleetResponse begun;
  begun.set_resume_token(fleet::ToText(mark));
  call->Push(begun);
  return absl::OkStatus();
}

void Watches::Tick(fleet::Views& views, const fleet::ViewContext& context) {
  std::vector<std::shared_ptr<Watch>> live;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(watches_, [](const auto& watch) { return !watch->call->Wanted(); });
    live = watches_;
  }
  for (const std::shared_ptr<Watch>& watch : live) {
    if (watch->busy.exchange(true)) continue;
    const absl::Status queued = views.Submit(context, [watch](absl::StatusOr<fleet::View*> view) {
      if (view.ok() && watch->call->Wanted()) Tell(*watch, **view);
      watch->busy = false;
    });
    if (!queued.ok()) watch->busy = false;  // the readers are busy: a second later, then
  }
}

void Watches::Tell(Watch& watch, fleet::View& view) {
  const auto tell = [&]() -> absl::Status {
    v1::WatchFleetResponse message;
    PARC_ASSIGN(const fleet::FleetMark newest, fleet::NewestMark(view));
    const std::int64_t behind =
        newest.verdict - watch.mark.verdict + newest.event - watch.mark.event;
    if (behind > kMostBehind) {
      message.set_missed(behind);
      message.set_resume_token(fleet::ToText(newest));
      if (watch.call->Push(message)) watch.mark = newest;
      return absl::OkStatus();
    }
    PARC_ASSIGN(const std::vector<fleet::FleetChange> changes,
                fleet::ChangesAfter(view, watch.mark, kToldAtOnce));
    std::set<std::int64_t> laptops;
    for (const fleet::FleetChange& change : changes) laptops.insert(change.laptop);
    PARC_ASSIGN(const std::set<std::int64_t> matching,
                fleet::Matching(view, watch.filter, laptops));
    for (const fleet::FleetChange& change : changes) {
      if (matching.contains(change.laptop)) {
        *message.mutable_change() = WireOf(change);
        message.set_resume_token(fleet::ToText(change.mark));
        // Its client has enough to read: the rest stays where it is, in the history.
        if (!watch.call->Push(message)) return absl::OkStatus();
      }
      watch.mark = change.mark;
    }
    if (view.context().now - watch.call->now() < kLongest) return absl::OkStatus();
    message.clear_change();
    message.set_resume_token(fleet::ToText(watch.mark));
    watch.call->Answer(message);
    return absl::OkStatus();
  };
  if (const absl::Status told = tell(); !told.ok()) watch.call->Answer(told);
}

void Watches::Stop() {
  std::vector<std::shared_ptr<Watch>> watches;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    watches.swap(watches_);
  }
  for (const std::shared_ptr<Watch>& watch : watches) watch->call->Answer(Stopping());
}

}  // namespace parc::rpc
