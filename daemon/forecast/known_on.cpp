#include <algorithm>
#include <map>
#include <string_view>

#include "daemon/forecast/forecast.h"

namespace parc::forecast {
namespace {

// A laptop taken from somebody who stays is away for repair this long, when nothing later tells.
constexpr int kLongestRepair = 21;

template <typename Rows, typename DayOf>
void DropAfter(Rows& rows, const CivilDate& day, DayOf day_of) {
  std::erase_if(rows, [&](const auto& row) { return day_of(row) > day; });
}

void RewindLines(std::vector<OrderLine>& lines, const CivilDate& day) {
  DropAfter(lines, day, [](const OrderLine& line) { return line.ordered; });
  for (OrderLine& line : lines) {
    DropAfter(line.promises, day, [](const Promise& promise) { return promise.announced; });
    DropAfter(line.shipments, day, [](const Shipment& shipment) { return shipment.announced; });
    DropAfter(line.deliveries, day, [](const Delivery& delivery) { return delivery.day; });
    DropAfter(line.cancellations, day, [](const Cancellation& row) { return row.day; });
  }
}

void RewindPeople(std::vector<Person>& people, const CivilDate& announced) {
  std::erase_if(people,
                [&](const Person& person) { return person.start && *person.start > announced; });
  for (Person& person : people)
    if (person.end && *person.end > announced) person.end.reset();
}

// Where a laptop was, from who held it before and after.
void RewindAsset(Asset& asset, const Assignment* last, const Assignment* next,
                 const std::map<std::string_view, CivilDate>& left, const CivilDate& day) {
  const bool ended = asset.ended && *asset.ended <= day;
  if (ended) return;
  const AssetState now = asset.state;
  asset.ended.reset();
  asset.assigned_to.clear();
  asset.state = AssetState::kInStock;
  if (last == nullptr) return;
  if (!last->to) {
    asset.state = AssetState::kAssigned;
    asset.assigned_to = last->person;
    return;
  }
  const auto person = left.find(last->person);
  const bool stays = person == left.end() || person->second > *last->to;
  const bool fresh = ToDays(day) - ToDays(*last->to) <= kLongestRepair;
  const bool still_away = next == nullptr && now != AssetState::kInStock;
  if (stays && (still_away || (fresh && next != nullptr))) asset.state = AssetState::kInRepair;
}

}  // namespace

Inputs KnownOn(const Inputs& inputs, CivilDate day, int announced_days) {
  Inputs known = inputs;
  known.as_of = day;
  known.seed.reset();
  known.scenario = {};
  known.measured_coverage_80.reset();
  RewindLines(known.lines, day);
  RewindPeople(known.people, AddDays(day, announced_days));
  std::erase_if(known.assignments, [&](const Assignment& row) { return row.from > day; });
  std::map<std::string_view, const Assignment*> last, next;
  for (const Assignment& row : inputs.assignments) {
    if (row.from <= day) continue;
    const Assignment*& first = next[row.asset];
    if (first == nullptr || row.from < first->from) first = &row;
  }
  for (Assignment& row : known.assignments) {
    if (row.to && *row.to > day) row.to.reset();
    const Assignment*& latest = last[row.asset];
    if (latest == nullptr || latest->from <= row.from) latest = &row;
  }
  std::map<std::string_view, CivilDate> left;
  for (const Person& person : inputs.people)
    if (person.end) left[person.id] = *person.end;
  std::erase_if(known.assets,
                [&](const Asset& asset) { return asset.received && *asset.received > day; });
  for (Asset& asset : known.assets) {
    const auto before = last.find(asset.id);
    const auto after = next.find(asset.id);
    RewindAsset(asset, before == last.end() ? nullptr : before->second,
                after == next.end() ? nullptr : after->second, left, day);
  }
  return known;
}

}  // namespace parc::forecast
