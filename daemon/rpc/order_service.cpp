#include "daemon/rpc/convert_common.h"
#include "daemon/rpc/convert_orders.h"
#include "daemon/rpc/masks.h"
#include "daemon/rpc/people_handlers.h"
#include "parc/v1/orders.pb.h"

namespace parc::rpc {
namespace {

absl::StatusOr<v1::Order> GetOrder(const Question& question, const v1::GetOrderRequest& request) {
  PARC_ASSIGN(const std::string reference, IdFrom(request.name(), "orders"));
  PARC_ASSIGN(const inventory::Moment moment, MomentFrom(request.moment()));
  PARC_ASSIGN(const procurement::Order order, question.view.GetOrder(reference, moment));
  return ToProto(order);
}

absl::StatusOr<v1::ListOrdersResponse> ListOrders(const Question& question,
                                                  const v1::ListOrdersRequest& request) {
  PARC_TRY(CheckFields(question.role(), inventory::Resource::kOrders, request.filter(),
                       request.order_by()));
  PARC_ASSIGN(const fleet::ListQuery query, QueryOf(question, request));
  PARC_ASSIGN(const auto page, question.view.ListOrders(query));
  v1::ListOrdersResponse response;
  PutPage(question, request, page, response,
          [&](const procurement::Order& order) { *response.add_orders() = ToProto(order); });
  return response;
}

// The order's reference in "REFERENCE/2".
std::string_view ReferenceOf(std::string_view line) { return line.substr(0, line.rfind('/')); }

absl::StatusOr<v1::Order> CreateOrder(Edit& edit, const v1::CreateOrderRequest& request) {
  PARC_ASSIGN(const procurement::Order wanted, OrderFrom(request.order()));
  PARC_ASSIGN(const procurement::Order order, edit.change.CreateOrder(wanted));
  return ToProto(order);
}

absl::StatusOr<v1::Order> PlaceOrder(Edit& edit, const v1::PlaceOrderRequest& request) {
  PARC_ASSIGN(const std::string reference, IdFrom(request.name(), "orders"));
  PARC_ASSIGN(const procurement::Order order, edit.change.PlaceOrder(reference));
  return ToProto(order);
}

absl::StatusOr<v1::OrderLine> RecordShipment(Edit& edit, const v1::RecordShipmentRequest& request) {
  PARC_ASSIGN(const std::string name, OrderLineFrom(request.name()));
  procurement::Shipment shipment;
  PARC_ASSIGN(const std::optional<inventory::CivilDate> shipped,
              DateFrom(request.shipped_date(), "shipped_date"));
  shipment.shipped =
      shipped.value_or(edit.change.context().effective.value_or(edit.change.context().today));
  shipment.quantity = request.quantity();
  shipment.carrier = request.carrier();
  shipment.tracking = request.tracking();
  PARC_ASSIGN(const procurement::OrderLine line,
              edit.change.RecordShipment(name, std::move(shipment)));
  return ToProto(line, ReferenceOf(name));
}

absl::StatusOr<v1::OrderLine> RecordPromise(Edit& edit, const v1::RecordPromiseRequest& request) {
  PARC_ASSIGN(const std::string name, OrderLineFrom(request.name()));
  PARC_ASSIGN(const inventory::CivilDate promised,
              RequiredDateFrom(request.promised_date(), "promised_date"));
  PARC_ASSIGN(const procurement::OrderLine line,
              edit.change.RecordPromise(name, promised, request.source()));
  return ToProto(line, ReferenceOf(name));
}

absl::StatusOr<v1::ReceiveLaptopsResponse> ReceiveLaptops(
    Edit& edit, const v1::ReceiveLaptopsRequest& request) {
  fleet::Change::Reception reception;
  PARC_ASSIGN(reception.line, OrderLineFrom(request.name()));
  PARC_ASSIGN(reception.site, OptionalIdFrom(request.site(), "sites", "site"));
  reception.serials.assign(request.serials().begin(), request.serials().end());
  reception.asset_tags.assign(request.asset_tags().begin(), request.asset_tags().end());
  reception.accept_over_delivery = request.accept_over_delivery();
  reception.manufacturer = request.manufacturer();
  reception.model = request.model();
  PARC_ASSIGN(const fleet::Change::Received received, edit.change.ReceiveLaptops(reception));
  v1::ReceiveLaptopsResponse response;
  *response.mutable_line() = ToProto(received.line, ReferenceOf(reception.line));
  for (const std::string& tag : received.laptops) response.add_laptops(NameOf("laptops", tag));
  return response;
}

absl::StatusOr<v1::OrderLine> CancelOrderLine(Edit& edit,
                                              const v1::CancelOrderLineRequest& request) {
  PARC_ASSIGN(const std::string name, OrderLineFrom(request.name()));
  PARC_ASSIGN(const procurement::OrderLine line,
              edit.change.CancelOrderLine(name, request.quantity() == 0
                                                    ? std::optional<int>()
                                                    : std::optional<int>(request.quantity())));
  return ToProto(line, ReferenceOf(name));
}

absl::StatusOr<v1::Order> CancelOrder(Edit& edit, const v1::CancelOrderRequest& request) {
  PARC_ASSIGN(const std::string reference, IdFrom(request.name(), "orders"));
  PARC_ASSIGN(const procurement::Order order, edit.change.CancelOrder(reference));
  return ToProto(order);
}

absl::StatusOr<v1::ListSuppliersResponse> ListSuppliers(const Question& question,
                                                        const v1::ListSuppliersRequest& request) {
  PARC_ASSIGN(const inventory::Moment moment, MomentFrom(request.moment()));
  PARC_ASSIGN(const auto suppliers, question.view.ListSuppliers(moment));
  v1::ListSuppliersResponse response;
  for (const procurement::Punctuality& supplier : suppliers)
    *response.add_suppliers() = ToProto(supplier);
  return response;
}

}  // namespace

void RegisterOrders(PeopleHandlers& handlers) {
  handlers.Ask("/parc.v1.OrderService/GetOrder", GetOrder);
  handlers.Ask("/parc.v1.OrderService/ListOrders", ListOrders);
  handlers.Ask("/parc.v1.OrderService/ListSuppliers", ListSuppliers);
  handlers.Change("/parc.v1.OrderService/CreateOrder", CreateOrder);
  handlers.Change("/parc.v1.OrderService/PlaceOrder", PlaceOrder);
  handlers.Change("/parc.v1.OrderService/RecordShipment", RecordShipment);
  handlers.Change("/parc.v1.OrderService/RecordPromise", RecordPromise);
  handlers.Change("/parc.v1.OrderService/ReceiveLaptops", ReceiveLaptops);
  handlers.Change("/parc.v1.OrderService/CancelOrderLine", CancelOrderLine);
  handlers.Change("/parc.v1.OrderService/CancelOrder", CancelOrder);
}

}  // namespace parc::rpc
