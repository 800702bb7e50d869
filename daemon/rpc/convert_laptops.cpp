#include "daemon/rpc/convert_laptops.h"

#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/rpc/convert_common.h"
#include "daemon/rpc/convert_verdicts.h"
#include "fmt/format.h"

namespace parc::rpc {
namespace {

constexpr std::string_view kStatePrefix = "LAPTOP_STATE_";
constexpr std::string_view kEventPrefix = "LAPTOP_EVENT_";

}  // namespace

parc::v1::LaptopEvent ToProto(inventory::LaptopEvent event) {
  parc::v1::LaptopEvent wire = parc::v1::LAPTOP_EVENT_UNSPECIFIED;
  parc::v1::LaptopEvent_Parse(fmt::format("{}{}", kEventPrefix, inventory::ToString(event)), &wire);
  return wire;
}

// The names of the API are the canonical ones with a prefix; a test goes through all of them.
parc::v1::LaptopState ToProto(inventory::LaptopState state) {
  parc::v1::LaptopState wire = parc::v1::LAPTOP_STATE_UNSPECIFIED;
  parc::v1::LaptopState_Parse(fmt::format("{}{}", kStatePrefix, inventory::ToString(state)), &wire);
  return wire;
}

parc::v1::Laptop ToProto(const inventory::Laptop& laptop) {
  parc::v1::Laptop wire;
  wire.set_name(NameOf("laptops", laptop.asset_tag));
  wire.set_asset_tag(laptop.asset_tag);
  wire.set_serial(laptop.serial);
  wire.set_manufacturer(laptop.manufacturer);
  wire.set_model(laptop.model);
  wire.set_state(ToProto(laptop.state));
  *wire.mutable_state_since_date() = ToProto(laptop.state_since);
  wire.set_holder(NameOf("people", laptop.holder));
  wire.set_holder_name(laptop.holder_name);
  wire.set_site(NameOf("sites", laptop.site));
  wire.set_order_line(OrderLineName(laptop.order_line));
  if (laptop.purchase_date) *wire.mutable_purchase_date() = ToProto(*laptop.purchase_date);
  if (laptop.price) *wire.mutable_price() = ToProto(*laptop.price);
  if (laptop.warranty_end) *wire.mutable_warranty_end_date() = ToProto(*laptop.warranty_end);
  if (laptop.end_of_life) *wire.mutable_end_of_life_date() = ToProto(*laptop.end_of_life);
  for (const std::string& tag : laptop.tags) wire.add_tags(tag);
  wire.set_notes(laptop.notes);
  wire.mutable_extra()->insert(laptop.extra.begin(), laptop.extra.end());
  wire.set_etag(fmt::format("{}", laptop.revision));
  return wire;
}

parc::v1::Laptop ToProto(const fleet::LaptopRow& row) {
  parc::v1::Laptop wire = ToProto(row.laptop);
  if (row.verdict) wire.set_verdict(VerdictFromName(*row.verdict));
  if (row.last_seen) *wire.mutable_last_seen_time() = TimeToProto(*row.last_seen);
  wire.mutable_facts()->insert(row.facts.begin(), row.facts.end());
  return wire;
}

parc::v1::Event ToProto(const inventory::LaptopHistoryEntry& entry) {
  parc::v1::Event wire;
  wire.set_laptop(NameOf("laptops", entry.laptop));
  wire.set_event(ToProto(entry.event));
  if (entry.from) wire.set_from_state(ToProto(*entry.from));
  wire.set_to_state(ToProto(entry.to));
  wire.set_person(NameOf("people", entry.person));
  wire.set_person_name(entry.person_name);
  *wire.mutable_effective_date() = ToProto(entry.effective);
  *wire.mutable_commit_time() = TimeToProto(entry.committed);
  wire.set_actor(entry.actor);
  wire.set_actor_name(entry.actor_name);
  wire.set_reason(entry.reason);
  return wire;
}

absl::StatusOr<inventory::LaptopEvent> EventFrom(parc::v1::LaptopEvent event) {
  const std::string& name = parc::v1::LaptopEvent_Name(event);
  if (event == parc::v1::LAPTOP_EVENT_UNSPECIFIED || name.size() <= kEventPrefix.size()) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_EVENT",
                  fmt::format("event: {} is no event", static_cast<int>(event)), "event");
  }
  return inventory::ParseLaptopEvent(std::string_view(name).substr(kEventPrefix.size()));
}

absl::StatusOr<inventory::Laptop> LaptopFrom(const parc::v1::Laptop& wire) {
  inventory::Laptop laptop;
  laptop.asset_tag = wire.asset_tag();
  if (!wire.name().empty()) {
    PARC_ASSIGN(const std::string tag, IdFrom(wire.name(), "laptops", "laptop.name"));
    if (laptop.asset_tag.empty()) laptop.asset_tag = tag;
  }
  laptop.serial = wire.serial();
  laptop.manufacturer = wire.manufacturer();
  laptop.model = wire.model();
  if (wire.state() != parc::v1::LAPTOP_STATE_UNSPECIFIED) {
    const std::string& name = parc::v1::LaptopState_Name(wire.state());
    if (name.size() <= kStatePrefix.size()) {
      return Refuse(absl::StatusCode::kInvalidArgument, "BAD_STATE",
                    fmt::format("laptop.state: {} is no state", static_cast<int>(wire.state())),
                    "laptop.state");
    }
    PARC_ASSIGN(laptop.state,
                inventory::ParseLaptopState(std::string_view(name).substr(kStatePrefix.size())));
  }
  PARC_ASSIGN(laptop.holder, OptionalIdFrom(wire.holder(), "people", "laptop.holder"));
  PARC_ASSIGN(laptop.site, OptionalIdFrom(wire.site(), "sites", "laptop.site"));
  if (!wire.order_line().empty()) {
    PARC_ASSIGN(laptop.order_line, OrderLineFrom(wire.order_line(), "laptop.order_line"));
  }
  PARC_ASSIGN(laptop.purchase_date, DateFrom(wire.purchase_date(), "laptop.purchase_date"));
  if (wire.has_price()) {
    PARC_ASSIGN(laptop.price, MoneyFrom(wire.price(), "laptop.price"));
  }
  PARC_ASSIGN(laptop.warranty_end, DateFrom(wire.warranty_end_date(), "laptop.warranty_end_date"));
  PARC_ASSIGN(laptop.end_of_life, DateFrom(wire.end_of_life_date(), "laptop.end_of_life_date"));
  laptop.tags.assign(wire.tags().begin(), wire.tags().end());
  laptop.notes = wire.notes();
  return laptop;
}

}  // namespace parc::rpc
