#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "daemon/rpc/call.h"

// Calls that compute for a while: they answer a stream, which tells how far they are and ends with
// the result.
namespace parc::rpc {

class LongCall : public Call {
 public:
  using Call::Call;

  // Sends `message`, unless an earlier one is still on its way: how far a computation is grows old.
  // From any thread; nothing after the answer.
  virtual void Report(const google::protobuf::Message& message) = 0;

  // Sends `message` after those that wait already. False, and nothing sent, when kMostWaiting do:
  // the client does not read fast enough. From any thread.
  virtual bool Push(const google::protobuf::Message& message) = 0;
  static constexpr std::size_t kMostWaiting = 1024;
};

// Answers a long call, later and from any thread. An error that it returns is the answer.
using LongHandler = std::function<absl::Status(const std::shared_ptr<LongCall>& call,
                                               const grpc::ByteBuffer& request)>;

// Takes a long call along the path of every call.
grpc::ServerWriteReactor<grpc::ByteBuffer>* StartLong(std::shared_ptr<CallPath> path,
                                                      const Method& method,
                                                      const LongHandler& handler,
                                                      grpc::CallbackServerContext& context,
                                                      const grpc::ByteBuffer& request);

}  // namespace parc::rpc
