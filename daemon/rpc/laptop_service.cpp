#include "daemon/inventory/reason.h"
#include "daemon/rpc/convert_common.h"
#include "daemon/rpc/convert_laptops.h"
#include "daemon/rpc/convert_verdicts.h"
#include "daemon/rpc/masks.h"
#include "daemon/rpc/people_handlers.h"
#include "parc/v1/laptops.pb.h"

namespace parc::rpc {
namespace {

using access::Permission;

absl::StatusOr<v1::Laptop> GetLaptop(const Question& question,
                                     const v1::GetLaptopRequest& request) {
  PARC_ASSIGN(const std::string name, IdFrom(request.name(), "laptops"));
  PARC_ASSIGN(const inventory::Moment moment, MomentFrom(request.moment()));
  PARC_ASSIGN(const fleet::LaptopRow row, question.view.GetLaptop(name, moment));
  return ToProto(row);
}

absl::StatusOr<v1::ListLaptopsResponse> ListLaptops(const Question& question,
                                                    const v1::ListLaptopsRequest& request) {
  const std::vector<std::string> fields(request.fields().begin(), request.fields().end());
  PARC_TRY(CheckFields(question.role(), inventory::Resource::kLaptops, request.filter(),
                       request.order_by(), fields));
  PARC_ASSIGN(const fleet::ListQuery query, QueryOf(question, request));
  PARC_ASSIGN(const auto page, question.view.ListLaptops(query, fields));
  v1::ListLaptopsResponse response;
  PutPage(question, request, page, response,
          [&](const fleet::LaptopRow& row) { *response.add_laptops() = ToProto(row); });
  return response;
}

absl::StatusOr<v1::ListEventsResponse> ListEvents(const Question& question,
                                                  const v1::ListEventsRequest& request) {
  PARC_ASSIGN(const fleet::ListQuery query, QueryOf(question, request));
  fleet::Page<inventory::LaptopHistoryEntry> page;
  if (request.parent().starts_with("people/")) {
    PARC_TRY(access::Require(question.role(), Permission::kReadPeople));
    PARC_ASSIGN(const std::string person, IdFrom(request.parent(), "people", "parent"));
    PARC_ASSIGN(page, question.view.PersonHistory(person, query));
  } else {
    PARC_ASSIGN(const std::string laptop, IdFrom(request.parent(), "laptops", "parent"));
    PARC_ASSIGN(page, question.view.LaptopHistory(laptop, query));
  }
  v1::ListEventsResponse response;
  PutPage(question, request, page, response, [&](const inventory::LaptopHistoryEntry& entry) {
    *response.add_events() = ToProto(entry);
  });
  return response;
}

absl::StatusOr<v1::ExplainLaptopResponse> ExplainLaptop(const Question& question,
                                                        const v1::ExplainLaptopRequest& request) {
  PARC_ASSIGN(const std::string name, IdFrom(request.name(), "laptops"));
  PARC_ASSIGN(const fleet::LaptopRow row, question.view.GetLaptop(name, {}));
  PARC_ASSIGN(const fleet::Readiness readiness, question.view.Explain(name));
  v1::ExplainLaptopResponse response;
  *response.mutable_laptop() = ToProto(row);
  *response.mutable_readiness() = ToProto(readiness);
  return response;
}

// As lists and GetLaptop show it, with its judgement.
absl::StatusOr<v1::Laptop> Shown(Edit& edit, const inventory::Laptop& laptop) {
  PARC_ASSIGN(const fleet::LaptopRow row,
              edit.Read([&](fleet::View& view) { return view.GetLaptop(laptop.asset_tag, {}); }));
  return ToProto(row);
}

absl::StatusOr<v1::Laptop> CreateLaptop(Edit& edit, const v1::CreateLaptopRequest& request) {
  PARC_ASSIGN(const inventory::Laptop wanted, LaptopFrom(request.laptop()));
  // As in updates: who may not see a value cannot set it either.
  if (wanted.price.has_value() || !wanted.order_line.empty()) {
    PARC_TRY(access::Require(edit.role(), Permission::kReadProcurement));
  }
  if (!wanted.holder.empty()) {
    PARC_TRY(access::Require(edit.role(), Permission::kReadPeople));
  }
  PARC_ASSIGN(const inventory::Laptop laptop, edit.change.CreateLaptop(wanted));
  return Shown(edit, laptop);
}

absl::StatusOr<v1::Laptop> UpdateLaptop(Edit& edit, const v1::UpdateLaptopRequest& request) {
  PARC_ASSIGN(inventory::Laptop wanted, LaptopFrom(request.laptop()));
  PARC_ASSIGN(wanted.asset_tag, IdFrom(request.laptop().name(), "laptops", "laptop.name"));
  PARC_ASSIGN(const fleet::FieldMask mask, MaskFrom(request.update_mask()));
  for (const std::string& field : mask) {
    // Who may not see a price cannot change it either.
    if (field == "price" || field == "order_line") {
      PARC_TRY(access::Require(edit.role(), Permission::kReadProcurement));
    }
  }
  PARC_ASSIGN(const inventory::Laptop laptop,
              edit.change.UpdateLaptop(wanted, mask, request.laptop().etag()));
  return Shown(edit, laptop);
}

absl::StatusOr<v1::Laptop> AssignLaptop(Edit& edit, const v1::AssignLaptopRequest& request) {
  PARC_ASSIGN(const std::string name, IdFrom(request.name(), "laptops"));
  PARC_ASSIGN(const std::string person, IdFrom(request.person(), "people", "person"));
  PARC_ASSIGN(const inventory::Laptop laptop,
              edit.change.AssignLaptop(name, person, request.additional(), request.etag()));
  return Shown(edit, laptop);
}

absl::StatusOr<v1::Laptop> ReturnLaptop(Edit& edit, const v1::ReturnLaptopRequest& request) {
  PARC_ASSIGN(const std::string name, IdFrom(request.name(), "laptops"));
  PARC_ASSIGN(const inventory::Laptop laptop, edit.change.ReturnLaptop(name, request.etag()));
  return Shown(edit, laptop);
}

absl::StatusOr<v1::SwapLaptopResponse> SwapLaptop(Edit& edit,
                                                  const v1::SwapLaptopRequest& request) {
  PARC_ASSIGN(const std::string name, IdFrom(request.name(), "laptops"));
  PARC_ASSIGN(const std::string replacement,
              IdFrom(request.replacement(), "laptops", "replacement"));
  PARC_ASSIGN(const fleet::Change::Swapped swapped,
              edit.change.SwapLaptop(name, replacement, request.etag()));
  v1::SwapLaptopResponse response;
  PARC_ASSIGN(*response.mutable_returned(), Shown(edit, swapped.returned));
  PARC_ASSIGN(*response.mutable_assigned(), Shown(edit, swapped.assigned));
  return response;
}

absl::StatusOr<v1::Laptop> MoveLaptop(Edit& edit, const v1::MoveLaptopRequest& request) {
  PARC_ASSIGN(const std::string name, IdFrom(request.name(), "laptops"));
  PARC_ASSIGN(const inventory::LaptopEvent event, EventFrom(request.event()));
  PARC_ASSIGN(const inventory::Laptop laptop, edit.change.MoveLaptop(name, event, request.etag()));
  return Shown(edit, laptop);
}

// Whoever holds it now must not go on as a device of ours.
bool IsGone(const v1::MoveLaptopRequest& request) {
  return request.event() == v1::LAPTOP_EVENT_LOSE || request.event() == v1::LAPTOP_EVENT_STEAL;
}

}  // namespace

void RegisterLaptops(PeopleHandlers& handlers) {
  handlers.Ask("/parc.v1.LaptopService/GetLaptop", GetLaptop);
  handlers.Ask("/parc.v1.LaptopService/ListLaptops", ListLaptops);
  handlers.Ask("/parc.v1.LaptopService/ListEvents", ListEvents);
  handlers.Ask("/parc.v1.LaptopService/ExplainLaptop", ExplainLaptop);
  handlers.Change("/parc.v1.LaptopService/CreateLaptop", CreateLaptop);
  handlers.Change("/parc.v1.LaptopService/UpdateLaptop", UpdateLaptop);
  handlers.Change("/parc.v1.LaptopService/AssignLaptop", AssignLaptop);
  handlers.Change("/parc.v1.LaptopService/ReturnLaptop", ReturnLaptop);
  handlers.Change("/parc.v1.LaptopService/SwapLaptop", SwapLaptop);
  handlers.UrgentChange("/parc.v1.LaptopService/MoveLaptop", MoveLaptop, IsGone);
}

}  // namespace parc::rpc
