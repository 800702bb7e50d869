// A filter: SQL and the matcher must pick the same records, for any text that is read.

#include <filesystem>
#include <memory>
#include <set>

#include "daemon/filter/match.h"
#include "daemon/filter/parse.h"
#include "daemon/store/where.h"
#include "tests/filter/random_filter.h"
#include "tests/fuzz/fuzz.h"

namespace {

using parc::filter::Expression;
using parc::inventory::FieldId;
using parc::inventory::Resource;
using parc::inventory::Value;
using parc::store::Connection;
using parc::test::Record;

struct Sample {
  Sample() {
    db = *Connection::Open(":memory:", Connection::Mode::kWriter);
    PARC_MUST(db->Execute(parc::test::TableOfRecords()).ok());
    parc::test::Dice dice(1);
    for (int i = 0; i < 50; ++i) {
      records.push_back(parc::test::RandomRecord(dice));
      PARC_MUST(parc::test::InsertRecord(*db, i, records.back()).ok());
    }
  }
  std::unique_ptr<Connection> db;
  std::vector<Record> records;
};

void Compare(const Sample& sample, const Expression& expression) {
  const auto where = parc::store::Compile(expression, parc::test::SampleColumns());
  if (!where.ok()) return;  // a field that the sample does not have
  std::set<std::int64_t> by_sql;
  parc::store::Statement select(*sample.db, "SELECT id FROM records WHERE " + where->sql);
  PARC_MUST(select
                .QueryWith(
                    [&](const parc::store::Row& row) {
                      by_sql.insert(row.Int(0));
                      return absl::OkStatus();
                    },
                    where->binds)
                .ok());
  std::set<std::int64_t> by_matcher;
  for (std::size_t i = 0; i < sample.records.size(); ++i) {
    const bool matches = parc::filter::Match(expression, [&](FieldId field) {
      const auto found = sample.records[i].find(field);
      return found == sample.records[i].end() ? Value() : found->second;
    });
    if (matches) by_matcher.insert(static_cast<std::int64_t>(i));
  }
  PARC_MUST(by_sql == by_matcher);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Sample kSample;
  const std::string_view text = AsText(data, size);
  for (const Resource resource :
       {Resource::kPeople, Resource::kSites, Resource::kOrders, Resource::kDevices}) {
    parc::filter::Parse(text, resource).IgnoreError();
    parc::filter::ParseOrder(text, resource).IgnoreError();
  }
  const auto expression = parc::filter::Parse(text, Resource::kLaptops);
  if (expression.ok()) Compare(kSample, *expression);
  return 0;
}
