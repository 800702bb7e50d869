#pragma once

#include "absl/status/statusor.h"
#include "daemon/fleet/view.h"
#include "daemon/inventory/laptop.h"
#include "parc/v1/laptops.pb.h"

namespace parc::rpc {

parc::v1::Laptop ToProto(const inventory::Laptop& laptop);
parc::v1::Laptop ToProto(const fleet::LaptopRow& row);
parc::v1::Event ToProto(const inventory::LaptopHistoryEntry& entry);
parc::v1::LaptopState ToProto(inventory::LaptopState state);
parc::v1::LaptopEvent ToProto(inventory::LaptopEvent event);

// A laptop as a client states it; what is output only is not read. `laptop.asset_tag` may be left
// out when `laptop.name` is there. INVALID_ARGUMENT BAD_NAME, BAD_DATE, BAD_STATE, OUT_OF_RANGE.
absl::StatusOr<inventory::Laptop> LaptopFrom(const parc::v1::Laptop& laptop);
// INVALID_ARGUMENT BAD_EVENT for UNSPECIFIED and for what this daemon does not know.
absl::StatusOr<inventory::LaptopEvent> EventFrom(parc::v1::LaptopEvent event);

}  // namespace parc::rpc
