#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

// Page tokens are opaque to clients and authenticated: a token goes on with the list that it came
// from and no other, and nobody but this process makes one.
namespace parc::rpc {

// What a page token is good for. Every part counts.
struct PageBinding {
  std::string_view method;
  std::string_view filter;
  std::string_view order_by;
  std::string_view parent;
  std::string moment;
};

std::string SealPageToken(std::string_view key, const PageBinding& binding,
                          std::string_view cursor);
// The cursor in `token`; empty for an empty token (the first page). INVALID_ARGUMENT
// BAD_PAGE_TOKEN.
absl::StatusOr<std::string> OpenPageToken(std::string_view key, const PageBinding& binding,
                                          std::string_view token);

}  // namespace parc::rpc
