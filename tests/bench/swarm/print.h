#pragma once

#include <string>
#include <vector>

#include "tests/bench/swarm/crowd.h"
#include "tests/bench/swarm/pool.h"
#include "tests/bench/swarm/verify.h"

// What a run found, for people and for programs. Durations in JSON are microseconds unless their
// name says otherwise.
namespace parc::swarm {

std::string_view NameOf(Work work);

std::string ToText(const Slice& slice);
std::string ToText(const CrowdResult& result);
std::string ToText(const Verdict& verdict);

// One line each.
std::string ToJson(const Slice& slice);
std::string ToJson(const CrowdResult& result);
std::string ToJson(const Histogram& histogram);
std::string ToJson(const Verdict& verdict);
// {"name": …} of named JSON texts.
std::string Object(const std::vector<std::pair<std::string, std::string>>& members);
std::string Array(const std::vector<std::string>& items);
std::string Quoted(std::string_view text);

}  // namespace parc::swarm
