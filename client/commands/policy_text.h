#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/session.h"
#include "parc/v1/policies.pb.h"

// Policy files, for the commands that take one.
namespace parc::client {

struct PolicyFile {
  std::string path;
  std::string text;
};

// NO_FILE; POLICY_TOO_LARGE above 256 KiB; POLICY_NOT_UTF8. "-" is standard input.
absl::StatusOr<PolicyFile> ReadPolicyFile(const std::string& path);

// `status`; what is wrong with the policy itself is told as "FILE:LINE:COLUMN: …", and its line is
// remembered, for a mark under the place.
absl::Status InFile(Session& session, const PolicyFile& file, const absl::Status& status);

// What `file` would change.
absl::StatusOr<v1::PolicyPreview> PreviewPolicy(Session& session, const PolicyFile& file);

// The preview, for eyes.
void WritePreview(Session& session, const v1::PolicyPreview& preview);

// "12 h", "7 days"; empty for none.
std::string GraceText(std::int64_t seconds, Language language);

}  // namespace parc::client
