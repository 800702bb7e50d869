#pragma once

#include <string>
#include <string_view>

#include "daemon/fleet/import.h"
#include "tests/support/scratch_fleet.h"

// Short ways to a fleet that is worth testing.
namespace parc::test {

inventory::Person PersonOf(std::string_view id, std::string_view population = "Siège");
inventory::Laptop LaptopOf(std::string_view asset_tag, std::string_view serial = "");

void AddPerson(ScratchFleet& fleet, const inventory::Person& person);
void AddSite(ScratchFleet& fleet, std::string_view code, std::string_view name);
// A laptop in `state`, which is not one that needs a holder.
void AddLaptop(ScratchFleet& fleet, std::string_view asset_tag,
               inventory::LaptopState state = inventory::LaptopState::kPrepared);
// One order of one line, 1.
void AddOrder(ScratchFleet& fleet, std::string_view reference, int quantity,
              std::string_view ordered = "2020-01-15");

inventory::Laptop Get(ScratchFleet& fleet, std::string_view name, inventory::Moment moment = {});

absl::StatusOr<inventory::Laptop> Assign(ScratchFleet& fleet, std::string_view laptop,
                                         std::string_view person, bool additional = false);
absl::StatusOr<inventory::Laptop> Return(ScratchFleet& fleet, std::string_view laptop);
absl::StatusOr<inventory::Laptop> Move(ScratchFleet& fleet, std::string_view laptop,
                                       inventory::LaptopEvent event);

// Imports a file in one request, as the edge does.
absl::StatusOr<fleet::ImportResult> Import(ScratchFleet& fleet, fleet::ImportKind kind,
                                           std::string_view bytes, bool partial = false,
                                           bool dry_run = false);
// "3 created, 0 updated, 1 unchanged, 0 refused, applied".
std::string Summary(const absl::StatusOr<fleet::ImportResult>& result);

// Code and reason, as "FAILED_PRECONDITION ILLEGAL_MOVE"; "OK".
std::string Refusal(const absl::Status& status);

}  // namespace parc::test
