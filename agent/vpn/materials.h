#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/files/root.h"
#include "agent/probes/notes.h"
#include "agent/vpn/profile.h"

namespace parc::agent {

// Certificates, keys and lists that profiles refer to. They are read, judged and forgotten: facts
// hold dates and yes or no.
class Materials {
 public:
  Materials(const Root& root, Notes& notes) : root_(root), notes_(notes) {}

  // Texts of the files of `material`, relative to the folder of the profile at `path`. NOT_FOUND,
  // PERMISSION_DENIED and the like as Root says. UNIMPLEMENTED for one on a token.
  absl::StatusOr<std::vector<std::string>> Read(const std::string& path,
                                                const Material& material) const;

  // Puts what is known of the profile's certificate, key, authority and list into `fact`; what is
  // wrong with them into `problem` unless it says something already.
  void Judge(const std::string& path, const Profile& profile, v1::VpnProfile& fact,
             std::string& problem);

  // True when the file belongs to root and nobody else may look into it. Nothing when there is
  // none.
  std::optional<bool> IsRootOnly(const std::string& path) const;

 private:
  // The first text; empty after a note or a problem.
  std::string ReadCertificate(const std::string& path, const Profile& profile, v1::VpnProfile& fact,
                              std::string& problem);
  void JudgeKey(const std::string& path, const Profile& profile, const std::string& certificate,
                v1::VpnProfile& fact, std::string& problem);
  void JudgeAuthority(const std::string& path, const Profile& profile,
                      const std::string& certificate, v1::VpnProfile& fact, std::string& problem);
  void JudgeList(const std::string& path, const Profile& profile, v1::VpnProfile& fact);

  const Root& root_;
  Notes& notes_;
};

}  // namespace parc::agent
