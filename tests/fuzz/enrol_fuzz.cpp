// A stranger's request to the enrolment port, down to the database: answered, and nothing of a
// refused one stays.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "daemon/access/ca.h"
#include "daemon/access/device_changes.h"
#include "daemon/access/devices.h"
#include "daemon/gateway/enrolment_port.h"
#include "daemon/inventory/try.h"
#include "daemon/store/database.h"
#include "spdlog/logger.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace parc;  // NOLINT(google-build-using-namespace): one file, one subject

constexpr std::int64_t kNow = 1'772'366'400'000'000;  // 2026-03-01T12:00:00Z

std::string FixedDice(std::size_t count) {
  static std::uint64_t state = 1;
  std::string bytes(count, '\0');
  for (char& byte : bytes) {
    state = state * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    byte = static_cast<char>(state >> 56);
  }
  return bytes;
}

// The daemon's core as enrolment meets it.
struct Core {
  Core() {
    std::string name = (std::filesystem::temp_directory_path() / "parc-fuzz-XXXXXX").string();
    PARC_MUST(mkdtemp(name.data()) != nullptr);
    directory = name;
    PARC_MUST(access::CertificateAuthority::CreateForTrial(directory / "ca", kNow, FixedDice).ok());
    ca = *access::CertificateAuthority::Load(directory / "ca", {}, kNow, FixedDice);
    database = *store::Database::Open(directory);
    PARC_MUST(database->writer().Execute("PRAGMA synchronous = OFF").ok());
    devices = *access::Devices::Load(database->writer());
    changes = std::make_unique<access::DeviceChanges>(database->writer(), *devices, *ca, FixedDice);
    const auto token = [&]() -> absl::Status {
      PARC_ASSIGN(const auto created, changes->CreateEnrolmentToken({.max_uses = 500}, "f", kNow));
      secret = created.secret;
      return absl::OkStatus();
    };
    PARC_MUST(store::Within(database->writer(), "token", token).ok());
  }
  ~Core() {
    changes.reset();
    database.reset();
    std::error_code error;
    std::filesystem::remove_all(directory, error);
  }

  // Enrols and undoes it.
  absl::Status Enrol(access::EnrolCall call,
                     const std::function<void(absl::StatusOr<access::EnrolAnswer>)>& done) {
    // So that inputs get beyond the token, which nobody guesses.
    if (call.token == "good") call.token = secret;
    absl::StatusOr<access::EnrolAnswer> answer = absl::UnknownError("not run");
    store::Within(database->writer(), "fuzz", [&]() -> absl::Status {
      access::Effect effect;
      answer = changes->Enrol(call, kNow, effect);
      return absl::CancelledError("undone");
    }).IgnoreError();
    done(std::move(answer));
    return absl::OkStatus();
  }

  std::filesystem::path directory;
  std::unique_ptr<access::CertificateAuthority> ca;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<access::Devices> devices;
  std::unique_ptr<access::DeviceChanges> changes;
  std::string secret;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Core core;
  static const gateway::Handler handle = gateway::EnrolmentPort(
      {.submit =
           [](access::EnrolCall call, const std::string&, std::int64_t,
              const std::function<void(absl::StatusOr<access::EnrolAnswer>)>& done) {
             return core.Enrol(std::move(call), done);
           },
       .now = [] { return kNow; },
       .agent_endpoint = "localhost:8443",
       .log = std::make_shared<spdlog::logger>("fuzz"),
       .count = [](std::string_view, std::string_view, std::int64_t) {}});
  gateway::Request request;
  request.method = "POST";
  request.target = gateway::kEnrolPath;
  request.content_type = "application/proto";
  request.body = AsText(data, size);
  int answers = 0;
  handle(std::move(request), [&answers](const gateway::Response& response) {
    ++answers;
    PARC_MUST(response.status >= 200 && response.status < 600);
    PARC_MUST(response.status != 500);
  });
  PARC_MUST(answers == 1);
  return 0;
}
