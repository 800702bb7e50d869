#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Passing an error on, in one line. The names follow the habit of absl-based codebases.

// Returns the status of `expression` from the enclosing function unless it is OK.
#define PARC_TRY(expression)                                                            \
  do {                                                                                  \
    if (absl::Status parc_status = (expression); !parc_status.ok()) return parc_status; \
  } while (false)

// Declares or assigns `target` from a StatusOr, or returns its status.
#define PARC_ASSIGN(target, expression) \
  PARC_ASSIGN_IMPL(PARC_CONCAT(parc_or_, __LINE__), target, expression)
#define PARC_ASSIGN_IMPL(name, target, expression) \
  auto name = (expression);                        \
  if (!name.ok()) return name.status();            \
  target = *std::move(name)
#define PARC_CONCAT(a, b) PARC_CONCAT_IMPL(a, b)
#define PARC_CONCAT_IMPL(a, b) a##b
