#include "daemon/posture/policy_file.h"

#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "daemon/inventory/reason.h"
#include "daemon/inventory/text.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::posture {
namespace {

constexpr std::size_t kMaxWords = 500;  // bytes of a title, a remedy or a reference
constexpr std::size_t kMaxReferences = 8;

using Place = toml::source_position;

absl::Status Wrong(const Place& place, std::string_view check, std::string_view what) {
  absl::Status status = Refuse(absl::StatusCode::kInvalidArgument, "BAD_POLICY", what, "text");
  status = WithDetail(std::move(status), "line", fmt::format("{}", place.line));
  status = WithDetail(std::move(status), "column", fmt::format("{}", place.column));
  return check.empty() ? status : WithDetail(std::move(status), "check", check.substr(0, 64));
}

// "30m", "12h" or "7d" in microseconds.
std::optional<std::int64_t> ParseSpan(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop + 1 != end || number < 0 || number > 10'000) return {};
  constexpr std::int64_t kMinute = std::int64_t{60} * 1'000'000;
  switch (*stop) {
    case 'm':
      return number * kMinute;
    case 'h':
      return number * 60 * kMinute;
    case 'd':
      return number * 24 * 60 * kMinute;
    default:
      return {};
  }
}

// One line that a terminal shows as it is stored.
bool IsPlain(std::string_view text) {
  while (!text.empty()) {
    char32_t character = 0;
    const std::size_t length = inventory::CharacterLength(text, character);
    if (length == 0 || inventory::IsControl(character) || inventory::Misleads(character))
      return false;
    text.remove_prefix(length);
  }
  return true;
}

// Reads one table, key by key; remembers the places for what is found to be wrong later.
class TableReader {
 public:
  // `within`: the key of the table in the one around it, "title"; empty for a table in brackets.
  TableReader(const toml::table& table, std::string_view check, std::string_view within = "")
      : table_(table), check_(check), within_(within) {}

  absl::Status Refuse(std::string_view key, std::string_view what, int offset = 0) const {
    Place place = PlaceOf(key);
    place.column += static_cast<toml::source_index>(offset);
    return Wrong(place, check_, what);
  }

  // Every key is one of `known`.
  absl::Status CheckKeys(const std::vector<std::string_view>& known) const {
    for (const auto& [key, node] : table_) {
      if (std::find(known.begin(), known.end(), key.str()) != known.end()) continue;
      return Wrong(key.source().begin, check_,
                   fmt::format("there is no \"{}\" here; what may stand here is {}", key.str(),
                               fmt::join(known, ", ")));
    }
    return absl::OkStatus();
  }

  // Absent: empty, unless it is required.
  absl::StatusOr<std::string> Text(std::string_view key, bool required) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) {
      if (!required) return std::string();
      return Refuse(key, fmt::format("{} is missing", Whole(key)));
    }
    if (!node->is_string())
      return Refuse(key, fmt::format("{} must be a text in quotes", Whole(key)));
    return node->as_string()->get();
  }

  absl::StatusOr<std::string> Words(std::string_view key) const {
    PARC_ASSIGN(std::string text, Text(key, true));
    if (text.empty() || text.size() > kMaxWords || !IsPlain(text)) {
      return Refuse(key,
                    fmt::format("{} must be one line of 1 to {} bytes", Whole(key), kMaxWords));
    }
    return text;
  }

  absl::StatusOr<std::int64_t> Span(std::string_view key, std::int64_t absent) const {
    PARC_ASSIGN(const std::string text, Text(key, false));
    if (text.empty() && table_.get(key) == nullptr) return absent;
    const std::optional<std::int64_t> span = ParseSpan(text);
    if (span.has_value()) return *span;
    return Refuse(key, fmt::format("{} must be a span such as \"30m\", \"12h\" or \"7d\"", key));
  }

  bool Has(std::string_view key) const { return table_.get(key) != nullptr; }

  // `absent` when it is not there; required without one.
  absl::StatusOr<bool> Switch(std::string_view key, std::optional<bool> absent) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) {
      if (absent.has_value()) return *absent;
      return Refuse(key, fmt::format("{} is missing", key));
    }
    if (!node->is_boolean()) return Refuse(key, fmt::format("{} must be true or false", key));
    return node->as_boolean()->get();
  }

  absl::StatusOr<int> Port(std::string_view key) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return Refuse(key, fmt::format("{} is missing", key));
    constexpr std::int64_t kLast = 65'535;
    const auto* number = node->as_integer();
    if (number == nullptr || number->get() < 1 || number->get() > kLast) {
      return Refuse(key, fmt::format("{} must be a number from 1 to {}", key, kLast));
    }
    return static_cast<int>(number->get());
  }

  absl::StatusOr<std::vector<std::string>> List(std::string_view key) const {
    std::vector<std::string> list;
    const toml::node* node = table_.get(key);
    if (node == nullptr) return list;
    const toml::array* array = node->as_array();
    if (array == nullptr || array->size() > kMaxReferences) {
      return Refuse(key, fmt::format("{} must be a list of at most {} texts", key, kMaxReferences));
    }
    for (const toml::node& item : *array) {
      const auto* text = item.as_string();
      if (text == nullptr || text->get().size() > kMaxWords || !IsPlain(text->get())) {
        return Refuse(key, fmt::format("{} must hold texts of one line", key));
      }
      list.push_back(text->get());
    }
    return list;
  }

  // Of a value; of the table when there is none.
  Place PlaceOf(std::string_view key) const {
    const toml::node* node = table_.get(key);
    return node == nullptr ? table_.source().begin : node->source().begin;
  }

 private:
  // As it is written in the file, "title.en".
  std::string Whole(std::string_view key) const {
    return within_.empty() ? std::string(key) : fmt::format("{}.{}", within_, key);
  }

  const toml::table& table_;
  const std::string_view check_;
  const std::string_view within_;
};

// `key`.en and `key`.fr.
absl::Status ReadWords(const toml::table& table, std::string_view key, std::string_view check,
                       std::string& en, std::string& fr) {
  const TableReader whole(table, check);
  const toml::node* node = table.get(key);
  if (node == nullptr || !node->is_table()) {
    return whole.Refuse(key, fmt::format("{}.en and {}.fr are missing: it is said in English and "
                                         "in French",
                                         key, key));
  }
  const TableReader words(*node->as_table(), check, key);
  PARC_TRY(words.CheckKeys({"en", "fr"}));
  PARC_ASSIGN(en, words.Words("en"));
  PARC_ASSIGN(fr, words.Words("fr"));
  return absl::OkStatus();
}

absl::StatusOr<Severity> ReadSeverity(const TableReader& reader) {
  PARC_ASSIGN(const std::string text, reader.Text("severity", true));
  if (text == "blocker") return Severity::kBlocker;
  if (text == "degrades") return Severity::kDegrades;
  if (text == "info") return Severity::kInfo;
  return reader.Refuse("severity", "severity must be \"blocker\", \"degrades\" or \"info\"");
}

absl::Status ReadCheck(const toml::table& table, Policy& policy) {
  const auto* id = table.get_as<std::string>("id");
  const std::string name = id == nullptr ? std::string() : id->get();
  const TableReader reader(table, name);
  PARC_TRY(reader.CheckKeys({"id", "severity", "passes", "applies", "grace", "title", "remedy",
                             "references", "rationale"}));
  Check check;
  PARC_ASSIGN(check.id, reader.Text("id", true));
  PARC_ASSIGN(check.severity, ReadSeverity(reader));
  PARC_ASSIGN(check.expression, reader.Text("passes", true));
  PARC_ASSIGN(check.applies, reader.Text("applies", false));
  PARC_ASSIGN(check.grace, reader.Span("grace", 0));
  PARC_TRY(ReadWords(table, "title", name, check.title_en, check.title_fr));
  PARC_TRY(ReadWords(table, "remedy", name, check.remedy_en, check.remedy_fr));
  PARC_ASSIGN(check.references, reader.List("references"));
  if (reader.Has("rationale")) {
    PARC_TRY(ReadWords(table, "rationale", name, check.rationale_en, check.rationale_fr));
  }
  const absl::Status added = AddCheck(policy, std::move(check));
  if (added.ok()) return added;
  // Within an expression: after the quote that opens it.
  int offset = 0;
  const std::string at = DetailOf(added, "at");
  std::from_chars(at.data(), at.data() + at.size(), offset);
  return reader.Refuse(DetailOf(added, "key"), std::string(added.message()), offset);
}

// "https://HOST[:PORT][/…]", http likewise; an IPv6 address in brackets. False when it is none.
bool SplitUrl(std::string_view url, Application& application) {
  constexpr std::string_view kSecure = "https://";
  constexpr std::string_view kPlain = "http://";
  application.tls = url.starts_with(kSecure);
  if (!application.tls && !url.starts_with(kPlain)) return false;
  url.remove_prefix(application.tls ? kSecure.size() : kPlain.size());
  const std::string_view authority = url.substr(0, url.find_first_of("/?#"));
  std::size_t host_end = authority.find(':');
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return false;
    application.host = authority.substr(1, close - 1);
    host_end = close + 1;
  } else {
    application.host = authority.substr(0, host_end);
  }
  application.port = application.tls ? 443 : 80;
  if (host_end >= authority.size()) return !application.host.empty();
  const std::string_view port = authority.substr(host_end);
  const char* const end = port.data() + port.size();
  const auto [stop, error] = std::from_chars(port.data() + 1, end, application.port);
  return port.front() == ':' && error == std::errc() && stop == end && !application.host.empty();
}

// Where it answers: `url`, or `host`, `port` and `tls`.
absl::Status ReadPlace(const TableReader& reader, Application& application) {
  if (!reader.Has("url")) {
    PARC_ASSIGN(application.host, reader.Text("host", true));
    PARC_ASSIGN(application.port, reader.Port("port"));
    PARC_ASSIGN(application.tls, reader.Switch("tls", false));
    return absl::OkStatus();
  }
  for (const std::string_view key : {"host", "port", "tls"}) {
    if (reader.Has(key)) return reader.Refuse(key, fmt::format("url already says {}", key));
  }
  PARC_ASSIGN(const std::string url, reader.Text("url", true));
  if (SplitUrl(url, application)) return absl::OkStatus();
  return reader.Refuse("url", "url must be as \"https://intranet.example.org\"");
}

absl::Status ReadApplication(const toml::table& table, Policy& policy) {
  const auto* id = table.get_as<std::string>("id");
  const std::string name = id == nullptr ? std::string() : id->get();
  const TableReader reader(table, name);
  PARC_TRY(reader.CheckKeys({"id", "url", "host", "port", "tls", "through_vpn", "title"}));
  Application application;
  PARC_ASSIGN(application.id, reader.Text("id", true));
  PARC_TRY(ReadPlace(reader, application));
  PARC_ASSIGN(application.through_vpn, reader.Switch("through_vpn", std::nullopt));
  if (reader.Has("title")) {
    PARC_TRY(ReadWords(table, "title", name, application.title_en, application.title_fr));
  }
  const absl::Status added = AddApplication(policy, std::move(application));
  if (added.ok()) return added;
  const std::string key = DetailOf(added, "key");
  return reader.Refuse(reader.Has(key) ? key : "url", std::string(added.message()));
}

absl::Status ReadApplications(const toml::table& table, Policy& policy) {
  const TableReader reader(table, "");
  const toml::node* node = table.get("application");
  if (node == nullptr) return absl::OkStatus();
  constexpr std::string_view kForm =
      "an application begins with [[application]] on a line of its own";
  const toml::array* array = node->as_array();
  if (array == nullptr) return reader.Refuse("application", kForm);
  if (array->size() > kMaxApplications) {
    return reader.Refuse("application", fmt::format("more than {} applications", kMaxApplications));
  }
  for (const toml::node& item : *array) {
    if (!item.is_table()) return Wrong(item.source().begin, "", kForm);
    PARC_TRY(ReadApplication(*item.as_table(), policy));
  }
  return absl::OkStatus();
}

absl::StatusOr<Policy> ReadPolicy(const toml::table& table, std::int64_t version) {
  const TableReader reader(table, "");
  PARC_TRY(reader.CheckKeys({"stale_after", "check", "application"}));
  constexpr std::int64_t kOneDay = std::int64_t{86'400} * 1'000'000;
  Policy policy{version, kOneDay, {}};
  PARC_ASSIGN(policy.stale_after, reader.Span("stale_after", kOneDay));
  if (policy.stale_after <= 0) return reader.Refuse("stale_after", "stale_after must be positive");
  const toml::node* checks = table.get("check");
  const toml::array* array = checks == nullptr ? nullptr : checks->as_array();
  if (array == nullptr || array->empty()) {
    return reader.Refuse("check", "a policy has checks, each beginning with [[check]]");
  }
  if (array->size() > kMaxChecks) {
    return reader.Refuse("check", fmt::format("more than {} checks", kMaxChecks));
  }
  for (const toml::node& node : *array) {
    if (!node.is_table())
      return Wrong(node.source().begin, "", "a check begins with [[check]] on a line of its own");
    PARC_TRY(ReadCheck(*node.as_table(), policy));
  }
  PARC_TRY(ReadApplications(table, policy));
  return policy;
}

}  // namespace

absl::StatusOr<Policy> ParsePolicy(std::string_view text, std::int64_t version) {
  if (text.size() > kMaxPolicyBytes) {
    return Wrong({1, 1}, "",
                 fmt::format("a policy is no larger than {} KiB", kMaxPolicyBytes / 1024));
  }
  try {
    const toml::table table = toml::parse(text);
    return ReadPolicy(table, version);
  } catch (const toml::parse_error& error) {
    return Wrong(error.source().begin, "", error.description());
  }
}

const Policy& DefaultPolicy() {
  static const Policy kPolicy = ParsePolicy(DefaultPolicyText(), 1).value();
  return kPolicy;
}

}  // namespace parc::posture
