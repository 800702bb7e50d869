#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/fleet/change.h"

namespace parc::store {
class GroupCommit;
class Statement;
}  // namespace parc::store

namespace parc::fleet {

// What makes a request the same request.
struct RequestIdentity {
  std::string request_id;   // the client's UUID; empty: no repetition is recognised
  std::string method;       // "/parc.v1.LaptopService/AssignLaptop"
  std::string body_digest;  // SHA-256 of the request
  bool validate_only = false;
  // What the request holds in memory while it waits.
  std::size_t bytes = 1024;
  // Written before whatever else waits: what takes a device's or a person's access away.
  bool urgent = false;
};

// Runs changes through the group commit, once for each request id: a repeated request gets the
// bytes of the first answer, for 24 hours.
class Changes {
 public:
  // Makes the change and encodes its answer.
  using Apply = std::function<absl::StatusOr<std::string>(Change& change)>;
  using Done = std::function<void(absl::StatusOr<std::string> answer)>;

  using Clock = std::function<std::int64_t()>;  // UTC microseconds

  // `writer` is the connection that `commits` writes by; both outlive this object. By `clock` a
  // change is known from when it is written, not from when its call came: what waited for minutes
  // must not appear in an answer as of a time that was asked for before. Without one, from the
  // context's `now`.
  Changes(store::GroupCommit& commits, store::Connection& writer, RevokeDevices revoke_devices,
          Clock clock = {});
  ~Changes();
  Changes(Changes&&) = delete;

  // Queues `apply`. `done` runs once, on the commit thread, after the fsync or the failure; not at
  // all when Submit answers an error (RESOURCE_EXHAUSTED BUSY). INVALID_ARGUMENT REQUEST_ID_REUSED
  // for another method or body under the same id. With `validate_only` everything is done, answered
  // and undone.
  absl::Status Submit(ChangeContext context, RequestIdentity identity, Apply apply, Done done);

 private:
  struct Pending;

  absl::Status Run(Pending& pending);
  std::int64_t Stamp();
  absl::StatusOr<std::optional<std::string>> EarlierReply(const Pending& pending);
  absl::Status KeepReply(const Pending& pending);

  store::GroupCommit& commits_;
  Change change_;
  const Clock clock_;
  std::int64_t last_stamp_ = 0;  // commit thread
  std::unique_ptr<store::Statement> find_reply_;
  std::unique_ptr<store::Statement> keep_reply_;
  std::unique_ptr<store::Statement> forget_replies_;
};

}  // namespace parc::fleet
