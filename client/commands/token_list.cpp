#include "client/commands/make.h"
#include "client/commands/token_words.h"
#include "client/listing.h"
#include "client/pages.h"
#include "client/proto_text.h"
#include "parc/v1/tokens.grpc.pb.h"

namespace parc::client {
namespace {

using render::Kind;
using render::Style;
using render::Value;
using v1::Token;
Value StateOf(const Token& token, std::int64_t now) {
  if (token.has_revoke_time()) return {{}, "REVOKED", Style::kDim};
  if (token.has_expire_time() && Micros(token.expire_time()) < now) {
    return {{}, "EXPIRED", Style::kDim};
  }
  return {{}, "ACTIVE", Style::kGood};
}

std::vector<FieldOf<Token>> ApiTokenColumns(std::int64_t now) {
  return {
      {.name = "id",
       .header = {"Id", "Id"},
       .usual = true,
       .get =
           [](const Token& t) {
             return Value{{}, IdOf(t.name())};
           }},
      {.name = "owner",
       .header = {"Owner", "Titulaire"},
       .usual = true,
       .shrinks = true,
       .get =
           [](const Token& t) {
             return Value{{}, t.owner()};
           }},
      {.name = "role",
       .header = {"Role", "Rôle"},
       .usual = true,
       .get =
           [](const Token& t) {
             return Value{{}, RoleWord(t.role())};
           }},
      {.name = "state",
       .header = {"State", "État"},
       .usual = true,
       .get = [now](const Token& t) { return StateOf(t, now); }},
      {.name = "expires",
       .header = {"Expires", "Expire"},
       .kind = Kind::kTime,
       .usual = true,
       .get =
           [](const Token& t) {
             return Value{{}, IsoTime(t.expire_time())};
           }},
      {.name = "last_use",
       .header = {"Last used", "Utilisé le"},
       .kind = Kind::kDate,
       .usual = true,
       .rank = 1,
       .get =
           [](const Token& t) {
             return Value{{}, IsoTime(t.last_use_time()).substr(0, 10)};
           }},
      {.name = "created",
       .header = {"Made", "Créé"},
       .kind = Kind::kTime,
       .usual = true,
       .rank = 2,
       .get =
           [](const Token& t) {
             return Value{{}, IsoTime(t.create_time())};
           }},
  };
}

class TokenList final : public Command {
 public:
  void Declare(Options& options) override { output_.Declare(options); }

  absl::Status Run(Session& session) override {
    PARC_ASSIGN(const auto fields, ChooseFields(ApiTokenColumns(session.now()), output_.columns));
    PARC_TRY(session.Connect().status());
    Listing listing(session, output_, SpecsOf(session, fields));
    PARC_TRY(ForEachPage(session, &v1::TokenService::Stub::ListTokens, v1::ListTokensRequest(),
                         [&](const v1::ListTokensResponse& page) {
                           for (const Token& token : page.tokens()) AddRow(listing, fields, token);
                         }));
    listing.Finish({"there are no tokens", "il n'y a pas de jeton"});
    return absl::OkStatus();
  }

 private:
  OutputFlags output_;
};

}  // namespace

std::unique_ptr<Command> MakeTokenList() { return std::make_unique<TokenList>(); }

}  // namespace parc::client
