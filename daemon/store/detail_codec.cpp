#include "daemon/store/detail_codec.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>

#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::store {
namespace {

constexpr char kEndOfValue = '\x1F';
constexpr char kEndOfRow = '\x1E';

// An outcome is one letter since schema 13; before, it was its name.
constexpr std::string_view kOutcomes = "PFUNEWS";

std::optional<posture::Outcome> OutcomeFrom(std::string_view text) {
  if (text.size() != 1) return posture::ParseOutcome(text);
  const std::size_t at = kOutcomes.find(text.front());
  if (at == std::string_view::npos) return std::nullopt;
  return static_cast<posture::Outcome>(at);
}

bool KeepsEvidence(posture::Outcome outcome) {
  return outcome != posture::Outcome::kPass && outcome != posture::Outcome::kNotApplicable;
}

absl::Status UnknownOutcome(std::string_view name) {
  return absl::InternalError(fmt::format("the database holds the outcome \"{}\"", name));
}

class Packer {
 public:
  Packer& Put(std::string_view text) {
    text_.append(text);
    text_.push_back(kEndOfValue);
    return *this;
  }
  Packer& Put(std::int64_t number) {
    fmt::format_to(std::back_inserter(text_), "{}", number);
    text_.push_back(kEndOfValue);
    return *this;
  }
  template <typename T>
  Packer& Put(const std::optional<T>& value) {
    return value.has_value() ? Put(static_cast<std::int64_t>(*value)) : Put(std::string_view());
  }
  void End() { text_.push_back(kEndOfRow); }
  // The same, without the row's last values that are empty: they are read as such.
  void EndShort() {
    while (!text_.empty() && text_.back() == kEndOfValue) text_.pop_back();
    End();
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

class Unpacker {
 public:
  explicit Unpacker(std::string_view text) : text_(text) {}

  // Begins the next row.
  bool Next() {
    if (text_.empty()) return false;
    const std::size_t end = text_.find(kEndOfRow);
    row_ = text_.substr(0, end);
    text_.remove_prefix(end == std::string_view::npos ? text_.size() : end + 1);
    return true;
  }

  std::string Text() { return std::string(Value()); }
  std::string_view TextHere() { return Value(); }
  std::optional<std::int64_t> OptInt() {
    const std::string_view value = Value();
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (value.empty() || error != std::errc()) return std::nullopt;
    return number;
  }
  std::int64_t Int() { return OptInt().value_or(0); }
  bool Bool() { return Int() != 0; }
  std::optional<bool> OptBool() {
    const std::optional<std::int64_t> value = OptInt();
    if (!value.has_value()) return std::nullopt;
    return *value != 0;
  }

 private:
  std::string_view Value() {
    const std::size_t end = row_.find(kEndOfValue);
    const std::string_view value = row_.substr(0, end);
    row_.remove_prefix(end == std::string_view::npos ? row_.size() : end + 1);
    return value;
  }

  std::string_view text_;
  std::string_view row_;
};

}  // namespace

std::string Pack(const std::vector<inventory::DiskFact>& disks) {
  Packer pack;
  for (const inventory::DiskFact& disk : disks)
    pack.Put(disk.name).Put(disk.model).Put(disk.size_bytes).Put(disk.rotational).End();
  return pack.Take();
}

void Unpack(std::string_view text, std::vector<inventory::DiskFact>& disks) {
  for (Unpacker row(text); row.Next();) {
    inventory::DiskFact& disk = disks.emplace_back();
    disk.name = row.Text();
    disk.model = row.Text();
    disk.size_bytes = row.OptInt();
    disk.rotational = row.OptBool();
  }
}

std::string Pack(const std::vector<inventory::InterfaceFact>& interfaces) {
  Packer pack;
  for (const inventory::InterfaceFact& interface : interfaces) {
    pack.Put(interface.name).Put(interface.mac).Put(interface.kind);
    pack.Put(std::int64_t{interface.up ? 1 : 0}).End();
  }
  return pack.Take();
}

void Unpack(std::string_view text, std::vector<inventory::InterfaceFact>& interfaces) {
  for (Unpacker row(text); row.Next();) {
    inventory::InterfaceFact& interface = interfaces.emplace_back();
    interface.name = row.Text();
    interface.mac = row.Text();
    interface.kind = row.Text();
    interface.up = row.Bool();
  }
}

std::string Pack(const std::vector<inventory::VpnProfileFact>& profiles) {
  Packer pack;
  for (const inventory::VpnProfileFact& profile : profiles) {
    pack.Put(profile.tool).Put(profile.source).Put(std::int64_t{profile.valid ? 1 : 0});
    pack.Put(profile.problem).Put(profile.gateway).Put(std::int64_t{profile.port});
    pack.Put(profile.certificate_starts).Put(profile.certificate_expires);
    pack.Put(profile.root_only).Put(profile.autoconnect).Put(profile.key_matches);
    pack.Put(profile.trusted).Put(profile.ca_expires).Put(profile.crl_next_update).End();
  }
  return pack.Take();
}

void Unpack(std::string_view text, std::vector<inventory::VpnProfileFact>& profiles) {
  for (Unpacker row(text); row.Next();) {
    inventory::VpnProfileFact& profile = profiles.emplace_back();
    profile.tool = row.Text();
    profile.source = row.Text();
    profile.valid = row.Bool();
    profile.problem = row.Text();
    profile.gateway = row.Text();
    profile.port = static_cast<int>(row.Int());
    profile.certificate_starts = row.OptInt();
    profile.certificate_expires = row.OptInt();
    profile.root_only = row.OptBool();
    profile.autoconnect = row.OptBool();
    profile.key_matches = row.OptBool();
    profile.trusted = row.OptBool();
    profile.ca_expires = row.OptInt();
    profile.crl_next_update = row.OptInt();
  }
}

std::string Pack(const std::vector<inventory::VpnGatewayFact>& gateways) {
  Packer pack;
  for (const inventory::VpnGatewayFact& gateway : gateways) {
    pack.Put(gateway.protocol).Put(gateway.host).Put(std::int64_t{gateway.port});
    pack.Put(gateway.resolved).Put(gateway.answer).Put(gateway.latency_micros);
    pack.Put(gateway.certificate_trusted).Put(gateway.certificate_expires).End();
  }
  return pack.Take();
}

void Unpack(std::string_view text, std::vector<inventory::VpnGatewayFact>& gateways) {
  for (Unpacker row(text); row.Next();) {
    inventory::VpnGatewayFact& gateway = gateways.emplace_back();
    gateway.protocol = row.Text();
    gateway.host = row.Text();
    gateway.port = static_cast<int>(row.Int());
    gateway.resolved = row.OptBool();
    gateway.answer = row.Text();
    gateway.latency_micros = row.OptInt();
    gateway.certificate_trusted = row.OptBool();
    gateway.certificate_expires = row.OptInt();
  }
}

std::string Pack(const std::map<std::string, std::string>& unreadable) {
  Packer pack;
  for (const auto& [fact, reason] : unreadable) pack.Put(fact).Put(reason).End();
  return pack.Take();
}

void Unpack(std::string_view text, std::map<std::string, std::string>& unreadable) {
  for (Unpacker row(text); row.Next();) {
    std::string fact = row.Text();
    unreadable.emplace(std::move(fact), row.Text());
  }
}

std::string Pack(const std::vector<posture::CheckResult>& checks) {
  Packer pack;
  const posture::CheckResult* before = nullptr;
  for (const posture::CheckResult& check : checks) {
    pack.Put(check.check).Put(kOutcomes.substr(static_cast<std::size_t>(check.outcome), 1));
    if (before == nullptr || before->since != check.since) {
      pack.Put(check.since);
    } else {
      pack.Put(std::string_view());
    }
    pack.Put(KeepsEvidence(check.outcome) ? std::string_view(check.evidence) : "");
    pack.Put(check.in_grace ? "1" : "").EndShort();
    before = &check;
  }
  return pack.Take();
}

bool PackAlike(const std::vector<posture::CheckResult>& a,
               const std::vector<posture::CheckResult>& b) {
  return std::ranges::equal(a, b, [](const posture::CheckResult& x, const posture::CheckResult& y) {
    return x.check == y.check && x.outcome == y.outcome && x.since == y.since &&
           x.in_grace == y.in_grace && (!KeepsEvidence(x.outcome) || x.evidence == y.evidence);
  });
}

absl::Status ForEachCheck(std::string_view text,
                          absl::FunctionRef<void(const CheckGlance& glance)> each) {
  for (Unpacker row(text); row.Next();) {
    CheckGlance glance;
    glance.check = row.TextHere();
    const std::string_view name = row.TextHere();
    const std::optional<posture::Outcome> outcome = OutcomeFrom(name);
    if (!outcome.has_value()) return UnknownOutcome(name);
    glance.outcome = *outcome;
    row.TextHere();  // since
    row.TextHere();  // evidence
    glance.in_grace = row.Bool();
    each(glance);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<posture::CheckResult>> UnpackChecks(std::string_view text) {
  std::vector<posture::CheckResult> checks;
  std::int64_t since = 0;  // of the row before
  for (Unpacker row(text); row.Next();) {
    posture::CheckResult& check = checks.emplace_back();
    check.check = row.Text();
    const std::string name = row.Text();
    const std::optional<posture::Outcome> outcome = OutcomeFrom(name);
    if (!outcome.has_value()) return UnknownOutcome(name);
    check.outcome = *outcome;
    since = row.OptInt().value_or(since);
    check.since = since;
    check.evidence = row.Text();
    check.in_grace = row.Bool();
  }
  return checks;
}

}  // namespace parc::store
