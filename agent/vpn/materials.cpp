#include "agent/vpn/materials.h"

#include <filesystem>

#include "agent/vpn/certificate.h"
#include "fmt/format.h"

namespace parc::agent {
namespace {

constexpr std::size_t kMaxBytes = 256 * 1024;
constexpr std::size_t kMaxFiles = 16;
constexpr unsigned kOthers = 077;

void Complain(std::string& problem, std::string_view what) {
  if (problem.empty()) problem = std::string(what);
}

std::string Joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += text + "\n";
  return all;
}

std::string Absolute(const std::string& path, const std::string& file) {
  return (std::filesystem::path(path).parent_path() / file).lexically_normal().string();
}

}  // namespace

absl::StatusOr<std::vector<std::string>> Materials::Read(const std::string& path,
                                                         const Material& material) const {
  std::vector<std::string> texts;
  if (!material.text.empty()) {
    texts.push_back(material.text);
    return texts;
  }
  if (!material.file.empty()) {
    if (material.file.rfind("pkcs11:", 0) == 0) {
      return absl::UnimplementedError("on a token, which is not asked");
    }
    auto text = root_.Read(Absolute(path, material.file), kMaxBytes);
    if (!text.ok()) return text.status();
    texts.push_back(*std::move(text));
    return texts;
  }
  for (const std::string& folder : material.folders) {
    const auto names = root_.List(folder);
    if (absl::IsNotFound(names.status())) continue;
    if (!names.ok()) return names.status();
    for (const std::string& name : *names) {
      if (texts.size() == kMaxFiles) break;
      auto text = root_.Read(folder + "/" + name, kMaxBytes);
      if (absl::IsPermissionDenied(text.status())) return text.status();
      if (text.ok()) texts.push_back(*std::move(text));
    }
  }
  if (texts.empty()) return absl::NotFoundError("there is none");
  return texts;
}

std::optional<bool> Materials::IsRootOnly(const std::string& path) const {
  const auto top = root_.Stat("/");
  const auto about = root_.Stat(path);
  if (!top.ok() || !about.ok()) return std::nullopt;
  // `/` is root's; in a tree of another it stands for root.
  return about->st_uid == top->st_uid && (about->st_mode & kOthers) == 0;
}

std::string Materials::ReadCertificate(const std::string& path, const Profile& profile,
                                       v1::VpnProfile& fact, std::string& problem) {
  if (profile.certificate.empty()) return {};
  const auto texts = Read(path, profile.certificate);
  if (absl::IsUnimplemented(texts.status())) return {};
  if (absl::IsPermissionDenied(texts.status())) {
    notes_.Unreadable("vpn.certificate.expires", texts.status());
    return {};
  }
  if (!texts.ok()) {
    Complain(problem, absl::IsNotFound(texts.status()) ? "its client certificate is missing"
                                                       : "its client certificate cannot be read");
    return {};
  }
  auto certificate = ReadVpnCertificate(texts->front());
  if (!certificate.ok()) {
    Complain(problem, std::string(certificate.status().message()));
    return {};
  }
  *fact.mutable_certificate() = *std::move(certificate);
  return texts->front();
}

void Materials::JudgeKey(const std::string& path, const Profile& profile,
                         const std::string& certificate, v1::VpnProfile& fact,
                         std::string& problem) {
  constexpr std::string_view kFact = "vpn.certificate.key_matches";
  if (profile.key.empty()) return;
  const auto texts = Read(path, profile.key);
  if (absl::IsNotFound(texts.status())) {
    Complain(problem, "its private key is missing");
    fact.mutable_certificate()->set_key_matches(false);
    return;
  }
  if (absl::IsUnimplemented(texts.status())) {
    notes_.Unreadable(kFact, "the key is on a token, which is not asked");
    return;
  }
  notes_.Unreadable(kFact, texts.status());
  if (!texts.ok()) return;
  std::optional<bool> matches = false;
  for (const std::string& key : *texts) {
    const auto one = KeyMatches(certificate, key);
    if (one.value_or(false)) {
      matches = true;
      break;
    }
    if (!one) matches.reset();
  }
  if (matches) {
    fact.mutable_certificate()->set_key_matches(*matches);
  } else {
    notes_.Unreadable(kFact, "a key is locked with a passphrase");
  }
}

void Materials::JudgeAuthority(const std::string& path, const Profile& profile,
                               const std::string& certificate, v1::VpnProfile& fact,
                               std::string& problem) {
  if (profile.authority.empty()) return;
  const auto texts = Read(path, profile.authority);
  if (absl::IsPermissionDenied(texts.status())) {
    notes_.Unreadable("vpn.certificate.trusted", texts.status());
    notes_.Unreadable("vpn.ca.expires", texts.status());
    return;
  }
  if (!texts.ok()) {
    if (absl::IsNotFound(texts.status()) && profile.authority.folders.empty()) {
      Complain(problem, "its authority's certificate (ca) is missing");
    }
    return;
  }
  const auto authority = ReadAuthority(Joined(*texts), certificate);
  if (!authority.ok()) {
    Complain(problem, std::string(authority.status().message()));
    return;
  }
  fact.mutable_ca_not_after_time()->set_seconds(authority->not_after);
  if (!certificate.empty()) fact.mutable_certificate()->set_trusted(authority->signs);
}

void Materials::JudgeList(const std::string& path, const Profile& profile, v1::VpnProfile& fact) {
  if (profile.revocation.empty()) return;
  const auto texts = Read(path, profile.revocation);
  notes_.Unreadable("vpn.crl.next_update", texts.status());
  if (!texts.ok()) return;
  for (const std::string& text : *texts) {
    const auto next = ReadNextUpdate(text);
    if (!next.ok()) {
      notes_.Unreadable("vpn.crl.next_update", "a revocation list is damaged");
      continue;
    }
    if (!fact.has_crl_next_update_time() || *next < fact.crl_next_update_time().seconds()) {
      fact.mutable_crl_next_update_time()->set_seconds(*next);
    }
  }
}

void Materials::Judge(const std::string& path, const Profile& profile, v1::VpnProfile& fact,
                      std::string& problem) {
  const std::string certificate = ReadCertificate(path, profile, fact, problem);
  if (!certificate.empty()) JudgeKey(path, profile, certificate, fact, problem);
  JudgeAuthority(path, profile, certificate, fact, problem);
  JudgeList(path, profile, fact);
}

}  // namespace parc::agent
