#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "daemon/rpc/call.h"
#include "daemon/rpc/call_queue.h"
#include "daemon/rpc/long_call.h"
#include "daemon/rpc/methods.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/impl/rpc_service_method.h"
#include "grpcpp/impl/service_type.h"

namespace parc::rpc {

// A method that a CallQueue serves.
struct QueuedMethod {
  std::shared_ptr<CallPath> path;
  const Method* method = nullptr;
  UnaryHandler handler;
};

// What answers the methods of one server, by full method name. Handlers get bytes, not messages.
class Handlers {
 public:
  Handlers(std::shared_ptr<CallPath> path, std::span<const Method> table)
      : path_(std::move(path)), table_(table) {}

  // A handler whose method has no row in the table is dropped: RawService::Make then refuses.
  void Unary(std::string_view name, UnaryHandler handler);
  // As Unary, by a CallQueue: for the method that is called most.
  void Queued(std::string_view name, UnaryHandler handler);
  // One request, a stream of answers.
  void Long(std::string_view name, LongHandler handler);

  // `open(path, method, context, response)` makes the reactor of one call.
  using OpenReader = std::function<grpc::ServerReadReactor<grpc::ByteBuffer>*(
      const std::shared_ptr<CallPath>&, const Method&, grpc::CallbackServerContext&,
      grpc::ByteBuffer& response)>;
  void ClientStream(std::string_view name, OpenReader open);
  using OpenBidi = std::function<grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>*(
      const std::shared_ptr<CallPath>&, const Method&, grpc::CallbackServerContext&)>;
  void Bidi(std::string_view name, OpenBidi open);

  struct Taken {
    // As gRPC wants it, with the pointer `name` kept; null when there is no handler.
    std::unique_ptr<grpc::internal::RpcServiceMethod> method;
    std::optional<QueuedMethod> queued;
  };
  Taken Take(const char* name);

 private:
  std::shared_ptr<CallPath> path_;
  std::span<const Method> table_;
  struct Entry {
    grpc::internal::RpcMethod::RpcType type;
    std::unique_ptr<grpc::internal::MethodHandler> handler;
    std::optional<QueuedMethod> queued;
  };
  std::map<std::string, Entry, std::less<>> entries_;
};

// A service made from its descriptor, every method raw. That is what protoc's classes do under the
// hood (WithRawCallbackMethod_…), without the trap that a method which nobody wrapped becomes a
// synchronous one and brings a pool of threads.
class RawService final : public grpc::Service {
 public:
  // FAILED_PRECONDITION METHOD_NOT_LISTED when a method has no row in the table or no handler.
  static absl::StatusOr<std::unique_ptr<RawService>> Make(
      const google::protobuf::ServiceDescriptor& descriptor, Handlers& handlers);

  // By their numbers. They are to be started once the server has.
  const std::map<int, QueuedMethod>& queued() const { return queued_; }
  void StartQueue(int number, CallQueue& queue);

 private:
  RawService() = default;
  std::deque<std::string> names_;  // gRPC keeps pointers to them
  std::map<int, QueuedMethod> queued_;
};

}  // namespace parc::rpc
