#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/inventory/fact_sheet.h"
#include "daemon/posture/judge.h"
#include "daemon/posture/policy.h"

namespace parc::posture {

inline constexpr std::int64_t kHour = std::int64_t{3'600} * 1'000'000;
inline constexpr std::int64_t kDay = 24 * kHour;
// 2020-03-20T11:00:00Z
inline constexpr std::int64_t kNoon = 1'584'702'000'000'000;

// What a laptop reports that passes every check of the default policy, at kNoon.
inventory::FactSheet GoodFacts();

// A fact by its name; the text as lists show it, e.g. Set(sheet, "disk.encrypted", "true").
void Set(inventory::FactSheet& sheet, std::string_view fact, std::string_view text);
void Remove(inventory::FactSheet& sheet, std::string_view fact);

// A policy of these checks, version 1, stale after a day.
Policy PolicyOf(std::vector<Check> checks);
Check CheckOf(std::string id, Severity severity, std::string expression, std::int64_t grace = 0);

// The result of one check; ends the test when there is none.
const CheckResult& Of(const Judgement& judgement, std::string_view check);

}  // namespace parc::posture
