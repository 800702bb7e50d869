#include "daemon/rpc/convert_people.h"

#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/rpc/convert_common.h"
#include "fmt/format.h"

namespace parc::rpc {
namespace {

using inventory::Telework;

parc::v1::Telework ToProto(Telework telework) {
  switch (telework) {
    case Telework::kNotRequested:
      return parc::v1::TELEWORK_NOT_REQUESTED;
    case Telework::kRequested:
      return parc::v1::TELEWORK_REQUESTED;
    case Telework::kApproved:
      return parc::v1::TELEWORK_APPROVED;
  }
  return parc::v1::TELEWORK_UNSPECIFIED;
}

absl::StatusOr<Telework> TeleworkFrom(parc::v1::Telework wire) {
  switch (wire) {
    case parc::v1::TELEWORK_UNSPECIFIED:
    case parc::v1::TELEWORK_NOT_REQUESTED:
      return Telework::kNotRequested;
    case parc::v1::TELEWORK_REQUESTED:
      return Telework::kRequested;
    case parc::v1::TELEWORK_APPROVED:
      return Telework::kApproved;
    default:
      return Refuse(absl::StatusCode::kInvalidArgument, "BAD_TELEWORK",
                    fmt::format("person.telework: {} is unknown", static_cast<int>(wire)),
                    "person.telework");
  }
}

}  // namespace

parc::v1::Person ToProto(const inventory::Person& person) {
  parc::v1::Person wire;
  wire.set_name(NameOf("people", person.id));
  wire.set_id(person.id);
  wire.set_display_name(person.name);
  wire.set_mail(person.mail);
  wire.set_organisation_unit(person.unit);
  wire.set_population(person.population);
  wire.set_site(NameOf("sites", person.site));
  wire.set_tier(person.tier);
  wire.set_needs_laptop(person.needs_laptop);
  wire.set_telework(ToProto(person.telework));
  if (person.start) *wire.mutable_start_date() = ToProto(*person.start);
  if (person.end) *wire.mutable_end_date() = ToProto(*person.end);
  wire.set_etag(fmt::format("{}", person.revision));
  wire.set_equipped(person.equipped);
  for (const std::string& tag : person.laptops) wire.add_laptops(NameOf("laptops", tag));
  wire.mutable_extra()->insert(person.extra.begin(), person.extra.end());
  return wire;
}

parc::v1::Site ToProto(const inventory::Site& site) {
  parc::v1::Site wire;
  wire.set_name(NameOf("sites", site.code));
  wire.set_code(site.code);
  wire.set_display_name(site.name);
  wire.set_department(site.department);
  wire.set_parent(NameOf("sites", site.parent));
  wire.set_etag(fmt::format("{}", site.revision));
  return wire;
}

absl::StatusOr<inventory::Person> PersonFrom(const parc::v1::Person& wire) {
  inventory::Person person;
  person.id = wire.id();
  if (!wire.name().empty()) {
    PARC_ASSIGN(const std::string id, IdFrom(wire.name(), "people", "person.name"));
    if (person.id.empty()) person.id = id;
  }
  person.name = wire.display_name();
  person.mail = wire.mail();
  person.unit = wire.organisation_unit();
  person.population = wire.population();
  PARC_ASSIGN(person.site, OptionalIdFrom(wire.site(), "sites", "person.site"));
  // 0 is what a client sends that says nothing.
  if (wire.tier() != 0) person.tier = wire.tier();
  if (wire.has_needs_laptop()) person.needs_laptop = wire.needs_laptop();
  PARC_ASSIGN(person.telework, TeleworkFrom(wire.telework()));
  PARC_ASSIGN(person.start, DateFrom(wire.start_date(), "person.start_date"));
  PARC_ASSIGN(person.end, DateFrom(wire.end_date(), "person.end_date"));
  return person;
}

absl::StatusOr<inventory::Site> SiteFrom(const parc::v1::Site& wire) {
  inventory::Site site;
  site.code = wire.code();
  if (!wire.name().empty()) {
    PARC_ASSIGN(const std::string code, IdFrom(wire.name(), "sites", "site.name"));
    if (site.code.empty()) site.code = code;
  }
  site.name = wire.display_name();
  site.department = wire.department();
  PARC_ASSIGN(site.parent, OptionalIdFrom(wire.parent(), "sites", "site.parent"));
  return site;
}

}  // namespace parc::rpc
