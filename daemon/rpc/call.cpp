#include "daemon/rpc/call.h"

#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/rpc/masks.h"
#include "daemon/rpc/status_details.h"
#include "fmt/format.h"
#include "grpc/support/time.h"
#include "grpcpp/support/proto_buffer_reader.h"
#include "spdlog/spdlog.h"

namespace parc::rpc {
namespace {

constexpr std::size_t kMaxCause = 1024;

absl::Status TooLate() {
  return Refuse(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                "the daemon did not answer in time; a change may have been made all the same");
}

}  // namespace

Call::Call(std::shared_ptr<CallPath> path, const Method& method, grpc::ServerContextBase& context)
    : path_(std::move(path)),
      method_(method),
      server_context_(context),
      now_(path_->context.now()) {}

Call::~Call() {
  if (admitted_) path_->calls.fetch_sub(1, std::memory_order_relaxed);
}

absl::Status Call::Enter() {
  if (method_.admits != Admits::kAnyone) {
    PARC_ASSIGN(peer_, path_->identify(server_context_, now_));
  }
  PARC_TRY(Authorise(method_, peer_));
  admitted_ = true;
  if (path_->calls.fetch_add(1, std::memory_order_relaxed) >= path_->max_calls) {
    return Refuse(absl::StatusCode::kResourceExhausted, "BUSY",
                  "The daemon is busy; try again later.");
  }
  SetDeadline();
  return absl::OkStatus();
}

void Call::Handle(const UnaryHandler& handler, const grpc::ByteBuffer& request) {
  const std::shared_ptr<Call> alive = shared_from_this();  // it may end before Answer returns
  const auto run = [&]() -> absl::Status {
    PARC_TRY(Enter());
    return handler(alive, request);
  };
  if (absl::Status status = run(); !status.ok()) Answer(status);
}

void Call::SetDeadline() {
  const gpr_timespec ours = gpr_time_add(
      gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_seconds(method_.deadline.count(), GPR_TIMESPAN));
  const gpr_timespec theirs =
      gpr_convert_clock_type(server_context_.raw_deadline(), GPR_CLOCK_MONOTONIC);
  if (gpr_time_cmp(theirs, ours) <= 0) return;  // gRPC ends the call itself
  path_->deadlines->Add(Deadlines::Clock::now() + method_.deadline, shared_from_this());
}

void Call::TimeIsOver() { Answer(TooLate()); }

void Call::Answer(google::protobuf::Message& response) {
  if (answered_.exchange(true)) return;
  if (peer_.person.has_value()) Mask(peer_.person->role, response);
  Close(absl::OkStatus());
  const grpc::ByteBuffer bytes = ToBytes(response);
  Send(grpc::Status::OK, &bytes);
}

void Call::AnswerBytes(std::string response) {
  if (answered_.exchange(true)) return;
  Close(absl::OkStatus());
  const grpc::ByteBuffer bytes = ToBytes(std::move(response));
  Send(grpc::Status::OK, &bytes);
}

void Call::Answer(const absl::Status& status) {
  if (answered_.exchange(true)) return;
  if (const std::string wait = DetailOf(status, kRetryPushback); !wait.empty()) {
    server_context_.AddTrailingMetadata("grpc-retry-pushback-ms", wait);
  }
  Close(status);
  Send(ToGrpc(status), nullptr);
}

void Call::Close(const absl::Status& status) {
  path_->deadlines->Remove(*this);
  const Context& context = path_->context;
  const std::int64_t micros = context.now() - now_;
  if (IsHidden(status)) {
    context.log->warn("rpc.fault method={} peer={} cause=\"{}\"", method_.name, peer_.Name(),
                      Shown(std::string(status.message()), kMaxCause));
  } else if (context.log->should_log(spdlog::level::debug)) {
    context.log->debug("rpc.done method={} peer={} code={} reason={} micros={}", method_.name,
                       peer_.Name(), absl::StatusCodeToString(status.code()),
                       status.ok() ? "-" : ReasonOf(status), micros);
  }
  context.counters->Count(method_.name, status.code(), micros);
}

namespace {

class UnaryCall final : public Call, public grpc::ServerUnaryReactor {
 public:
  UnaryCall(std::shared_ptr<CallPath> path, const Method& method,
            grpc::CallbackServerContext& context, grpc::ByteBuffer& response)
      : Call(std::move(path), method, context), response_(response) {}

  void Start(const UnaryHandler& handler, const grpc::ByteBuffer& request) {
    self_ = std::static_pointer_cast<UnaryCall>(shared_from_this());
    Handle(handler, request);
  }

 private:
  void Send(const grpc::Status& status, const grpc::ByteBuffer* response) override {
    if (response != nullptr) response_ = *response;
    Finish(status);
  }
  void OnCancel() override { NoteCancel(); }
  void OnDone() override { self_.reset(); }

  grpc::ByteBuffer& response_;
  std::shared_ptr<UnaryCall> self_;  // until gRPC is done with the call
};

}  // namespace

absl::Status Parse(const grpc::ByteBuffer& bytes, google::protobuf::Message& message) {
  grpc::ByteBuffer copy(bytes);  // shares the slices; the reader wants to write
  grpc::ProtoBufferReader reader(&copy);
  if (reader.status().ok() && message.ParseFromZeroCopyStream(&reader)) return absl::OkStatus();
  return Refuse(
      absl::StatusCode::kInvalidArgument, "MALFORMED",
      fmt::format("The request is not a valid message of type {}.", message.GetTypeName()));
}

grpc::ByteBuffer ToBytes(const google::protobuf::Message& message) {
  return ToBytes(message.SerializeAsString());
}

grpc::ByteBuffer ToBytes(std::string message) {
  auto* kept = new std::string(std::move(message));
  const grpc::Slice slice(
      kept->data(), kept->size(), [](void* made) { delete static_cast<std::string*>(made); }, kept);
  return grpc::ByteBuffer(&slice, 1);
}

std::string Flatten(const grpc::ByteBuffer& bytes) {
  std::vector<grpc::Slice> slices;
  std::string flat;
  if (!bytes.Dump(&slices).ok()) return flat;
  flat.reserve(bytes.Length());
  for (const grpc::Slice& slice : slices) {
    flat.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return flat;
}

grpc::ServerUnaryReactor* StartUnary(std::shared_ptr<CallPath> path, const Method& method,
                                     const UnaryHandler& handler,
                                     grpc::CallbackServerContext& context,
                                     const grpc::ByteBuffer& request, grpc::ByteBuffer& response) {
  const auto call = std::make_shared<UnaryCall>(std::move(path), method, context, response);
  call->Start(handler, request);
  return call.get();
}

}  // namespace parc::rpc
