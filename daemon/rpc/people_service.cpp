#include "daemon/rpc/convert_common.h"
#include "daemon/rpc/convert_people.h"
#include "daemon/rpc/masks.h"
#include "daemon/rpc/people_handlers.h"
#include "parc/v1/people.pb.h"

namespace parc::rpc {
namespace {

absl::StatusOr<v1::Person> GetPerson(const Question& question,
                                     const v1::GetPersonRequest& request) {
  PARC_ASSIGN(const std::string id, IdFrom(request.name(), "people"));
  PARC_ASSIGN(const inventory::Moment moment, MomentFrom(request.moment()));
  PARC_ASSIGN(const inventory::Person person, question.view.GetPerson(id, moment));
  return ToProto(person);
}

absl::StatusOr<v1::ListPeopleResponse> ListPeople(const Question& question,
                                                  const v1::ListPeopleRequest& request) {
  PARC_TRY(CheckFields(question.role(), inventory::Resource::kPeople, request.filter(),
                       request.order_by()));
  PARC_ASSIGN(const fleet::ListQuery query, QueryOf(question, request));
  PARC_ASSIGN(const auto page, question.view.ListPeople(query));
  v1::ListPeopleResponse response;
  PutPage(question, request, page, response,
          [&](const inventory::Person& person) { *response.add_people() = ToProto(person); });
  return response;
}

absl::StatusOr<v1::Person> CreatePerson(Edit& edit, const v1::CreatePersonRequest& request) {
  PARC_ASSIGN(const inventory::Person wanted, PersonFrom(request.person()));
  PARC_ASSIGN(const inventory::Person person, edit.change.CreatePerson(wanted));
  return ToProto(person);
}

absl::StatusOr<v1::Person> UpdatePerson(Edit& edit, const v1::UpdatePersonRequest& request) {
  PARC_ASSIGN(inventory::Person wanted, PersonFrom(request.person()));
  PARC_ASSIGN(wanted.id, IdFrom(request.person().name(), "people", "person.name"));
  PARC_ASSIGN(const fleet::FieldMask mask, MaskFrom(request.update_mask()));
  PARC_ASSIGN(const inventory::Person changed,
              edit.change.UpdatePerson(wanted, mask, request.person().etag()));
  PARC_ASSIGN(const inventory::Person person,
              edit.Read([&](fleet::View& view) { return view.GetPerson(changed.id, {}); }));
  return ToProto(person);
}

absl::StatusOr<v1::Site> GetSite(const Question& question, const v1::GetSiteRequest& request) {
  PARC_ASSIGN(const std::string code, IdFrom(request.name(), "sites"));
  PARC_ASSIGN(const inventory::Site site, question.view.GetSite(code));
  return ToProto(site);
}

absl::StatusOr<v1::ListSitesResponse> ListSites(const Question& question,
                                                const v1::ListSitesRequest& request) {
  PARC_TRY(CheckFields(question.role(), inventory::Resource::kSites, request.filter(),
                       request.order_by()));
  PARC_ASSIGN(const fleet::ListQuery query, QueryOf(question, request));
  PARC_ASSIGN(const auto page, question.view.ListSites(query));
  v1::ListSitesResponse response;
  PutPage(question, request, page, response,
          [&](const inventory::Site& site) { *response.add_sites() = ToProto(site); });
  return response;
}

absl::StatusOr<v1::Site> CreateSite(Edit& edit, const v1::CreateSiteRequest& request) {
  PARC_ASSIGN(const inventory::Site wanted, SiteFrom(request.site()));
  PARC_ASSIGN(const inventory::Site site, edit.change.CreateSite(wanted));
  return ToProto(site);
}

absl::StatusOr<v1::Site> UpdateSite(Edit& edit, const v1::UpdateSiteRequest& request) {
  PARC_ASSIGN(inventory::Site wanted, SiteFrom(request.site()));
  PARC_ASSIGN(wanted.code, IdFrom(request.site().name(), "sites", "site.name"));
  PARC_ASSIGN(const fleet::FieldMask mask, MaskFrom(request.update_mask()));
  PARC_ASSIGN(const inventory::Site site,
              edit.change.UpdateSite(wanted, mask, request.site().etag()));
  return ToProto(site);
}

}  // namespace

void RegisterPeople(PeopleHandlers& handlers) {
  handlers.Ask("/parc.v1.PersonService/GetPerson", GetPerson);
  handlers.Ask("/parc.v1.PersonService/ListPeople", ListPeople);
  handlers.Change("/parc.v1.PersonService/CreatePerson", CreatePerson);
  handlers.Change("/parc.v1.PersonService/UpdatePerson", UpdatePerson);
  handlers.Ask("/parc.v1.SiteService/GetSite", GetSite);
  handlers.Ask("/parc.v1.SiteService/ListSites", ListSites);
  handlers.Change("/parc.v1.SiteService/CreateSite", CreateSite);
  handlers.Change("/parc.v1.SiteService/UpdateSite", UpdateSite);
}

}  // namespace parc::rpc
