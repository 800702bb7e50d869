#include "daemon/checkin/sanitise.h"

#include <algorithm>
#include <cstddef>

namespace parc::checkin {
namespace {

// Bytes at the beginning of `text` that make one character to be taken out; 0: none.
std::size_t UnwelcomeAt(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  if (byte(0) < 0x20 || byte(0) == 0x7F) return 1;
  if (byte(0) == 0xC2 && byte(1) >= 0x80 && byte(1) <= 0x9F) return 2;  // C1
  if (byte(0) == 0xD8 && byte(1) == 0x9C) return 2;                     // U+061C
  if (byte(0) != 0xE2) return 0;
  const bool marks = byte(1) == 0x80 && (byte(2) == 0x8E || byte(2) == 0x8F);     // U+200E, F
  const bool lines = byte(1) == 0x80 && (byte(2) == 0xA8 || byte(2) == 0xA9);     // U+2028, 9
  const bool embeddings = byte(1) == 0x80 && byte(2) >= 0xAA && byte(2) <= 0xAE;  // U+202A to E
  const bool isolates = byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9;    // U+2066 to 9
  return marks || lines || embeddings || isolates ? 3 : 0;
}

// Whether Sanitised would leave `text` as it is; may say no where it would.
bool IsPlain(std::string_view text) {
  if (text.empty()) return true;
  if (text.front() == ' ' || text.back() == ' ') return false;
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F || byte == 0xC2 || byte == 0xD8 || byte == 0xE2;
  });
}

void Clean(std::string& text) {
  if (!IsPlain(text)) text = Sanitised(text);
}

void CleanFacts(inventory::FactSheet& facts) {
  for (auto&& [id, value] : facts.values) {
    if (auto* text = std::get_if<std::string>(&value)) Clean(*text);
    if (auto* list = std::get_if<std::vector<std::string>>(&value)) {
      for (std::string& element : *list) Clean(element);
      std::erase(*list, "");
    }
  }
  facts.values.EraseIf([](const inventory::Value& value) {
    const auto* text = std::get_if<std::string>(&value);
    return text != nullptr && text->empty();
  });
  std::map<std::string, std::string> unreadable;
  for (const auto& [fact, reason] : facts.unreadable)
    unreadable.emplace(Sanitised(fact), Sanitised(reason));
  facts.unreadable = std::move(unreadable);
}

}  // namespace

std::string Sanitised(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const std::size_t unwelcome = UnwelcomeAt(text);
    clean.push_back(unwelcome > 0 ? ' ' : text.front());
    text.remove_prefix(unwelcome > 0 ? unwelcome : 1);
  }
  const std::size_t first = clean.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return clean.substr(first, clean.find_last_not_of(' ') - first + 1);
}

void Sanitise(Report& report) {
  Clean(report.agent_version);
  CleanFacts(report.facts);
  for (inventory::DiskFact& disk : report.facts.disks) {
    Clean(disk.name);
    Clean(disk.model);
  }
  for (inventory::InterfaceFact& interface : report.facts.interfaces) {
    Clean(interface.name);
    Clean(interface.mac);
    Clean(interface.kind);
  }
  for (inventory::VpnProfileFact& profile : report.facts.vpn_profiles) {
    Clean(profile.tool);
    Clean(profile.source);
    Clean(profile.problem);
    Clean(profile.gateway);
  }
  for (inventory::VpnGatewayFact& gateway : report.facts.vpn_gateways) {
    Clean(gateway.protocol);
    Clean(gateway.host);
    Clean(gateway.answer);
  }
}

}  // namespace parc::checkin
