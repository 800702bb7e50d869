#include "daemon/rpc/call_queue.h"

#include <pthread.h>

#include <optional>
#include <utility>

#include "grpc/support/time.h"

namespace parc::rpc {
namespace {

// Calls that may arrive before the thread has looked at the first of them; more wait in gRPC.
constexpr int kPlaces = 64;

}  // namespace

class CallQueue::QueuedCall final : public Call, public Event {
 public:
  QueuedCall(CallQueue& queue, std::unique_ptr<Place> place)
      : Call(queue.path_, *queue.method_, place->context),
        queue_(queue),
        place_(std::move(place)) {}

  void Start() {
    self_ = std::static_pointer_cast<QueuedCall>(shared_from_this());
    Handle(queue_.handler_, place_->request);
  }

  // On the thread of the queue.
  void Finish() {
    if (status_.ok()) {
      place_->responder.Finish(response_, status_, Tag());
    } else {
      place_->responder.FinishWithError(status_, Tag());
    }
  }

 private:
  void* Tag() { return static_cast<Event*>(this); }

  void Send(const grpc::Status& status, const grpc::ByteBuffer* response) override {
    status_ = status;
    if (response != nullptr) response_ = *response;
    queue_.Send(self_);
  }

  // The answer has left, or the client is gone.
  void Happen(bool) override {
    --queue_.open_;
    self_.reset();
  }

  CallQueue& queue_;
  const std::unique_ptr<Place> place_;
  grpc::Status status_;
  grpc::ByteBuffer response_;
  std::shared_ptr<QueuedCall> self_;  // until gRPC is done with the call
};

class CallQueue::Waiting final : public Event {
 public:
  explicit Waiting(CallQueue& queue) : queue_(queue) {
    queue_.request_(*place_, *queue_.queue_, static_cast<Event*>(this));
  }

  void Happen(bool arrived) override {
    const std::unique_ptr<Waiting> self(this);
    --queue_.open_;
    if (!arrived) return;  // the server shuts down
    queue_.WaitForNext();
    ++queue_.open_;
    std::make_shared<QueuedCall>(queue_, std::move(place_))->Start();
  }

 private:
  CallQueue& queue_;
  std::unique_ptr<Place> place_ = std::make_unique<Place>();
};

class CallQueue::Answers final : public Event {
 public:
  explicit Answers(CallQueue& queue) : queue_(queue) {}

  void Happen(bool) override {
    std::vector<std::shared_ptr<QueuedCall>> answered;
    {
      const std::lock_guard lock(queue_.mutex_);
      answered.swap(queue_.answered_);
    }
    for (const std::shared_ptr<QueuedCall>& call : answered) call->Finish();
  }

 private:
  CallQueue& queue_;
};

CallQueue::CallQueue(std::unique_ptr<grpc::ServerCompletionQueue> queue)
    : queue_(std::move(queue)), answers_(std::make_unique<Answers>(*this)) {}

CallQueue::~CallQueue() {
  if (thread_.joinable()) thread_.join();
  queue_->Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) {
  }
}

void CallQueue::Start(Request request, std::shared_ptr<CallPath> path, const Method& method,
                      UnaryHandler handler) {
  request_ = std::move(request);
  path_ = std::move(path);
  method_ = &method;
  handler_ = std::move(handler);
  for (int i = 0; i < kPlaces; ++i) WaitForNext();
  thread_ = std::thread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), "parc-agents");
}

void CallQueue::WaitForNext() {
  ++open_;
  new Waiting(*this);  // until gRPC gives its tag back
}

void CallQueue::Run() {
  thread_id_ = std::this_thread::get_id();
  void* tag = nullptr;
  bool ok = false;
  while (open_ > 0 && queue_->Next(&tag, &ok)) static_cast<Event*>(tag)->Happen(ok);
}

void CallQueue::Send(std::shared_ptr<QueuedCall> answered) {
  if (std::this_thread::get_id() == thread_id_) return answered->Finish();
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = answered_.empty();
    answered_.push_back(std::move(answered));
  }
  // Those that come before it looks need not wake it again.
  if (first)
    wake_.Set(queue_.get(), gpr_time_0(GPR_CLOCK_MONOTONIC), static_cast<Event*>(answers_.get()));
}

}  // namespace parc::rpc
