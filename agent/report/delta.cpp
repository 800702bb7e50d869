#include "agent/report/delta.h"

#include <array>
#include <utility>

#include "agent/files/sealed.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace parc::agent {
namespace {

using google::protobuf::FieldDescriptor;

bool IsSection(const FieldDescriptor* field) {
  return field->type() == FieldDescriptor::TYPE_MESSAGE && !field->is_repeated();
}

// The sources of a section that cannot be read, as one text to compare.
std::string UnreadableOf(const v1::Facts& facts, const std::string& section) {
  v1::Facts own;
  for (const v1::Unreadable& source : facts.unreadable()) {
    if (SectionOf(source.fact()) == section) *own.add_unreadable() = source;
  }
  return own.SerializeAsString();
}

bool Same(const v1::Facts& a, const v1::Facts& b, const FieldDescriptor* field) {
  const auto* reflection = v1::Facts::GetReflection();
  if (reflection->HasField(a, field) != reflection->HasField(b, field)) return false;
  return reflection->GetMessage(a, field).SerializeAsString() ==
             reflection->GetMessage(b, field).SerializeAsString() &&
         UnreadableOf(a, field->name()) == UnreadableOf(b, field->name());
}

}  // namespace

std::string DigestOf(const v1::Facts& facts) { return Sha256(facts.SerializeAsString()); }

std::string SectionOf(const std::string& fact) {
  const std::string word = fact.substr(0, fact.find('.'));
  constexpr std::array<std::pair<const char*, const char*>, 13> kOwners = {{
      {"battery", "hardware"},
      {"efi", "hardware"},
      {"memory", "hardware"},
      {"tpm2", "hardware"},
      {"secure_boot", "hardware"},
      {"disk", "storage"},
      {"accounts", "security"},
      {"antivirus", "security"},
      {"firewall", "security"},
      {"listen", "security"},
      {"root", "security"},
      {"screen_lock", "security"},
      {"reboot_required", "updates"},
  }};
  for (const auto& [name, section] : kOwners) {
    if (word == name) return section;
  }
  const FieldDescriptor* field = v1::Facts::descriptor()->FindFieldByName(word);
  return field != nullptr && IsSection(field) ? word : std::string();
}

Delta Difference(const v1::Facts& base, const v1::Facts& facts) {
  Delta delta;
  const auto* descriptor = v1::Facts::descriptor();
  const auto* reflection = v1::Facts::GetReflection();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    if (!IsSection(field) || Same(base, facts, field)) continue;
    if (reflection->HasField(facts, field)) {
      reflection->MutableMessage(&delta.changed, field)
          ->CopyFrom(reflection->GetMessage(facts, field));
    } else {
      delta.removed.push_back(field->name());
    }
    for (const v1::Unreadable& source : facts.unreadable()) {
      if (SectionOf(source.fact()) == field->name()) *delta.changed.add_unreadable() = source;
    }
  }
  return delta;
}

void PutFacts(const v1::Facts& facts, const v1::Facts* base, v1::CheckInRequest& request) {
  request.set_facts_digest(DigestOf(facts));
  request.clear_base_digest();
  request.clear_removed_sections();
  if (base == nullptr) {
    *request.mutable_facts() = facts;
    return;
  }
  request.set_base_digest(DigestOf(*base));
  Delta delta = Difference(*base, facts);
  *request.mutable_facts() = std::move(delta.changed);
  for (std::string& section : delta.removed) request.add_removed_sections(std::move(section));
}

}  // namespace parc::agent
