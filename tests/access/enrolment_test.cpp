#include "daemon/access/enrolment.h"

#include <catch2/catch.hpp>
#include <future>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "daemon/inventory/reason.h"
#include "daemon/store/group_commit.h"
#include "tests/access/device_support.h"

namespace parc::access {

namespace {

constexpr auto kDeadline = std::chrono::seconds(30);

// A world whose writes go through the commit thread from now on.
struct Served {
  template <typename T>
  static absl::StatusOr<T> Await(std::future<absl::StatusOr<T>> answer) {
    REQUIRE(answer.wait_for(kDeadline) == std::future_status::ready);
    return answer.get();
  }

  std::future<absl::StatusOr<EnrolAnswer>> SubmitEnrol(const EnrolCall& call,
                                                       const std::string& source) {
    auto promise = std::make_shared<std::promise<absl::StatusOr<EnrolAnswer>>>();
    auto future = promise->get_future();
    const absl::Status queued = enrolment.SubmitEnrol(
        call, source, world.now,
        [promise](absl::StatusOr<EnrolAnswer> answer) { promise->set_value(std::move(answer)); });
    if (!queued.ok()) promise->set_value(queued);
    return future;
  }

  std::future<absl::StatusOr<DeviceCertificate>> SubmitRenew(const DeviceIdentity& device,
                                                             const std::string& csr) {
    auto promise = std::make_shared<std::promise<absl::StatusOr<DeviceCertificate>>>();
    auto future = promise->get_future();
    const absl::Status queued = enrolment.SubmitRenew(
        device, csr, world.now, [promise](absl::StatusOr<DeviceCertificate> answer) {
          promise->set_value(std::move(answer));
        });
    if (!queued.ok()) promise->set_value(queued);
    return future;
  }

  explicit Served(AccessWorld& served) : world(served) {}

  AccessWorld& world;
  store::GroupCommit commits{world.database->writer(), {}};
  Enrolment enrolment{commits, *world.changes};
};

}  // namespace

TEST_CASE("fifty laptops that use one token at once: one is let in") {
  AccessWorld world;
  world.AddLaptop("LT-1", kSerial);
  const bool bound = GENERATE(true, false);
  const std::string token = world.Token(bound ? Wish("LT-1", "") : Wish("", ""));
  constexpr int kLaptops = 50;
  const std::vector<LaptopKey> keys(kLaptops);

  std::vector<absl::StatusOr<EnrolAnswer>> answers(kLaptops, absl::UnknownError("none yet"));
  {
    store::GroupCommit commits(world.database->writer(), {});
    std::vector<std::promise<void>> answered(kLaptops);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < kLaptops; ++i) {
      threads.emplace_back([&, i] {
        // Below Enrolment's limit, which would turn most of them away before the race.
        auto effect = std::make_shared<Effect>();
        const absl::Status queued = commits.Submit(
            store::Priority::kChange, 1,
            [&, i, effect](store::Connection&) {
              answers[i] = world.changes->Enrol(CallOf(keys[i], token, kSerial), kNoon, *effect);
              return answers[i].status();
            },
            [&, i, effect](const absl::Status& status) {
              if (status.ok() && *effect) (*effect)();
              answered[i].set_value();
            });
        if (!queued.ok()) answered[i].set_value();
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (std::promise<void>& one : answered) {
      REQUIRE(one.get_future().wait_for(kDeadline) == std::future_status::ready);
    }
  }
  std::map<std::string, int> outcomes;
  for (const auto& answer : answers) ++outcomes[ReasonOf(answer.status())];
  CHECK(outcomes == std::map<std::string, int>{{"OK", 1}, {"TOKEN_REJECTED", 49}});
  CHECK(world.Count("enrolment_tokens WHERE uses = 1") == 1);
  CHECK(world.Count("enrolment_requests") == 1);
  CHECK(world.Count("devices") == (bound ? 1 : 0));
  CHECK(world.devices->active() == (bound ? 1U : 0U));
}

TEST_CASE("one laptop that asks many times at once gets one answer") {
  AccessWorld world;
  world.AddLaptop("LT-1", kSerial);
  const std::string token = world.Token(Wish("LT-1", ""));
  const LaptopKey key;
  Served served(world);
  std::vector<std::future<absl::StatusOr<EnrolAnswer>>> waiting;
  for (int i = 0; i < 5; ++i) {
    waiting.push_back(served.SubmitEnrol(CallOf(key, token, kSerial), "192.0.2.1"));
  }
  std::map<std::string, int> serials;
  for (auto& answer : waiting) ++serials[Served::Await(std::move(answer))->certificate.serial];
  CHECK(serials.size() == 1);
  CHECK(world.devices->active() == 1);
}

TEST_CASE("a renewal and its first use go through the commit thread") {
  AccessWorld world;
  world.AddLaptop("LT-1", kSerial);
  const EnrolAnswer enrolled = world.EnrolAt("LT-1", LaptopKey());
  Served served(world);
  const auto next =
      Served::Await(served.SubmitRenew(*world.Admit(enrolled.certificate), LaptopKey().csr));
  REQUIRE(next.ok());
  CHECK(world.Admit(*next)->promotes);
  const auto refused =
      Served::Await(served.SubmitRenew(*world.Admit(enrolled.certificate), "nonsense"));
  CHECK(ReasonOf(refused.status()) == "CSR_INVALID");
}

TEST_CASE("nothing is known in memory of an enrolment that did not reach the disk") {
  AccessWorld world;
  world.AddLaptop("LT-1", kSerial);
  const std::string token = world.Token(Wish("LT-1", ""));
  Served served(world);
  served.commits.FailNextCommit(Refuse(absl::StatusCode::kUnavailable, "STORAGE_FAILED", "fsync"));
  const auto answer =
      Served::Await(served.SubmitEnrol(CallOf(LaptopKey(), token, kSerial), "192.0.2.1"));
  CHECK(ReasonOf(answer.status()) == "STORAGE_FAILED");
  CHECK(world.devices->active() == 0);
}

TEST_CASE("one address may try five enrolments at once, then one a second") {
  AccessWorld world;
  Served served(world);
  const EnrolCall call = CallOf(LaptopKey(), "mistyped");
  const auto reason = [&](const std::string& source) {
    return ReasonOf(Served::Await(served.SubmitEnrol(call, source)).status());
  };
  for (int i = 0; i < 5; ++i) CHECK(reason("192.0.2.1") == "BAD_TOKEN_FORMAT");
  CHECK(reason("192.0.2.1") == "TOO_MANY_REQUESTS");
  CHECK(reason("192.0.2.2") == "BAD_TOKEN_FORMAT");
  world.now += kSecond - 1;
  CHECK(reason("192.0.2.1") == "TOO_MANY_REQUESTS");
  world.now += 1;
  CHECK(reason("192.0.2.1") == "BAD_TOKEN_FORMAT");
  CHECK(reason("192.0.2.1") == "TOO_MANY_REQUESTS");
  world.now += kMinute;
  for (int i = 0; i < 5; ++i) CHECK(reason("192.0.2.1") == "BAD_TOKEN_FORMAT");
  CHECK(reason("192.0.2.1") == "TOO_MANY_REQUESTS");
}

TEST_CASE("all addresses together may try twenty enrolments a second") {
  AccessWorld world;
  Served served(world);
  const EnrolCall call = CallOf(LaptopKey(), "mistyped");
  const auto accepted = [&](int begin, int count) {
    int taken = 0;
    for (int i = begin; i < begin + count; ++i) {
      const auto answer = Served::Await(served.SubmitEnrol(call, "192.0.2." + std::to_string(i)));
      if (ReasonOf(answer.status()) == "BAD_TOKEN_FORMAT") ++taken;
    }
    return taken;
  };
  CHECK(accepted(0, 100) == 20);
  world.now += kSecond;
  CHECK(accepted(100, 100) == 20);
  world.now += kSecond / 2;
  CHECK(accepted(0, 100) == 10);
}

TEST_CASE("a device that renews without end is slowed down") {
  AccessWorld world;
  world.AddLaptop("LT-1", kSerial);
  const EnrolAnswer enrolled = world.EnrolAt("LT-1", LaptopKey());
  const DeviceIdentity device = *world.Admit(enrolled.certificate);
  Served served(world);
  const LaptopKey key;
  for (int i = 0; i < 5; ++i) CHECK(Served::Await(served.SubmitRenew(device, key.csr)).ok());
  const auto refused = Served::Await(served.SubmitRenew(device, key.csr));
  CHECK(refused.status().code() == absl::StatusCode::kResourceExhausted);
  CHECK(ReasonOf(refused.status()) == "TOO_MANY_REQUESTS");
  world.now += kMinute;
  CHECK(Served::Await(served.SubmitRenew(device, key.csr)).ok());
}

TEST_CASE("certificates of seconds are renewed again and again, and no oftener than that takes") {
  AccessWorld world({.device_lifetime = 24 * kSecond});
  world.AddLaptop("LT-1", kSerial);
  const EnrolAnswer enrolled = world.EnrolAt("LT-1", LaptopKey());
  const DeviceIdentity device = *world.Admit(enrolled.certificate);
  Served served(world);
  const LaptopKey key;
  for (int renewal = 0; renewal < 20; ++renewal) {
    world.now += 12 * kSecond;
    CHECK(Served::Await(served.SubmitRenew(device, key.csr)).ok());
  }
  for (int i = 0; i < 4; ++i) CHECK(Served::Await(served.SubmitRenew(device, key.csr)).ok());
  CHECK(ReasonOf(Served::Await(served.SubmitRenew(device, key.csr)).status()) ==
        "TOO_MANY_REQUESTS");
  world.now += 3 * kSecond;
  CHECK(Served::Await(served.SubmitRenew(device, key.csr)).ok());
}

}  // namespace parc::access
