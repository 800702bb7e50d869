#include "daemon/fleet/changes.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/store/group_commit.h"
#include "daemon/store/sql.h"

namespace parc::fleet {
namespace {

constexpr std::int64_t kRepliesKept = std::int64_t{24} * 3600 * 1'000'000;  // microseconds

// Returned by a dry run to have its work undone; never leaves this file.
absl::Status Undo() { return absl::CancelledError("dry run"); }

}  // namespace

// One request on its way through the commit thread.
struct Changes::Pending {
  ChangeContext context;
  RequestIdentity identity;
  Apply apply;
  Done done;
  std::optional<std::string> answer;
  std::vector<std::function<void()>> effects;
};

Changes::Changes(store::GroupCommit& commits, store::Connection& writer,
                 RevokeDevices revoke_devices, Clock clock)
    : commits_(commits),
      change_(writer, std::move(revoke_devices)),
      clock_(std::move(clock)),
      find_reply_(
          std::make_unique<store::Statement>(writer,
                                             "SELECT method, body_digest, reply FROM replies WHERE "
                                             "request_id = ?1 AND committed > ?2")),
      keep_reply_(std::make_unique<store::Statement>(
          writer,
          "INSERT INTO replies(request_id, method, body_digest, reply, committed) "
          "VALUES(?1, ?2, CAST(?3 AS BLOB), CAST(?4 AS BLOB), ?5) ON CONFLICT(request_id) DO "
          "UPDATE SET "
          "method = ?2, body_digest = CAST(?3 AS BLOB), reply = CAST(?4 AS BLOB), committed = ?5")),
      forget_replies_(std::make_unique<store::Statement>(
          writer, "DELETE FROM replies WHERE committed <= ?1")) {}

Changes::~Changes() = default;

absl::StatusOr<std::optional<std::string>> Changes::EarlierReply(const Pending& pending) {
  std::optional<std::string> reply;
  bool same = true;
  PARC_TRY(find_reply_->Query(
      [&](const store::Row& row) {
        same =
            row.Text(0) == pending.identity.method && row.Blob(1) == pending.identity.body_digest;
        reply = row.Blob(2);
        return absl::OkStatus();
      },
      pending.identity.request_id, pending.context.now - kRepliesKept));
  if (!same) {
    return Refuse(absl::StatusCode::kInvalidArgument, "REQUEST_ID_REUSED",
                  "this request_id was used for another request; make a new one",
                  "options.request_id");
  }
  return reply;
}

absl::Status Changes::KeepReply(const Pending& pending) {
  PARC_TRY(forget_replies_->Run(pending.context.now - kRepliesKept));
  return keep_reply_->Run(pending.identity.request_id, pending.identity.method,
                          pending.identity.body_digest, *pending.answer, pending.context.now);
}

// Never before an earlier one: a clock that is set back must not reorder what is known.
std::int64_t Changes::Stamp() {
  last_stamp_ = std::max(last_stamp_, clock_());
  return last_stamp_;
}

absl::Status Changes::Run(Pending& pending) {
  if (clock_) pending.context.now = Stamp();
  const bool repeatable = !pending.identity.request_id.empty() && !pending.identity.validate_only;
  if (repeatable) {
    PARC_ASSIGN(pending.answer, EarlierReply(pending));
    if (pending.answer.has_value()) return absl::OkStatus();
  }
  change_.Begin(pending.context);
  PARC_ASSIGN(pending.answer, pending.apply(change_));
  pending.effects = change_.TakeEffects();
  if (pending.identity.validate_only || change_.undone()) return Undo();
  if (repeatable) PARC_TRY(KeepReply(pending));
  return absl::OkStatus();
}

absl::Status Changes::Submit(ChangeContext context, RequestIdentity identity, Apply apply,
                             Done done) {
  auto pending = std::make_shared<Pending>(Pending{.context = std::move(context),
                                                   .identity = std::move(identity),
                                                   .apply = std::move(apply),
                                                   .done = std::move(done),
                                                   .answer = std::nullopt,
                                                   .effects = {}});
  const store::Priority priority =
      pending->identity.urgent ? store::Priority::kRevocation : store::Priority::kChange;
  // An import may hold more than the whole queue may; there is one at a time, and half the queue is
  // left for others.
  constexpr std::size_t kMostBytes = 32u << 20;
  const std::size_t bytes = std::min(pending->identity.bytes, kMostBytes);
  return commits_.Submit(
      priority, bytes, [this, pending](store::Connection&) { return Run(*pending); },
      [pending](const absl::Status& status) {
        if (absl::IsCancelled(status) && pending->answer.has_value()) {
          pending->done(*std::move(pending->answer));
        } else if (!status.ok()) {
          pending->done(status);
        } else {
          for (const auto& effect : pending->effects) effect();
          pending->done(*std::move(pending->answer));
        }
      });
}

}  // namespace parc::fleet
