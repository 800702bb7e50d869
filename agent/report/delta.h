#pragma once

#include <string>
#include <vector>

#include "parc/v1/agent.pb.h"
#include "parc/v1/facts.pb.h"

namespace parc::agent {

// SHA-256 over the serialized facts. The messages hold no maps and no unknown fields, so equal
// facts have equal bytes.
std::string DigestOf(const v1::Facts& facts);

struct Delta {
  v1::Facts changed;                 // sections that changed, with their unreadable sources
  std::vector<std::string> removed;  // names of sections that are no longer there
};

// What turns `base` into `facts`, section by section.
Delta Difference(const v1::Facts& base, const v1::Facts& facts);

// The section that a fact belongs to, by its first word; empty when there is none of it.
std::string SectionOf(const std::string& fact);

// Puts the facts into the request: complete without a base, else what changed since.
void PutFacts(const v1::Facts& facts, const v1::Facts* base, v1::CheckInRequest& request);

}  // namespace parc::agent
