#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Passing an error on, in one line. May be nested: every use has names of its own.

// Returns the status of `expression` from the enclosing function unless it is OK.
#define PARC_TRY(...) PARC_TRY_IMPL(PARC_CONCAT(parc_status_, __COUNTER__), (__VA_ARGS__))
#define PARC_TRY_IMPL(name, expression)                          \
  do {                                                           \
    if (absl::Status name = expression; !name.ok()) return name; \
  } while (false)

// Declares or assigns `target` from a StatusOr, or returns its status.
#define PARC_ASSIGN(target, ...) \
  PARC_ASSIGN_IMPL(PARC_CONCAT(parc_or_, __COUNTER__), target, (__VA_ARGS__))
#define PARC_ASSIGN_IMPL(name, target, expression) \
  auto name = expression;                          \
  if (!name.ok()) return name.status();            \
  target = *std::move(name)

#define PARC_CONCAT(a, b) PARC_CONCAT_IMPL(a, b)
#define PARC_CONCAT_IMPL(a, b) a##b
