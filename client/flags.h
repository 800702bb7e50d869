#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/options.h"
#include "client/session.h"
#include "parc/v1/common.pb.h"

// Options that many commands share.
namespace parc::client {

// --as-of and --known-at.
struct MomentFlags {
  std::string as_of;
  std::string known_at;

  void Declare(Options& options);
  // Leaves `moment` empty for "now".
  absl::Status Fill(const Session& session, v1::Moment& moment) const;
};

// --on, --reason and --dry-run.
struct ChangeFlags {
  std::string on;
  std::string reason;
  bool dry_run = false;

  void Declare(Options& options);
  // With a fresh request id.
  absl::Status Fill(const Session& session, v1::ChangeOptions& change) const;
};

// -o for commands that answer one record.
struct FormatFlag {
  std::string format = "table";

  void Declare(Options& options);
  bool json() const { return format == "json"; }
};

// -o, --columns and the rest for commands that answer rows.
struct OutputFlags {
  std::string format = "table";
  std::string columns;
  bool no_headers = false;
  std::string csv_dialect;

  void Declare(Options& options);
  // Lets no --csv-dialect stand beside -o json. Declare does it, too.
  void CheckDialect(Options& options) const;
};

// FILTER, --order-by and the output's flags.
struct ListFlags {
  std::vector<std::string> filter_words;
  std::string order_by;
  OutputFlags output;

  void Declare(Options& options, Text filter_help);
  // The words of the command line, one blank between them.
  std::string filter() const;
};

}  // namespace parc::client
