// The pieces of a check-in and of a list, each alone. Time by itself says little on a shared
// machine: compare lines of one run. `--benchmark_filter=…` picks some.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "agent/report/delta.h"
#include "daemon/filter/match.h"
#include "daemon/filter/parse.h"
#include "daemon/posture/judge.h"
#include "daemon/rpc/convert_facts.h"
#include "daemon/store/contact_log.h"
#include "daemon/store/database.h"
#include "daemon/store/fact_store.h"
#include "parc/v1/agent.pb.h"
#include "tests/bench/swarm/report.h"

namespace parc {
namespace {

using inventory::FactSheet;
using inventory::FieldId;
using inventory::Value;

constexpr std::int64_t kNow = 1'772'366'400'000'000;  // 2026-03-01T12:00:00Z
constexpr int kLaptops = 10'000;
constexpr char kFilter[] =
    "state = ASSIGNED AND os.version < 13 AND (disk.encrypted = false OR updates.pending > 5) AND "
    "model:Latitude";

// Ends the program: a benchmark of something that failed would only look fast.
template <typename T>
T Must(absl::StatusOr<T> value) {
  if (!value.ok()) std::abort();
  return *std::move(value);
}
void Must(const absl::Status& status) {
  if (!status.ok()) std::abort();
}

std::string CompleteReport(swarm::ReportWriter& writer, const swarm::Condition& condition,
                           std::uint64_t sequence) {
  swarm::Digest digest;
  return std::string(writer.Write(
      {.number = 42, .condition = condition, .sequence = sequence, .sent = kNow / 1'000'000},
      digest));
}

FactSheet FactsOf(const swarm::Condition& condition) {
  swarm::ReportWriter writer;
  v1::CheckInRequest request;
  if (!request.ParseFromString(CompleteReport(writer, condition, 1u << 28))) std::abort();
  FactSheet facts = Must(rpc::FactsFrom(request.facts()));
  inventory::DeriveFacts(facts);
  return facts;
}

void FilterParse(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(filter::Parse(kFilter, inventory::Resource::kLaptops));
}
BENCHMARK(FilterParse);

void FilterMatch(benchmark::State& state) {
  const filter::Expression expression = Must(filter::Parse(kFilter, inventory::Resource::kLaptops));
  FactSheet facts = FactsOf({});
  facts.values[FieldId::kState] = std::string("ASSIGNED");
  facts.values[FieldId::kModel] = std::string("Latitude 5420");
  const auto value_of = [&](FieldId field) {
    return facts.values.contains(field) ? facts.values.at(field) : Value();
  };
  for (auto _ : state) benchmark::DoNotOptimize(filter::Match(expression, value_of));
}
BENCHMARK(FilterMatch);

void VerdictEvaluation(benchmark::State& state) {
  const posture::Policy& policy = posture::DefaultPolicy();
  const FactSheet facts = FactsOf({});
  const posture::Judgement before = posture::Judge(policy, facts, nullptr, kNow);
  for (auto _ : state)
    benchmark::DoNotOptimize(posture::Judge(policy, facts, &before, kNow + 900'000'000));
}
BENCHMARK(VerdictEvaluation);

void ReportDigest(benchmark::State& state) {
  swarm::ReportWriter writer;
  v1::CheckInRequest request;
  if (!request.ParseFromString(CompleteReport(writer, {}, 1u << 28))) std::abort();
  for (auto _ : state) benchmark::DoNotOptimize(agent::DigestOf(request.facts()));
}
BENCHMARK(ReportDigest);

// From the bytes of a complete report to values.
void ReportParse(benchmark::State& state) {
  swarm::ReportWriter writer;
  const std::string bytes = CompleteReport(writer, {}, 1u << 28);
  for (auto _ : state) {
    v1::CheckInRequest request;
    if (!request.ParseFromString(bytes)) std::abort();
    benchmark::DoNotOptimize(rpc::ReportFrom(request));
  }
}
BENCHMARK(ReportParse);

// What the load generator pays for one.
void ReportWrite(benchmark::State& state) {
  swarm::ReportWriter writer;
  swarm::Digest digest;
  std::uint64_t sequence = 1u << 28;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        writer.Write({.number = 42, .sequence = ++sequence, .sent = kNow / 1'000'000}, digest));
  }
}
BENCHMARK(ReportWrite);

// A database with the facts of so many laptops, and what the writer's thread does to one of them.
class StoredFleet : public benchmark::Fixture {
 public:
  void SetUp(benchmark::State&) override {
    std::string name = std::filesystem::temp_directory_path() / "parc-benchmark-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) std::abort();
    directory_ = name;
    database_ = Must(store::Database::Open(directory_));
    store::Connection& db = database_->writer();
    facts_ = std::make_unique<store::FactStore>(db);
    Must(db.Execute("PRAGMA foreign_keys = OFF"));  // facts alone
    before_ = FactsOf({});
    Must(store::Within(db, "filling", [&]() -> absl::Status {
      for (int laptop = 1; laptop <= kLaptops; ++laptop) {
        if (absl::Status status = facts_->Write(laptop, {}, before_); !status.ok()) return status;
      }
      return absl::OkStatus();
    }));
    Must(db.Execute("BEGIN IMMEDIATE"));
  }
  void TearDown(benchmark::State&) override {
    Must(database_->writer().Execute("ROLLBACK"));
    facts_.reset();
    database_.reset();
    std::filesystem::remove_all(directory_);
  }

 protected:
  // Laptops in no order, as they call.
  std::int64_t NextLaptop() { return 1 + (step_ = (step_ + 7'919) % kLaptops); }

  std::filesystem::path directory_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<store::FactStore> facts_;
  FactSheet before_;
  std::int64_t step_ = 0;
};

BENCHMARK_F(StoredFleet, RowApplyOneSection)(benchmark::State& state) {
  FactSheet after = before_;
  after.values[FieldId::kUpdatesPending] = std::int64_t{77};
  for (auto _ : state) Must(facts_->Write(NextLaptop(), before_, after));
}

BENCHMARK_F(StoredFleet, RowApplyEverySection)(benchmark::State& state) {
  const FactSheet after = FactsOf({.free_mib = 99'999, .kernel = 44, .updates = 99, .tunnel = 1});
  for (auto _ : state) Must(facts_->Write(NextLaptop(), before_, after));
}

BENCHMARK_F(StoredFleet, RowApplyUnchanged)(benchmark::State& state) {
  store::ContactLog log(database_->writer());
  for (auto _ : state) {
    ++step_;
    Must(log.Append({NextLaptop(), 1, kNow + step_, step_}));
    Must(log.CarrySome(kNow + step_));
  }
}

BENCHMARK_F(StoredFleet, RowRead)(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(facts_->Read(NextLaptop()));
}

}  // namespace
}  // namespace parc

BENCHMARK_MAIN();
