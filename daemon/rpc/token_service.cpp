#include "daemon/rpc/convert_common.h"
#include "daemon/rpc/convert_devices.h"
#include "daemon/rpc/people_handlers.h"
#include "parc/v1/tokens.pb.h"

namespace parc::rpc {
namespace {

absl::StatusOr<v1::Token> WhoAmI(const Question& question, const v1::WhoAmIRequest&) {
  PARC_ASSIGN(const fleet::ApiTokenRow row,
              question.view.GetApiToken(question.call.person().token_id));
  return ToProto(row);
}

absl::StatusOr<v1::ListTokensResponse> ListTokens(const Question& question,
                                                  const v1::ListTokensRequest& request) {
  PARC_ASSIGN(const fleet::ListQuery query, QueryOf(question, request));
  PARC_ASSIGN(const auto page, question.view.ListApiTokens(query));
  v1::ListTokensResponse response;
  PutPage(question, request, page, response,
          [&](const fleet::ApiTokenRow& row) { *response.add_tokens() = ToProto(row); });
  return response;
}

absl::StatusOr<v1::Token> ShowToken(Edit& edit, const std::string& id) {
  PARC_ASSIGN(const fleet::ApiTokenRow row,
              edit.Read([&](fleet::View& view) { return view.GetApiToken(id); }));
  return ToProto(row);
}

absl::StatusOr<v1::CreateTokenResponse> CreateToken(Edit& edit,
                                                    const v1::CreateTokenRequest& request) {
  PARC_ASSIGN(const access::Role role, RoleFrom(request.role()));
  std::int64_t lifetime = 0;
  if (request.has_lifetime()) {
    PARC_ASSIGN(lifetime, DurationFrom(request.lifetime(), "lifetime"));
    if (lifetime == 0) lifetime = -1;  // 0 stands for the default, which nobody means who writes it
  }
  access::Effect effect;
  PARC_ASSIGN(
      access::ApiTokenChanges::Created created,
      edit.parts.token_changes->Create(request.owner(), role, lifetime, edit.now(), effect));
  edit.AfterCommit(std::move(effect));
  edit.secret = std::move(created.secret);
  v1::CreateTokenResponse response;
  PARC_ASSIGN(*response.mutable_token(), ShowToken(edit, created.token.id));
  return response;
}

void RevealSecret(v1::CreateTokenResponse& response, const std::string& secret) {
  response.set_secret(secret);
}

absl::StatusOr<v1::Token> RevokeToken(Edit& edit, const v1::RevokeTokenRequest& request) {
  PARC_ASSIGN(const std::string id, IdFrom(request.name(), "tokens"));
  access::Effect effect;
  PARC_TRY(edit.parts.token_changes->Revoke(id, edit.now(), effect).status());
  edit.AfterCommit(std::move(effect));
  return ShowToken(edit, id);
}

}  // namespace

void RegisterTokens(PeopleHandlers& handlers) {
  handlers.Ask("/parc.v1.TokenService/WhoAmI", WhoAmI);
  handlers.Change("/parc.v1.TokenService/CreateToken", CreateToken, RevealSecret);
  handlers.Ask("/parc.v1.TokenService/ListTokens", ListTokens);
  handlers.UrgentChange("/parc.v1.TokenService/RevokeToken", RevokeToken);
}

}  // namespace parc::rpc
