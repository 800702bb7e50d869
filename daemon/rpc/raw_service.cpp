#include "daemon/rpc/raw_service.h"

#include "daemon/inventory/reason.h"
#include "fmt/format.h"
#include "grpcpp/impl/codegen/server_callback_handlers.h"

namespace parc::rpc {

using grpc::ByteBuffer;
using grpc::internal::RpcMethod;

void Handlers::Unary(std::string_view name, UnaryHandler handler) {
  const Method* method = FindMethod(table_, name);
  if (method == nullptr) return;
  auto start = [path = path_, method, handler = std::move(handler)](
                   grpc::CallbackServerContext* context, const ByteBuffer* request,
                   ByteBuffer* response) {
    return StartUnary(path, *method, handler, *context, *request, *response);
  };
  entries_[std::string(name)] = {
      RpcMethod::NORMAL_RPC,
      std::make_unique<grpc::internal::CallbackUnaryHandler<ByteBuffer, ByteBuffer>>(
          std::move(start)),
      {}};
}

void Handlers::Queued(std::string_view name, UnaryHandler handler) {
  const Method* method = FindMethod(table_, name);
  if (method == nullptr) return;
  entries_[std::string(name)] = {RpcMethod::NORMAL_RPC, nullptr,
                                 QueuedMethod{path_, method, std::move(handler)}};
}

void Handlers::Long(std::string_view name, LongHandler handler) {
  const Method* method = FindMethod(table_, name);
  if (method == nullptr) return;
  auto start = [path = path_, method, handler = std::move(handler)](
                   grpc::CallbackServerContext* context, const ByteBuffer* request) {
    return StartLong(path, *method, handler, *context, *request);
  };
  entries_[std::string(name)] = {
      RpcMethod::SERVER_STREAMING,
      std::make_unique<grpc::internal::CallbackServerStreamingHandler<ByteBuffer, ByteBuffer>>(
          std::move(start)),
      {}};
}

void Handlers::ClientStream(std::string_view name, OpenReader open) {
  const Method* method = FindMethod(table_, name);
  if (method == nullptr) return;
  auto start = [path = path_, method, open = std::move(open)](grpc::CallbackServerContext* context,
                                                              ByteBuffer* response) {
    return open(path, *method, *context, *response);
  };
  entries_[std::string(name)] = {
      RpcMethod::CLIENT_STREAMING,
      std::make_unique<grpc::internal::CallbackClientStreamingHandler<ByteBuffer, ByteBuffer>>(
          std::move(start)),
      {}};
}

void Handlers::Bidi(std::string_view name, OpenBidi open) {
  const Method* method = FindMethod(table_, name);
  if (method == nullptr) return;
  auto start = [path = path_, method, open = std::move(open)](
                   grpc::CallbackServerContext* context) { return open(path, *method, *context); };
  entries_[std::string(name)] = {
      RpcMethod::BIDI_STREAMING,
      std::make_unique<grpc::internal::CallbackBidiHandler<ByteBuffer, ByteBuffer>>(
          std::move(start)),
      {}};
}

Handlers::Taken Handlers::Take(const char* name) {
  const auto found = entries_.find(std::string_view(name));
  if (found == entries_.end()) return {};
  Entry& entry = found->second;
  using ApiType = grpc::internal::RpcServiceMethod::ApiType;
  Taken taken;
  taken.method =
      std::make_unique<grpc::internal::RpcServiceMethod>(name, entry.type, entry.handler.release());
  taken.method->SetServerApiType(entry.queued.has_value() ? ApiType::RAW : ApiType::RAW_CALL_BACK);
  taken.queued = std::move(entry.queued);
  entries_.erase(found);
  return taken;
}

absl::StatusOr<std::unique_ptr<RawService>> RawService::Make(
    const google::protobuf::ServiceDescriptor& descriptor, Handlers& handlers) {
  std::unique_ptr<RawService> service(new RawService);
  for (int i = 0; i < descriptor.method_count(); ++i) {
    const std::string& name = service->names_.emplace_back(
        fmt::format("/{}/{}", descriptor.full_name(), descriptor.method(i)->name()));
    Handlers::Taken taken = handlers.Take(name.c_str());
    if (taken.method == nullptr) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "METHOD_NOT_LISTED",
                    fmt::format("{} has no row in the table of methods, or no handler: nobody "
                                "would know who may call it",
                                name));
    }
    service->AddMethod(taken.method.release());
    if (taken.queued.has_value()) service->queued_[i] = *std::move(taken.queued);
  }
  return service;
}

void RawService::StartQueue(int number, CallQueue& queue) {
  const QueuedMethod& queued = queued_.at(number);
  const auto request = [this, number](CallQueue::Place& place, grpc::ServerCompletionQueue& of,
                                      void* tag) {
    RequestAsyncUnary(number, &place.context, &place.request, &place.responder, &of, &of, tag);
  };
  queue.Start(request, queued.path, *queued.method, queued.handler);
}

}  // namespace parc::rpc
