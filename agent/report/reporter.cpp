#include "agent/report/reporter.h"

#include <algorithm>
#include <optional>

#include "agent/files/dates.h"
#include "agent/files/durable.h"
#include "agent/files/sealed.h"
#include "agent/identity/keys.h"
#include "agent/report/delta.h"
#include "client/lib/try.h"
#include "fmt/format.h"

namespace parc::agent {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::size_t kMaxFacts = Outbox::kMaxBytes;

// Damaged or not there: the next report is complete.
std::optional<v1::Facts> ReadAcknowledged(const std::filesystem::path& file) {
  const auto sealed = ReadWhole(file, kMaxFacts);
  const auto bytes = sealed.ok() ? Unseal(*sealed) : absl::StatusOr<std::string>(sealed.status());
  v1::Facts facts;
  if (!bytes.ok() || !facts.ParseFromString(*bytes)) return std::nullopt;
  return facts;
}

// After these the current certificate may still do where the renewed one did not: the server may
// not know it (a database from before the renewal), or cannot be reached at all.
bool MayTryCurrent(const absl::Status& status) {
  return absl::IsUnauthenticated(status) || absl::IsPermissionDenied(status) ||
         absl::IsUnavailable(status);
}

absl::Status CheckDates(const Identity& identity, std::int64_t now) {
  if (now <= identity.not_after) return absl::OkStatus();
  return absl::FailedPreconditionError(fmt::format(
      "the certificate of this laptop ended on {}, so the server does not let it in: ask for a new "
      "enrolment code and run `parc-agent enrol`",
      IsoDate(identity.not_after)));
}

}  // namespace

Reporter::Reporter(IdentityStore& identities, Outbox& outbox, Connector connect, Options options)
    : identities_(identities),
      outbox_(outbox),
      connect_(std::move(connect)),
      options_(std::move(options)) {}

absl::Status Reporter::Keep(const v1::Facts& facts) {
  v1::CheckInRequest report;
  report.set_boot_id(options_.boot_id);
  report.set_agent_version(options_.agent_version);
  report.mutable_sent_time()->set_seconds(options_.now / kSecond);
  report.mutable_sent_time()->set_nanos(static_cast<std::int32_t>(options_.now % kSecond * 1000));
  *report.mutable_facts() = facts;
  report.set_facts_digest(DigestOf(facts));
  return outbox_
      .Add([&](std::uint64_t number) {
        report.set_report_seq(number);
        return report.SerializeAsString();
      })
      .status();
}

absl::StatusOr<v1::CheckInRequest> Reporter::Newest() {
  while (!outbox_.waiting().empty()) {
    const std::uint64_t number = outbox_.waiting().back();
    const auto bytes = outbox_.Read(number);
    v1::CheckInRequest report;
    if (bytes.ok() && report.ParseFromString(*bytes)) return report;
    if (bytes.ok()) PARC_TRY(outbox_.Drop(number));
  }
  return absl::NotFoundError("no report waits");
}

absl::StatusOr<v1::CheckInResponse> Reporter::Send() {
  if (const auto next = identities_.Next(); next.ok() && options_.now <= next->not_after) {
    auto answer = SendAs(*next);
    if (answer.ok()) {
      PARC_TRY(identities_.PromoteNext());
      return answer;
    }
    if (!MayTryCurrent(answer.status())) return answer;
  }
  PARC_ASSIGN(const Identity current, identities_.Current());
  PARC_TRY(CheckDates(current, options_.now));
  return SendAs(current);
}

absl::StatusOr<v1::CheckInResponse> Reporter::SendAs(const Identity& identity) {
  const std::unique_ptr<Channel> channel = connect_(identity);
  auto base = ReadAcknowledged(options_.acknowledged);
  constexpr int kTries = 3;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    PARC_ASSIGN(const v1::CheckInRequest report, Newest());
    v1::CheckInRequest request = report;
    request.set_applications_digest(options_.applications_digest);
    request.set_problems_digest(options_.problems_digest);
    PutFacts(report.facts(), base ? &*base : nullptr, request);
    const auto answer = channel->CheckIn(request);
    if (absl::IsInvalidArgument(answer.status())) {
      // It would be refused for ever; a later report may not be.
      PARC_TRY(outbox_.Drop(report.report_seq()));
      PARC_TRY(RemoveDurably(options_.acknowledged));
    }
    if (!answer.ok()) return answer;
    PARC_TRY(TakeAnswer(report, *answer));
    if (!answer->send_complete() && !answer->stale()) return answer;
    base.reset();
  }
  return absl::AbortedError("the server takes no complete report of this laptop");
}

absl::Status Reporter::TakeAnswer(const v1::CheckInRequest& report,
                                  const v1::CheckInResponse& answer) {
  if (answer.stale()) {
    // The server has seen a greater number: this state directory is older than its key's history,
    // restored from a backup say. One report a second would not have reached the new number.
    PARC_TRY(RemoveDurably(options_.acknowledged));
    PARC_TRY(outbox_.SkipTo(std::max<std::uint64_t>(
        report.report_seq(), static_cast<std::uint64_t>(options_.now / kSecond))));
    return Keep(report.facts());
  }
  if (answer.send_complete()) return RemoveDurably(options_.acknowledged);
  PARC_TRY(WriteDurably(options_.acknowledged, Seal(report.facts().SerializeAsString())));
  return outbox_.DropThrough(report.report_seq());
}

absl::Status Reporter::Renew(bool anyway) {
  PARC_ASSIGN(const Identity current, identities_.Current());
  if (!anyway && options_.now < current.renew_at) return absl::OkStatus();
  // A renewed certificate that waits for its first use is enough, unless it has ended unused.
  if (const auto next = identities_.Next(); next.ok() && options_.now <= next->not_after && !anyway)
    return absl::OkStatus();
  PARC_TRY(CheckDates(current, options_.now));
  Identity next = current;
  PARC_ASSIGN(next.key_pem, MakeKeyPem());
  v1::RenewCertificateRequest request;
  PARC_ASSIGN(*request.mutable_csr(), MakeCsr(next.key_pem));
  PARC_ASSIGN(const v1::RenewCertificateResponse response, connect_(current)->Renew(request));
  next.renew_at = response.renew_time().seconds() * kSecond;
  PARC_ASSIGN(next.chain_pem, ChainToPem({response.certificate_chain().begin(),
                                          response.certificate_chain().end()}));
  return identities_.PutNext(next);
}

void KeepHeldLists(const std::optional<v1::CheckInResponse>& before, v1::CheckInResponse& answer) {
  if (!before) return;
  // An empty digest is that of no list, or the server's that knows nothing of digests.
  const auto is_held = [](const std::string& held, const std::string& now) {
    return !now.empty() && held == now;
  };
  if (answer.applications_size() == 0 &&
      is_held(before->applications_digest(), answer.applications_digest()))
    *answer.mutable_applications() = before->applications();
  if (answer.problems_size() == 0 && is_held(before->problems_digest(), answer.problems_digest()))
    *answer.mutable_problems() = before->problems();
}

}  // namespace parc::agent
