#include "daemon/rpc/long_call.h"

#include <deque>
#include <mutex>

#include "daemon/inventory/try.h"

namespace parc::rpc {
namespace {

class StreamingCall final : public LongCall, public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  using LongCall::LongCall;

  void Start(const LongHandler& handler, const grpc::ByteBuffer& request) {
    self_ = std::static_pointer_cast<StreamingCall>(shared_from_this());
    const auto run = [&]() -> absl::Status {
      PARC_TRY(Enter());
      return handler(self_, request);
    };
    const std::shared_ptr<StreamingCall> alive = self_;  // OnDone may come before Answer returns
    if (absl::Status status = run(); !status.ok()) Answer(status);
  }

  void Report(const google::protobuf::Message& message) override {
    const std::lock_guard lock(mutex_);
    if (writing_ || ending_.has_value()) return;
    bytes_ = ToBytes(message);
    writing_ = true;
    StartWrite(&bytes_);
  }

  bool Push(const google::protobuf::Message& message) override {
    const std::lock_guard lock(mutex_);
    if (ending_.has_value()) return true;  // nobody waits for it any more
    if (waiting_.size() >= kMostWaiting) return false;
    waiting_.push_back(ToBytes(message));
    if (!writing_) WriteNext();
    return true;
  }

 private:
  // How the call ends, once what is being written has left.
  struct Ending {
    grpc::Status status;
    std::optional<grpc::ByteBuffer> last;
  };

  void Send(const grpc::Status& status, const grpc::ByteBuffer* response) override {
    const std::lock_guard lock(mutex_);
    ending_.emplace(Ending{status, std::nullopt});
    if (response != nullptr) ending_->last = *response;
    if (!status.ok()) waiting_.clear();
    if (!writing_) End();
  }

  void OnWriteDone(bool) override {
    const std::shared_ptr<StreamingCall> alive = self_;
    const std::lock_guard lock(mutex_);
    writing_ = false;
    if (!waiting_.empty()) {
      WriteNext();
    } else if (ending_.has_value()) {
      End();
    }
  }

  void WriteNext() {
    bytes_ = waiting_.front();
    waiting_.pop_front();
    writing_ = true;
    StartWrite(&bytes_);
  }

  void End() {
    if (ending_->last.has_value()) {
      bytes_ = *ending_->last;
      StartWriteAndFinish(&bytes_, grpc::WriteOptions(), ending_->status);
    } else {
      Finish(ending_->status);
    }
  }

  // Whoever works for the call sees that nobody wants it; the call itself ends now.
  void OnCancel() override {
    NoteCancel();
    Answer(absl::CancelledError("The client gave up."));
  }
  void OnDone() override { self_.reset(); }

  // Held while gRPC is told of a write: it never calls back on the thread that tells it.
  std::mutex mutex_;
  grpc::ByteBuffer bytes_;  // being written; guarded by mutex_, like what follows
  bool writing_ = false;
  std::deque<grpc::ByteBuffer> waiting_;
  std::optional<Ending> ending_;
  std::shared_ptr<StreamingCall> self_;  // until gRPC is done with the call
};

}  // namespace

grpc::ServerWriteReactor<grpc::ByteBuffer>* StartLong(std::shared_ptr<CallPath> path,
                                                      const Method& method,
                                                      const LongHandler& handler,
                                                      grpc::CallbackServerContext& context,
                                                      const grpc::ByteBuffer& request) {
  const auto call = std::make_shared<StreamingCall>(std::move(path), method, context);
  call->Start(handler, request);
  return call.get();
}

}  // namespace parc::rpc
