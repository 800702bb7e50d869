#include "daemon/access/ca_files.h"

#include <fcntl.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::access {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kOwnerReads = 0400;
constexpr mode_t kEveryoneReads = 0444;

absl::Status InvalidCa(std::string_view what) {
  return Refuse(absl::StatusCode::kFailedPrecondition, "CA_INVALID", what);
}

absl::Status Failed(std::string_view what, const fs::path& file) {
  return absl::ErrnoToStatus(errno, fmt::format("{} {}", what, file.string()));
}

absl::Status Sync(const fs::path& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Failed("opening", path);
  const absl::Cleanup close_it = [fd] { close(fd); };
  return fsync(fd) == 0 ? absl::OkStatus() : Failed("writing", path);
}

absl::Status WriteFile(const fs::path& file, const std::string& text, mode_t mode) {
  const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) return Failed("creating", file);
  const absl::Cleanup close_it = [fd] { close(fd); };
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t count = write(fd, text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Failed("writing", file);
    done += static_cast<std::size_t>(count);
  }
  return fsync(fd) == 0 ? absl::OkStatus() : Failed("writing", file);
}

absl::StatusOr<std::string> ReadFile(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream) return InvalidCa(fmt::format("{} cannot be read.", file.string()));
  return text.str();
}

absl::StatusOr<X509Ptr> ReadCertificate(const fs::path& file, std::int64_t now) {
  PARC_ASSIGN(const std::string text, ReadFile(file));
  auto certificate = ParseCertificatePem(text);
  if (!certificate.ok()) return InvalidCa(fmt::format("{} holds no certificate.", file.string()));
  PARC_ASSIGN(const std::int64_t not_before, FromAsn1Time(X509_get0_notBefore(certificate->get())));
  PARC_ASSIGN(const std::int64_t not_after, FromAsn1Time(X509_get0_notAfter(certificate->get())));
  if (now < not_before || now > not_after) {
    return InvalidCa(
        fmt::format("{} is out of date, or this machine's clock is wrong.", file.string()));
  }
  return certificate;
}

// What is out of date is left out: nobody shows a certificate of it any more.
absl::StatusOr<std::vector<X509Ptr>> ReadPrevious(const fs::path& file, const X509* root,
                                                  std::int64_t now) {
  std::vector<X509Ptr> previous;
  if (std::error_code error; !fs::exists(file, error)) return previous;
  PARC_ASSIGN(const std::string text, ReadFile(file));
  const BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  while (X509* read = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    X509Ptr certificate(read);
    PARC_ASSIGN(const std::int64_t ends, FromAsn1Time(X509_get0_notAfter(read)));
    if (X509_verify(read, X509_get0_pubkey(root)) != 1) {
      (void)OpenSslError("");
      return InvalidCa(fmt::format("{} holds a certificate of another root.", file.string()));
    }
    if (now <= ends) previous.push_back(std::move(certificate));
  }
  (void)OpenSslError("");  // the end of the text counts as an error
  return previous;
}

absl::StatusOr<KeyPtr> ReadKey(const fs::path& file) {
  struct stat info {};
  if (stat(file.c_str(), &info) != 0) {
    return InvalidCa(fmt::format("{} cannot be read.", file.string()));
  }
  if ((info.st_mode & 077U) != 0) {
    return InvalidCa(fmt::format("{} is open to others: chmod 0400 it.", file.string()));
  }
  PARC_ASSIGN(const std::string text, ReadFile(file));
  auto key = ParsePrivateKeyPem(text);
  if (!key.ok()) return InvalidCa(fmt::format("{} holds no usable key.", file.string()));
  return key;
}

}  // namespace

absl::StatusOr<CaMaterial> ReadCa(const fs::path& directory, std::int64_t now) {
  CaMaterial ca;
  PARC_ASSIGN(ca.root, ReadCertificate(directory / kRootCertificateFile, now));
  PARC_ASSIGN(ca.issuing, ReadCertificate(directory / kIssuingCertificateFile, now));
  PARC_ASSIGN(ca.issuing_key, ReadKey(directory / kIssuingKeyFile));
  if (X509_check_ca(ca.issuing.get()) != 1 ||
      X509_check_issued(ca.root.get(), ca.issuing.get()) != X509_V_OK ||
      X509_verify(ca.issuing.get(), X509_get0_pubkey(ca.root.get())) != 1) {
    (void)OpenSslError("");  // empties the queue
    return InvalidCa(fmt::format("{} was not issued by {} in {}.", kIssuingCertificateFile,
                                 kRootCertificateFile, directory.string()));
  }
  if (X509_check_private_key(ca.issuing.get(), ca.issuing_key.get()) != 1) {
    (void)OpenSslError("");
    return InvalidCa(fmt::format("{} is not the key of {} in {}.", kIssuingKeyFile,
                                 kIssuingCertificateFile, directory.string()));
  }
  PARC_ASSIGN(ca.previous, ReadPrevious(directory / kPreviousCertificatesFile, ca.root.get(), now));
  return ca;
}

absl::StatusOr<KeyPtr> ReadRootKey(const fs::path& directory, X509* root) {
  const fs::path file = directory / kRootKeyFile;
  if (std::error_code error; !fs::exists(file, error)) {
    return InvalidCa(fmt::format(
        "{} is not there: make the new issuing CA where the root's key is kept, and put it here "
        "with the certificate of the old one in {}.",
        file.string(), kPreviousCertificatesFile));
  }
  PARC_ASSIGN(KeyPtr key, ReadKey(file));
  if (X509_check_private_key(root, key.get()) == 1) return key;
  (void)OpenSslError("");
  return InvalidCa(fmt::format("{} is not the key of {}.", file.string(), kRootCertificateFile));
}

absl::Status WriteCa(const fs::path& directory, const CaFiles& files) {
  fs::path fresh = directory;
  fresh += ".new";
  std::error_code error;
  fs::remove_all(fresh, error);  // what a crash left
  if (mkdir(fresh.c_str(), 0700) != 0) return Failed("creating", fresh);
  PARC_TRY(WriteFile(fresh / kRootKeyFile, files.root_key_pem, kOwnerReads));
  PARC_TRY(WriteFile(fresh / kRootCertificateFile, files.root_pem, kEveryoneReads));
  PARC_TRY(WriteFile(fresh / kIssuingKeyFile, files.issuing_key_pem, kOwnerReads));
  PARC_TRY(WriteFile(fresh / kIssuingCertificateFile, files.issuing_pem, kEveryoneReads));
  if (!files.previous_pem.empty())
    PARC_TRY(WriteFile(fresh / kPreviousCertificatesFile, files.previous_pem, kEveryoneReads));
  PARC_TRY(Sync(fresh));
  // In one step: a daemon that found no directory would make a CA of its own.
  if (renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, directory.c_str(), RENAME_EXCHANGE) == 0) {
    fs::remove_all(fresh, error);
    return Sync(directory.parent_path().empty() ? fs::path(".") : directory.parent_path());
  }
  if (errno != ENOENT) return Failed("replacing", directory);
  if (rename(fresh.c_str(), directory.c_str()) != 0) return Failed("creating", directory);
  return Sync(directory.parent_path().empty() ? fs::path(".") : directory.parent_path());
}

}  // namespace parc::access
