#include "daemon/app/config.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "daemon/access/spiffe.h"
#include "daemon/access/time_units.h"
#include "daemon/app/config_file.h"
#include "daemon/app/settings.h"
#include "daemon/inventory/civil_date.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::app {
namespace {

using Values = std::map<std::string, ConfigValue>;

template <typename T>
std::optional<T> ParseNumber(std::string_view text) {
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return number;
}

bool IsAddress(const std::string& text) {
  in6_addr parsed{};
  return inet_pton(AF_INET, text.c_str(), &parsed) == 1 ||
         inet_pton(AF_INET6, text.c_str(), &parsed) == 1;
}

bool IsLoopback(const std::string& address) {
  return address.substr(0, 4) == "127." || address == "::1";
}

std::vector<std::string> Split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view part = text.substr(0, comma);
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

// A value that was written as plain text: in the environment, as a flag or as a default.
absl::StatusOr<ConfigValue> FromText(const Setting& setting, const std::string& text,
                                     std::string source) {
  switch (setting.kind) {
    case SettingKind::kText:
      return ConfigValue{text, std::move(source)};
    case SettingKind::kList:
      return ConfigValue{Split(text), std::move(source)};
    case SettingKind::kNumber:
      break;
  }
  const std::optional<std::int64_t> number = ParseNumber<std::int64_t>(text);
  if (!number) return BadConfig(source, fmt::format("{} must be a whole number", setting.key));
  return ConfigValue{*number, std::move(source)};
}

// "listen.agent" → "LISTEN_AGENT", or "--listen-agent" with other letters.
std::string Spelled(std::string_view key, std::string_view prefix, char dash, bool upper) {
  std::string name(prefix);
  for (const char c : key) {
    if (c == '.' || c == '_') {
      name += dash;
    } else {
      name += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
  }
  return name;
}

std::string DefaultStateDir(const ConfigSources& sources) {
  if (sources.is_root) return "/var/lib/parc";
  const auto of = [&](const char* name) {
    const auto found = sources.environment.find(name);
    return found == sources.environment.end() ? std::string() : found->second;
  };
  if (const std::string state = of("XDG_STATE_HOME"); !state.empty()) return state + "/parc";
  const std::string home = of("HOME");
  return home.empty() ? std::string() : home + "/.local/state/parc";
}

absl::StatusOr<Values> Gather(const ConfigSources& sources) {
  Values values;
  if (sources.file) {
    PARC_ASSIGN(values, ReadConfigFile(*sources.file));
  }
  for (const Setting& setting : kSettings) {
    const std::string key(setting.key);
    const std::string variable = Spelled(key, "PARC_", '_', /*upper=*/true);
    const auto flag = sources.flags.find(key);
    const auto environment = sources.environment.find(variable);
    if (flag != sources.flags.end()) {
      PARC_ASSIGN(values[key], FromText(setting, flag->second, Spelled(key, "--", '-', false)));
    } else if (environment != sources.environment.end()) {
      PARC_ASSIGN(values[key], FromText(setting, environment->second, variable));
    } else if (values.count(key) == 0) {
      const std::string text =
          key == "state_dir" ? DefaultStateDir(sources) : std::string(setting.fallback);
      PARC_ASSIGN(values[key], FromText(setting, text, "default"));
    }
  }
  return values;
}

// Reads values into the Config; keeps the first error, so that the reading stays a list.
class Reader {
 public:
  explicit Reader(const Values& values) : values_(values) {}

  std::string Text(const char* key) { return std::get<std::string>(values_.at(key).value); }

  std::string OneOf(const char* key, const std::vector<std::string>& allowed) {
    std::string text = Text(key);
    if (std::find(allowed.begin(), allowed.end(), text) == allowed.end()) {
      Wrong(key, fmt::format("must be one of {}", fmt::join(allowed, ", ")));
    }
    return text;
  }

  std::int64_t Number(const char* key, std::int64_t least, std::int64_t most) {
    const std::int64_t number = std::get<std::int64_t>(values_.at(key).value);
    if (number < least || number > most) {
      Wrong(key, fmt::format("must be between {} and {}", least, most));
    }
    return number;
  }

  std::size_t Count(const char* key, std::int64_t most) {
    return static_cast<std::size_t>(Number(key, 1, most));
  }

  std::vector<std::string> List(const char* key) {
    return std::get<std::vector<std::string>>(values_.at(key).value);
  }

  rpc::ListenAddress Listen(const char* key) {
    absl::StatusOr<rpc::ListenAddress> address = ParseListenAddress(Text(key));
    if (address.ok()) return *address;
    Wrong(key, std::string(address.status().message()));
    return {};
  }

  // "host:port", or nothing.
  std::string Endpoint(const char* key) {
    std::string text = Text(key);
    const std::size_t colon = text.rfind(':');
    if (text.empty()) return text;
    const auto port = colon == std::string::npos
                          ? std::nullopt
                          : ParseNumber<std::uint16_t>(std::string_view(text).substr(colon + 1));
    if (colon == 0 || !port || *port == 0 || text.find_first_of(" /\t") != std::string::npos) {
      Wrong(key, fmt::format("\"{}\" is no host:port", text));
    }
    return text;
  }

  void Wrong(const char* key, std::string_view what) {
    if (!status_.ok()) return;
    status_ = BadConfig(values_.at(key).source, fmt::format("{}: {}", key, what));
  }

  const absl::Status& status() const { return status_; }
  bool IsGiven(const char* key) const { return values_.at(key).source != "default"; }

 private:
  const Values& values_;
  absl::Status status_;
};

void ReadListeners(Reader& read, Config& config) {
  config.agent = read.Listen("listen.agent");
  if (!read.Text("listen.gateway").empty()) config.gateway = read.Listen("listen.gateway");
  config.people = read.Listen("listen.people");
  config.metrics = read.Listen("listen.metrics");
  if (!IsLoopback(config.metrics.address)) {
    read.Wrong("listen.metrics", "plain HTTP stays on a loopback address, such as 127.0.0.1:8446");
  }
  config.host_names = read.List("public.host_names");
  config.addresses = read.List("public.addresses");
  for (const std::string& address : config.addresses) {
    if (!IsAddress(address)) {
      read.Wrong("public.addresses", fmt::format("\"{}\" is no IP address", address));
    }
  }
  config.agent_endpoint = read.Endpoint("public.agent_endpoint");
  config.enrolment_endpoint = read.Endpoint("public.enrolment_endpoint");
}

void ReadLimits(Reader& read, Config& config) {
  constexpr std::int64_t kMost = 100'000;
  config.agent_limits.total = read.Count("limits.agent_connections", kMost);
  config.agent_limits.per_source = read.Count("limits.agent_connections_per_address", kMost);
  config.gateway_limits.total = read.Count("limits.gateway_connections", kMost);
  config.gateway_limits.per_source = read.Count("limits.gateway_connections_per_address", kMost);
  config.people_limits.total = read.Count("limits.people_connections", kMost);
  config.people_limits.per_source = read.Count("limits.people_connections_per_address", kMost);
  // At least four batches of 512: fewer would turn laptops away while one batch is written.
  config.queued_writes =
      static_cast<std::size_t>(read.Number("limits.queued_writes", 2048, 1 << 20));
  config.reader_threads = static_cast<int>(read.Number("limits.reader_threads", 1, 64));
}

// Anything that could end a header of a mail is no address.
bool IsMailAddress(const std::string& text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != ',' && c != '<' && c != '>' && c != '"';
  });
  return plain && !text.empty() && text.front() != '-' && text.find('@') != std::string::npos;
}

void ReadAlerts(Reader& read, AlertsConfig& alerts) {
  constexpr std::int64_t kMost = 1'000'000;
  alerts.rules.ready_drop = read.Number("alerts.ready_drop", 0, kMost);
  alerts.rules.window = read.Number("alerts.window_minutes", 1, 7 * 1440) * access::kMinute;
  alerts.rules.application_laptops = read.Number("alerts.application_laptops", 0, kMost);
  alerts.rules.certificate_laptops = read.Number("alerts.certificate_laptops", 0, kMost);
  alerts.rules.certificate_days = read.Number("alerts.certificate_days", 1, 366);
  alerts.in_french = read.OneOf("alerts.language", {"en", "fr"}) == "fr";
  if (const std::string url = read.Text("alerts.webhook_url"); !url.empty()) {
    absl::StatusOr<gateway::WebhookUrl> parsed = gateway::ParseWebhookUrl(url);
    if (!parsed.ok()) {
      read.Wrong("alerts.webhook_url", std::string(parsed.status().message()));
    } else {
      alerts.webhook = *std::move(parsed);
    }
  }
  alerts.webhook_secret = read.Text("alerts.webhook_secret_file");
  alerts.webhook_ca = read.Text("alerts.webhook_ca_file");
  alerts.mail_to = read.List("alerts.mail_to");
  for (const std::string& address : alerts.mail_to) {
    if (!IsMailAddress(address))
      read.Wrong("alerts.mail_to", fmt::format("\"{}\" is no mail address", address));
  }
  alerts.mail_from = read.Text("alerts.mail_from");
  if (!IsMailAddress(alerts.mail_from)) read.Wrong("alerts.mail_from", "must be a mail address");
  alerts.sendmail = read.Text("alerts.sendmail");
  if (!alerts.mail_to.empty() && alerts.sendmail.substr(0, 1) != "/")
    read.Wrong("alerts.sendmail", "must be the whole path of a program");
}

absl::StatusOr<Config> Read(const Values& values) {
  Reader read(values);
  Config config;
  config.state_dir = read.Text("state_dir");
  if (config.state_dir.empty()) read.Wrong("state_dir", "is needed: $HOME is not set");
  config.zone = read.Text("zone");
  if (!inventory::IsZone(config.zone)) {
    read.Wrong("zone", fmt::format("\"{}\" is no time zone of this system", config.zone));
  }
  config.log_level = read.OneOf("log.level", {"debug", "info", "warn", "error"});
  config.log_format = read.OneOf("log.format", {"text", "json"});
  ReadListeners(read, config);
  config.ca_directory = read.Text("ca.directory");
  config.ca_is_given = !config.ca_directory.empty();
  if (!config.ca_is_given) config.ca_directory = config.state_dir / "ca";
  config.trust_domain = read.Text("ca.trust_domain");
  if (!access::IsTrustDomain(config.trust_domain)) {
    read.Wrong("ca.trust_domain", "must be made of lower-case letters, digits, dots and dashes");
  }
  config.checkin_least = read.Number("checkin.least_seconds", 0, 86'400) * access::kSecond;
  config.device_lifetime =
      read.Number("ca.device_lifetime_seconds", 10, 400 * 86'400) * access::kSecond;
  config.checkin_interval = read.Number("checkin.interval_seconds", 10, 86'400) * access::kSecond;
  config.stale_after = read.Number("readiness.stale_after_hours", 0, 24 * 365) * access::kHour;
  config.backup_keep_days = read.Number("backup.keep_days", 0, 3650);
  config.reserve_bytes = read.Number("storage.reserve_mib", 0, 1 << 20) << 20;
  ReadAlerts(read, config.alerts);
  ReadLimits(read, config);
  PARC_TRY(read.status());
  return config;
}

std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string AsToml(const ConfigValue& value) {
  if (const auto* text = std::get_if<std::string>(&value.value)) return Quoted(*text);
  if (const auto* number = std::get_if<std::int64_t>(&value.value)) return std::to_string(*number);
  std::vector<std::string> items;
  for (const std::string& item : std::get<std::vector<std::string>>(value.value)) {
    items.push_back(Quoted(item));
  }
  return fmt::format("[{}]", fmt::join(items, ", "));
}

}  // namespace

absl::StatusOr<rpc::ListenAddress> ParseListenAddress(std::string_view text) {
  const auto wrong = [&] {
    return absl::InvalidArgumentError(
        fmt::format("\"{}\" is no address:port, such as 127.0.0.1:8443 or [::1]:8443", text));
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong();
  std::string_view address = text.substr(0, colon);
  if (address.find(':') != std::string_view::npos) {
    if (address.front() != '[' || address.back() != ']') return wrong();
    address = address.substr(1, address.size() - 2);
  }
  const std::optional<std::uint16_t> port = ParseNumber<std::uint16_t>(text.substr(colon + 1));
  if (!port || !IsAddress(std::string(address))) return wrong();
  return rpc::ListenAddress{std::string(address), *port};
}

absl::StatusOr<LoadedConfig> LoadConfig(const ConfigSources& sources) {
  PARC_ASSIGN(const Values values, Gather(sources));
  LoadedConfig loaded;
  PARC_ASSIGN(loaded.config, Read(values));
  for (const Setting& setting : kSettings) {
    const ConfigValue& value = values.at(std::string(setting.key));
    loaded.explained.push_back(
        {std::string(setting.key), AsToml(value), value.source, std::string(setting.help)});
  }
  return loaded;
}

}  // namespace parc::app
