#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/forecast/inputs.h"
#include "fmt/format.h"

namespace parc::forecast {
namespace {

// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every input bit reaches every output bit.
std::uint64_t Mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

// The fields of one row, in the order they are added.
class RowHash {
 public:
  RowHash& Add(std::uint64_t value) {
    state_ = Mix(state_ + 0x9e3779b97f4a7c15ULL + value);
    return *this;
  }
  RowHash& Add(std::string_view text) {
    std::uint64_t fnv = 0xcbf29ce484222325ULL;  // FNV-1a
    for (const char c : text) fnv = (fnv ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    return Add(fnv).Add(std::uint64_t{text.size()});
  }
  RowHash& Add(const CivilDate& day) { return Add(static_cast<std::uint64_t>(ToDays(day))); }
  RowHash& Add(const std::optional<CivilDate>& day) {
    return day ? Add(std::uint64_t{1}).Add(*day) : Add(std::uint64_t{0});
  }
  RowHash& AddCount(int count) { return Add(static_cast<std::uint64_t>(count)); }
  RowHash& AddReal(double value) {
    return Add(static_cast<std::uint64_t>(static_cast<std::int64_t>(value * 1e6)));
  }
  std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0;
};

// Rows as a set with repetitions: sums do not see an order.
template <typename Rows, typename Fields>
std::uint64_t HashRows(std::string_view kind, const Rows& rows, Fields fields) {
  std::uint64_t sum = 0;
  for (const auto& row : rows) {
    RowHash hash;
    fields(hash, row);
    sum += hash.value();
  }
  return RowHash().Add(kind).Add(sum).Add(std::uint64_t{rows.size()}).value();
}

template <typename Events>
std::uint64_t HashEvents(std::string_view kind, const Events& events) {
  return HashRows(kind, events, [](RowHash& hash, const auto& event) {
    hash.Add(event.day).AddCount(event.quantity);
  });
}

std::uint64_t HashLines(const std::vector<OrderLine>& lines) {
  return HashRows("line", lines, [](RowHash& hash, const OrderLine& line) {
    hash.Add(line.id).Add(line.supplier).Add(line.model).Add(line.ordered).AddCount(line.quantity);
    hash.Add(HashRows("promise", line.promises, [](RowHash& row, const Promise& promise) {
      row.Add(promise.announced).Add(promise.promised);
    }));
    hash.Add(HashRows("shipment", line.shipments, [](RowHash& row, const Shipment& shipment) {
      row.Add(shipment.announced).AddCount(shipment.quantity);
    }));
    hash.Add(HashEvents("delivery", line.deliveries));
    hash.Add(HashEvents("cancellation", line.cancellations));
  });
}

std::uint64_t HashFacts(const Inputs& inputs) {
  RowHash all;
  all.Add(inputs.as_of).Add(inputs.records_since).AddCount(inputs.horizon_days);
  const Preparation& preparation = inputs.preparation;
  all.AddReal(preparation.capacity_per_day.value_or(-1)).AddCount(preparation.reserve_stock);
  all.Add(preparation.calendar.country).AddCount(preparation.calendar.alsace_moselle ? 1 : 0);
  all.Add(HashRows("closure", preparation.calendar.closures,
                   [](RowHash& hash, const CivilDate& day) { hash.Add(day); }));
  all.Add(HashRows("person", inputs.people, [](RowHash& hash, const Person& person) {
    hash.Add(person.id).AddCount(person.needs_laptop ? 1 : 0).Add(person.start).Add(person.end);
  }));
  all.Add(HashRows("asset", inputs.assets, [](RowHash& hash, const Asset& asset) {
    hash.Add(asset.id).Add(asset.received).AddCount(static_cast<int>(asset.state));
    hash.Add(asset.assigned_to).Add(asset.end_of_life).Add(asset.ended);
  }));
  all.Add(HashRows("assignment", inputs.assignments, [](RowHash& hash, const Assignment& row) {
    hash.Add(row.asset).Add(row.person).Add(row.from).Add(row.to);
  }));
  return all.Add(HashLines(inputs.lines)).value();
}

}  // namespace

std::string InputsHash(const Inputs& inputs) { return fmt::format("{:016x}", HashFacts(inputs)); }

std::uint64_t SeedOf(const Inputs& inputs) { return Mix(HashFacts(inputs) ^ 0x70617263ULL); }

}  // namespace parc::forecast
