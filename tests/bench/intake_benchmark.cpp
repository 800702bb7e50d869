// A check-in without its connection: from the bytes of a report to the commit that answers it, 256
// to a batch, on fleets of two sizes. What the daemon hands to the disk for each is the counter
// `written`; it means little below a few thousand reports.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "daemon/access/ca.h"
#include "daemon/access/device_changes.h"
#include "daemon/access/devices.h"
#include "daemon/checkin/intake.h"
#include "daemon/posture/in_force.h"
#include "daemon/posture/policy.h"
#include "daemon/rpc/convert_facts.h"
#include "daemon/store/database.h"
#include "daemon/store/group_commit.h"
#include "fmt/format.h"
#include "parc/v1/agent.pb.h"
#include "tests/bench/swarm/report.h"

namespace parc {
namespace {

constexpr std::int64_t kBegin = 1'772'366'400'000'000;  // 2026-03-01T12:00:00Z
constexpr int kBatch = 256;

template <typename T>
T Must(absl::StatusOr<T> value) {
  if (!value.ok()) std::abort();
  return *std::move(value);
}
void Must(const absl::Status& status) {
  if (!status.ok()) std::abort();
}

std::string Loaded(std::size_t size) {
  static std::mt19937_64 random(1);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

// Bytes that this process caused to be written.
std::int64_t Written() {
  std::ifstream io("/proc/self/io");
  std::string name;
  std::int64_t value = 0;
  while (io >> name >> value) {
    if (name == "write_bytes:") return value;
  }
  return 0;
}

// A fleet that has reported once, and its intake; writes happen when they are asked for.
class Storm {
 public:
  explicit Storm(int laptops) : laptops_(laptops), agents_(static_cast<std::size_t>(laptops)) {
    std::string name = std::filesystem::current_path() / "parc-benchmark-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) std::abort();
    directory_ = name;
    database_ = Must(store::Database::Open(directory_ / "state"));
    store::Connection& db = database_->writer();
    Must(db.Execute(fmt::format(
        "BEGIN; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) "
        "INSERT INTO laptops SELECT i, printf('SWARM-%08d', i), printf('swarm-%08d', i), "
        "printf('SW%08d', i), printf('sw%08d', i), 'Dell Inc.', 'Latitude 5420', 'ASSIGNED', "
        "'2026-01-01', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '', '', '', 1, NULL FROM n;"
        "INSERT INTO devices SELECT id, printf('01900000-0000-7000-8000-%012d', id), id, 'ACTIVE', "
        "'0.1.0', 0, NULL, '', '', printf('%032x', id), 0, NULL, NULL, '', 0 FROM laptops; COMMIT",
        laptops)));
    Must(access::CertificateAuthority::CreateForTrial(directory_ / "ca", kBegin, Loaded));
    ca_ = Must(access::CertificateAuthority::Load(directory_ / "ca", {}, kBegin, Loaded));
    devices_ = Must(access::Devices::Load(db));
    changes_ = std::make_unique<access::DeviceChanges>(db, *devices_, *ca_, Loaded);
    store::GroupCommit::Options options;
    options.own_thread = false;
    commits_ = std::make_unique<store::GroupCommit>(db, options);
    intake_ = std::make_unique<checkin::Intake>(*commits_, db, *changes_, policies_,
                                                checkin::Pacing{.least = 0});
    for (int done = 0; done < laptops_; done += kBatch) Take(Make(swarm::ChangeAll, true));
    Must(db.Checkpoint(true));
  }
  ~Storm() {
    intake_.reset();
    commits_.reset();
    changes_.reset();
    database_.reset();
    std::filesystem::remove_all(directory_);
  }
  Storm(Storm&&) = delete;

  struct Message {
    access::DeviceIdentity device;
    std::string bytes;
  };

  // The next reports, of laptops in no order; `change` says what became different.
  template <typename Change>
  std::vector<Message> Make(Change change, bool complete) {
    std::vector<Message> messages;
    for (int i = 0; i < kBatch; ++i) {
      at_ = (at_ + 7'919) % laptops_;
      Agent& agent = agents_[static_cast<std::size_t>(at_)];
      const unsigned sections = change(agent.condition, dice_);
      const auto number = static_cast<std::uint32_t>(at_ + 1);
      const swarm::Digest base = agent.digest;
      const std::string bytes(writer_.Write({.number = number,
                                             .condition = agent.condition,
                                             .sequence = ++agent.sequence,
                                             .sent = now_ / 1'000'000,
                                             .base = complete ? nullptr : &base,
                                             .sections = sections},
                                            agent.digest));
      messages.push_back({{.id = fmt::format("01900000-0000-7000-8000-{:012}", number),
                           .row = number,
                           .laptop = number,
                           .serial = {}},
                          bytes});
    }
    return messages;
  }

  void Take(const std::vector<Message>& messages) {
    now_ += 20'000;  // 12,800 a second
    for (const Message& message : messages) {
      v1::CheckInRequest request;
      if (!request.ParseFromString(message.bytes)) std::abort();
      Must(intake_->Submit(message.device, Must(rpc::ReportFrom(request)), now_,
                           [](const absl::StatusOr<checkin::Answer>& answer) {
                             if (!answer.ok() || answer->send_complete) std::abort();
                           }));
    }
    commits_->WriteBatch();
  }

  // As the writer's thread does in a pause.
  void Settle() { Must(database_->writer().Checkpoint(true)); }

 private:
  struct Agent {
    swarm::Condition condition;
    std::uint64_t sequence = 1u << 28;
    swarm::Digest digest = {};
  };

  const int laptops_;
  std::vector<Agent> agents_;
  std::filesystem::path directory_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<access::CertificateAuthority> ca_;
  std::unique_ptr<access::Devices> devices_;
  std::unique_ptr<access::DeviceChanges> changes_;
  std::unique_ptr<store::GroupCommit> commits_;
  posture::PolicyInForce policies_{posture::DefaultPolicy()};
  std::unique_ptr<checkin::Intake> intake_;
  swarm::ReportWriter writer_;
  swarm::Dice dice_{1};
  int at_ = 0;
  std::int64_t now_ = kBegin;
};

template <typename Change>
void Run(benchmark::State& state, Change change) {
  static std::map<std::int64_t, std::unique_ptr<Storm>> storms;
  std::unique_ptr<Storm>& storm = storms[state.range(0)];
  if (storm == nullptr) storm = std::make_unique<Storm>(static_cast<int>(state.range(0)));
  storm->Settle();
  const std::int64_t before = Written();
  std::int64_t reports = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const auto messages = storm->Make(change, false);
    state.ResumeTiming();
    storm->Take(messages);
    reports += kBatch;
  }
  storm->Settle();
  state.SetItemsProcessed(reports);
  state.counters["cpu"] = benchmark::Counter(
      static_cast<double>(reports), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["written"] =
      static_cast<double>(Written() - before) / static_cast<double>(reports);
}

void Unchanged(benchmark::State& state) {
  Run(state, [](swarm::Condition&, swarm::Dice&) { return 0u; });
}
void OneSection(benchmark::State& state) { Run(state, swarm::Live); }
void EverySection(benchmark::State& state) { Run(state, swarm::ChangeAll); }
BENCHMARK(Unchanged)->Arg(1'000)->Arg(100'000);
BENCHMARK(OneSection)->Arg(1'000)->Arg(100'000);
BENCHMARK(EverySection)->Arg(1'000)->Arg(100'000);

}  // namespace
}  // namespace parc
