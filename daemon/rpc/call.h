#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/rpc/deadlines.h"
#include "daemon/rpc/methods.h"
#include "daemon/rpc/peer.h"
#include "daemon/rpc/server.h"
#include "google/protobuf/message.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"

// The one path of a call. Every RPC passes these, in this order, and nowhere else does any of them:
//
//   identify peer → authorise method → admit under load → parse → handler → one log line → one
//   counter
namespace parc::rpc {

// A detail of a refusal (WithDetail): how many milliseconds the client should wait; also sent as
// the trailer grpc-retry-pushback-ms, which gRPC's own retry policy obeys.
inline constexpr std::string_view kRetryPushback = "retry_pushback_ms";

// What the calls of one server share. Held by the calls too: a handler may still run when the
// server is gone.
struct CallPath {
  Context context;
  Identify identify;
  Deadlines* deadlines = nullptr;  // the server's, which outlives every call that is not answered
  int max_calls = 1024;            // in flight; more are told to come back
  std::atomic<int> calls{0};
};

class Call;
// Answers a unary call: now, or later from any thread. An error that it returns is the answer.
using UnaryHandler =
    std::function<absl::Status(const std::shared_ptr<Call>& call, const grpc::ByteBuffer& request)>;

// One call. Made when it arrives, shared by whatever works for it, answered once.
class Call : public Deadlines::Owner, public std::enable_shared_from_this<Call> {
 public:
  Call(std::shared_ptr<CallPath> path, const Method& method, grpc::ServerContextBase& context);
  ~Call() override;
  Call(Call&&) = delete;

  const Method& method() const { return method_; }
  const Peer& peer() const { return peer_; }
  // Only for methods that admit persons.
  const access::Caller& person() const { return *peer_.person; }
  const Context& context() const { return path_->context; }
  // When the call arrived.
  std::int64_t now() const { return now_; }

  // False when nobody waits for an answer any more.
  bool Wanted() const { return !answered_ && !cancelled_; }

  // Only the first answer counts: the deadline may have come before it. From any thread.
  // What the caller's role may not see is taken out of `response`.
  void Answer(google::protobuf::Message& response);
  // The bytes of a response in which there is nothing to take out.
  void AnswerBytes(std::string response);
  void Answer(const absl::Status& status);
  template <typename Response>
  void Answer(absl::StatusOr<Response> response) {
    if (response.ok()) {
      Answer(static_cast<google::protobuf::Message&>(*response));
    } else {
      Answer(response.status());
    }
  }

 protected:
  // Identifies, authorises, admits, and sets the deadline.
  absl::Status Enter();
  // Takes a unary call along its path, up to where its handler waits.
  void Handle(const UnaryHandler& handler, const grpc::ByteBuffer& request);
  void NoteCancel() { cancelled_ = true; }
  grpc::ServerContextBase& server_context() { return server_context_; }

 private:
  // Ends the call on the wire. `response` is null unless the status is OK.
  virtual void Send(const grpc::Status& status, const grpc::ByteBuffer* response) = 0;
  void SetDeadline();
  void TimeIsOver() override;
  // Logs and counts; on the way to Send.
  void Close(const absl::Status& status);

  const std::shared_ptr<CallPath> path_;
  const Method& method_;
  grpc::ServerContextBase& server_context_;
  const std::int64_t now_;
  Peer peer_;
  bool admitted_ = false;
  std::atomic<bool> answered_{false};
  std::atomic<bool> cancelled_{false};
};

// INVALID_ARGUMENT MALFORMED for what is no message of that type: stock gRPC 1.51 would answer
// UNIMPLEMENTED without a word, which an agent reads as "the server is too old".
absl::Status Parse(const grpc::ByteBuffer& bytes, google::protobuf::Message& message);

// The bytes of `message`, for the wire.
grpc::ByteBuffer ToBytes(const google::protobuf::Message& message);
grpc::ByteBuffer ToBytes(std::string message);
// `bytes` in one piece.
std::string Flatten(const grpc::ByteBuffer& bytes);

// Takes a unary call along its path.
grpc::ServerUnaryReactor* StartUnary(std::shared_ptr<CallPath> path, const Method& method,
                                     const UnaryHandler& handler,
                                     grpc::CallbackServerContext& context,
                                     const grpc::ByteBuffer& request, grpc::ByteBuffer& response);

}  // namespace parc::rpc
