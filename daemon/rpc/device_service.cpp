#include "daemon/access/tokens.h"
#include "daemon/fleet/validate.h"
#include "daemon/rpc/convert_common.h"
#include "daemon/rpc/convert_devices.h"
#include "daemon/rpc/masks.h"
#include "daemon/rpc/people_handlers.h"
#include "parc/v1/devices.pb.h"

namespace parc::rpc {
namespace {

absl::StatusOr<v1::Device> GetDevice(const Question& question,
                                     const v1::GetDeviceRequest& request) {
  PARC_ASSIGN(const std::string id, UuidFrom(request.name(), "devices"));
  PARC_ASSIGN(const fleet::DeviceRow row, question.view.GetDevice(id));
  return ToProto(row);
}

absl::StatusOr<v1::ListDevicesResponse> ListDevices(const Question& question,
                                                    const v1::ListDevicesRequest& request) {
  PARC_TRY(CheckFields(question.role(), inventory::Resource::kDevices, request.filter(),
                       request.order_by()));
  PARC_ASSIGN(const fleet::ListQuery query, QueryOf(question, request));
  PARC_ASSIGN(const auto page, question.view.ListDevices(query));
  v1::ListDevicesResponse response;
  PutPage(question, request, page, response,
          [&](const fleet::DeviceRow& row) { *response.add_devices() = ToProto(row); });
  return response;
}

absl::StatusOr<v1::ListEnrolmentTokensResponse> ListEnrolmentTokens(
    const Question& question, const v1::ListEnrolmentTokensRequest& request) {
  PARC_ASSIGN(const fleet::ListQuery query, QueryOf(question, request));
  PARC_ASSIGN(const auto page, question.view.ListEnrolmentTokens(query));
  v1::ListEnrolmentTokensResponse response;
  PutPage(question, request, page, response,
          [&](const fleet::EnrolmentTokenRow& row) { *response.add_tokens() = ToProto(row); });
  return response;
}

absl::StatusOr<v1::ListEnrolmentRequestsResponse> ListEnrolmentRequests(
    const Question& question, const v1::ListEnrolmentRequestsRequest& request) {
  PARC_ASSIGN(const fleet::ListQuery query, QueryOf(question, request));
  PARC_ASSIGN(const auto page, question.view.ListEnrolmentRequests(query));
  v1::ListEnrolmentRequestsResponse response;
  PutPage(question, request, page, response,
          [&](const fleet::EnrolmentRequestRow& row) { *response.add_requests() = ToProto(row); });
  return response;
}

absl::StatusOr<v1::EnrolmentToken> ShowToken(Edit& edit, const std::string& id) {
  PARC_ASSIGN(const fleet::EnrolmentTokenRow row,
              edit.Read([&](fleet::View& view) { return view.GetEnrolmentToken(id); }));
  return ToProto(row);
}

absl::StatusOr<v1::CreateEnrolmentTokenResponse> CreateEnrolmentToken(
    Edit& edit, const v1::CreateEnrolmentTokenRequest& request) {
  PARC_ASSIGN(const access::EnrolmentTokenWish wish, WishFrom(request));
  PARC_ASSIGN(const access::DeviceChanges::CreatedToken created,
              edit.parts.device_changes->CreateEnrolmentToken(wish, edit.change.context().actor,
                                                              edit.now()));
  edit.secret = access::EnrolmentUrl(edit.parts.enrolment_host, edit.parts.enrolment_port,
                                     created.secret, edit.parts.ca->root_fingerprint());
  v1::CreateEnrolmentTokenResponse response;
  PARC_ASSIGN(*response.mutable_token(), ShowToken(edit, created.id));
  return response;
}

void RevealUrl(v1::CreateEnrolmentTokenResponse& response, const std::string& url) {
  response.set_enrolment_url(url);
}

absl::StatusOr<v1::EnrolmentToken> RevokeEnrolmentToken(
    Edit& edit, const v1::RevokeEnrolmentTokenRequest& request) {
  PARC_ASSIGN(const std::string id, IdFrom(request.name(), "enrolment-tokens"));
  PARC_TRY(edit.parts.device_changes->RevokeEnrolmentToken(id, edit.now()));
  return ShowToken(edit, id);
}

absl::StatusOr<v1::Device> RevokeDevice(Edit& edit, const v1::RevokeDeviceRequest& request) {
  PARC_ASSIGN(const std::string id, UuidFrom(request.name(), "devices"));
  access::Effect effect;
  PARC_TRY(edit.parts.device_changes->RevokeDevice(id, edit.change.context().reason, edit.now(),
                                                   effect));
  edit.AfterCommit(std::move(effect));
  PARC_ASSIGN(const fleet::DeviceRow row,
              edit.Read([&](fleet::View& view) { return view.GetDevice(id); }));
  return ToProto(row);
}

absl::StatusOr<v1::EnrolmentRequest> ShowRequest(Edit& edit, const std::string& id) {
  PARC_ASSIGN(const fleet::EnrolmentRequestRow row,
              edit.Read([&](fleet::View& view) { return view.GetEnrolmentRequest(id); }));
  return ToProto(row);
}

absl::StatusOr<v1::EnrolmentRequest> ApproveEnrolmentRequest(
    Edit& edit, const v1::ApproveEnrolmentRequestRequest& request) {
  PARC_ASSIGN(const std::string id, UuidFrom(request.name(), "enrolment-requests"));
  PARC_ASSIGN(const std::string laptop, OptionalIdFrom(request.laptop(), "laptops", "laptop"));
  PARC_TRY(edit.parts.device_changes->ApproveRequest(id, laptop, request.allow_replace(),
                                                     edit.change.context().actor, edit.now()));
  return ShowRequest(edit, id);
}

absl::StatusOr<v1::EnrolmentRequest> RejectEnrolmentRequest(
    Edit& edit, const v1::RejectEnrolmentRequestRequest& request) {
  PARC_ASSIGN(const std::string id, UuidFrom(request.name(), "enrolment-requests"));
  PARC_TRY(edit.parts.device_changes->RejectRequest(id, edit.change.context().actor, edit.now()));
  return ShowRequest(edit, id);
}

}  // namespace

void RegisterDevices(PeopleHandlers& handlers) {
  handlers.Change("/parc.v1.DeviceService/CreateEnrolmentToken", CreateEnrolmentToken, RevealUrl);
  handlers.Ask("/parc.v1.DeviceService/ListEnrolmentTokens", ListEnrolmentTokens);
  handlers.UrgentChange("/parc.v1.DeviceService/RevokeEnrolmentToken", RevokeEnrolmentToken);
  handlers.Ask("/parc.v1.DeviceService/GetDevice", GetDevice);
  handlers.Ask("/parc.v1.DeviceService/ListDevices", ListDevices);
  handlers.UrgentChange("/parc.v1.DeviceService/RevokeDevice", RevokeDevice);
  handlers.Ask("/parc.v1.DeviceService/ListEnrolmentRequests", ListEnrolmentRequests);
  handlers.UrgentChange("/parc.v1.DeviceService/ApproveEnrolmentRequest", ApproveEnrolmentRequest);
  handlers.UrgentChange("/parc.v1.DeviceService/RejectEnrolmentRequest", RejectEnrolmentRequest);
}

}  // namespace parc::rpc
