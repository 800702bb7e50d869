#include "daemon/rpc/deadlines.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <vector>

namespace parc::rpc {
namespace {

using Clock = Deadlines::Clock;

struct Waiting final : Deadlines::Owner {
  void TimeIsOver() override {
    if (order != nullptr) order->push_back(number);
    ++told;
    over.set_value();
  }
  void Await() {
    REQUIRE(over.get_future().wait_for(std::chrono::seconds(60)) == std::future_status::ready);
  }

  std::vector<int>* order = nullptr;  // only the thread of the deadlines writes
  int number = 0;
  std::atomic<int> told{0};
  std::promise<void> over;
};

}  // namespace

TEST_CASE("calls are told in the order of their deadlines, whichever came first") {
  Deadlines deadlines;
  std::vector<int> order;
  std::vector<std::shared_ptr<Waiting>> calls;
  const Clock::time_point now = Clock::now();
  for (const int milliseconds : {60, 20, 40, 0}) {
    auto call = std::make_shared<Waiting>();
    call->order = &order;
    call->number = milliseconds;
    deadlines.Add(now + std::chrono::milliseconds(500 + milliseconds), call);
    calls.push_back(std::move(call));
  }
  calls.front()->Await();
  CHECK(order == std::vector<int>{0, 20, 40, 60});
  CHECK(Clock::now() >= now + std::chrono::milliseconds(560));
}

TEST_CASE("nobody is told who was answered before, or is gone") {
  Deadlines deadlines;
  const auto answered = std::make_shared<Waiting>();
  const auto late = std::make_shared<Waiting>();
  auto gone = std::make_shared<Waiting>();
  const Clock::time_point when = Clock::now() + std::chrono::milliseconds(300);
  deadlines.Add(when, answered);
  deadlines.Add(when, gone);
  deadlines.Add(when, late);
  gone.reset();
  deadlines.Remove(*answered);
  deadlines.Remove(*answered);
  deadlines.Remove(Waiting());
  late->Await();
  deadlines.Remove(*late);
  CHECK(answered->told == 0);
  CHECK(late->told == 1);
}

TEST_CASE(
    "a deadline that is over already is told at once, and one far away does not hold up the end") {
  Deadlines deadlines;
  const auto over = std::make_shared<Waiting>();
  const auto far = std::make_shared<Waiting>();
  deadlines.Add(Clock::now() + std::chrono::hours(1), far);
  deadlines.Add(Clock::now() - std::chrono::seconds(1), over);
  over->Await();
  CHECK(far->told == 0);
}

}  // namespace parc::rpc
