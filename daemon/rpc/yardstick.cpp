#include "daemon/rpc/yardstick.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <utility>

#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "grpcpp/impl/codegen/server_callback_handlers.h"
#include "grpcpp/impl/rpc_service_method.h"
#include "grpcpp/support/byte_buffer.h"

namespace {

std::atomic<std::uint64_t> syncs{0};

}  // namespace

// In the place of libc's, for SQLite too: what a library calls is looked up in the program first.
extern "C" int fsync(int fd) {
  syncs.fetch_add(1, std::memory_order_relaxed);
  return static_cast<int>(syscall(SYS_fsync, fd));
}
extern "C" int fdatasync(int fd) {
  syncs.fetch_add(1, std::memory_order_relaxed);
  return static_cast<int>(syscall(SYS_fdatasync, fd));
}

namespace parc::rpc {
namespace {

using grpc::ByteBuffer;
using grpc::internal::RpcServiceMethod;

class Yardstick final : public grpc::Service {
 public:
  Yardstick() {
    Add("/parc.bench.v1.Yardstick/Nothing", [] { return std::string(); });
    Add("/parc.bench.v1.Yardstick/Syncs", [] { return std::to_string(syncs.load()); });
  }

 private:
  template <typename Answer>
  void Add(const char* name, Answer answer) {
    auto start = [answer](grpc::CallbackServerContext* context, const ByteBuffer*,
                          ByteBuffer* response) -> grpc::ServerUnaryReactor* {
      const grpc::Slice slice(answer());
      *response = ByteBuffer(&slice, 1);
      grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
      reactor->Finish(grpc::Status::OK);
      return reactor;
    };
    auto method = std::make_unique<RpcServiceMethod>(
        name, grpc::internal::RpcMethod::NORMAL_RPC,
        new grpc::internal::CallbackUnaryHandler<ByteBuffer, ByteBuffer>(std::move(start)));
    method->SetServerApiType(RpcServiceMethod::ApiType::RAW_CALL_BACK);
    AddMethod(method.release());
  }
};

}  // namespace

std::unique_ptr<grpc::Service> MakeYardstick() { return std::make_unique<Yardstick>(); }

Identify SpeakForOthers(Identify identify, const access::Devices& devices) {
  return [identify = std::move(identify), &devices](const grpc::ServerContextBase& context,
                                                    std::int64_t now) -> absl::StatusOr<Peer> {
    PARC_ASSIGN(Peer peer, identify(context, now));
    const auto named = context.client_metadata().find("parc-bench-device");
    if (named == context.client_metadata().end() || !peer.device.has_value()) return peer;
    peer.device->id = std::string(named->second.data(), named->second.size());
    const auto entry = devices.Find(peer.device->id);
    if (!entry.has_value()) {
      return Refuse(absl::StatusCode::kPermissionDenied, "UNKNOWN_DEVICE",
                    "parc-bench-device names no device.");
    }
    peer.device->row = entry->row;
    peer.device->laptop = entry->laptop;
    return peer;
  };
}

}  // namespace parc::rpc
