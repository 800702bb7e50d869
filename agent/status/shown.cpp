#include "agent/files/sealed.h"
#include "agent/files/text.h"
#include "agent/status/status.h"
#include "fmt/format.h"

namespace parc::agent {
namespace {

constexpr std::string_view kEndOfLines = "\n\n";

std::string InQuotes(std::string_view text) {
  std::string value = Printable(text);
  for (char& c : value) c = c == '"' || c == '\\' ? ' ' : c;
  return value;
}

// Nothing for what is no hexadecimal.
std::string BytesOfHex(std::string_view hex) {
  std::string bytes;
  for (; hex.size() >= 2; hex.remove_prefix(2)) {
    const auto byte = ToInt<int>(hex.substr(0, 2), 16);
    if (!byte) return {};
    bytes.push_back(static_cast<char>(*byte));
  }
  return bytes;
}

}  // namespace

std::string FormatShown(const StatusView& view) {
  std::string lines;
  const auto line = [&](const char* name, std::string_view value) {
    lines += fmt::format("{}=\"{}\"\n", name, InQuotes(value));
  };
  line("enrolled", view.enrolled ? "1" : "0");
  line("pending", view.pending ? "1" : "0");
  line("problem", view.problem);
  line("words", view.words);
  line("device", view.device_id);
  line("endpoint", view.endpoint);
  line("certificate_end", std::to_string(view.certificate_end));
  line("key", Hex(view.key_hash));
  lines += FormatContact(view.contact);
  v1::CheckInResponse told;
  if (view.answer) {
    told.set_verdict(view.answer->verdict());
    *told.mutable_problems() = view.answer->problems();
  }
  return Seal(lines + "\n" + (view.answer ? "1" + told.SerializeAsString() : "0"));
}

absl::StatusOr<StatusView> ParseShown(std::string_view bytes) {
  const absl::StatusOr<std::string> unsealed = Unseal(bytes);
  if (!unsealed.ok()) return unsealed.status();
  const std::size_t end = unsealed->find(kEndOfLines);
  if (end == std::string::npos || end + kEndOfLines.size() >= unsealed->size())
    return absl::DataLossError("what status tells is damaged");
  const std::string lines = unsealed->substr(0, end + 1);
  auto values = ParseKeyValues(lines);
  StatusView view;
  view.enrolled = values["enrolled"] == "1";
  view.pending = values["pending"] == "1";
  view.problem = values["problem"];
  view.words = values["words"];
  view.device_id = values["device"];
  view.endpoint = values["endpoint"];
  view.certificate_end = ToInt<std::int64_t>(values["certificate_end"]).value_or(0);
  view.key_hash = BytesOfHex(values["key"]);
  view.contact = ParseContact(lines);
  const std::string_view rest = std::string_view(*unsealed).substr(end + kEndOfLines.size());
  if (rest.front() == '1') {
    v1::CheckInResponse told;
    if (!told.ParseFromString(std::string(rest.substr(1))))
      return absl::DataLossError("what status tells is damaged");
    view.answer = std::move(told);
  }
  return view;
}

}  // namespace parc::agent
