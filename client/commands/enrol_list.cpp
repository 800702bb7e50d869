#include "client/commands/make.h"
#include "client/listing.h"
#include "client/pages.h"
#include "client/proto_text.h"
#include "fmt/format.h"
#include "parc/v1/devices.grpc.pb.h"

namespace parc::client {
namespace {

using render::Kind;
using render::Style;
using render::Value;
using v1::EnrolmentToken;
Value StateOf(const EnrolmentToken& token, std::int64_t now) {
  if (token.has_revoke_time()) return {{}, "REVOKED", Style::kDim};
  if (Micros(token.expire_time()) < now) return {{}, "EXPIRED", Style::kDim};
  if (token.uses() >= token.max_uses()) return {{}, "USED", Style::kDim};
  return {{}, "OPEN", Style::kGood};
}

std::vector<FieldOf<EnrolmentToken>> TokenColumns(std::int64_t now) {
  return {
      {.name = "id",
       .header = {"Id", "Id"},
       .usual = true,
       .get =
           [](const EnrolmentToken& t) {
             return Value{{}, IdOf(t.name())};
           }},
      {.name = "state",
       .header = {"State", "État"},
       .usual = true,
       .get = [now](const EnrolmentToken& t) { return StateOf(t, now); }},
      {.name = "laptop",
       .header = {"Laptop", "Portable"},
       .usual = true,
       .get =
           [](const EnrolmentToken& t) {
             return Value{{}, IdOf(t.laptop())};
           }},
      {.name = "serial",
       .header = {"Serial", "N° de série"},
       .usual = true,
       .rank = 2,
       .get =
           [](const EnrolmentToken& t) {
             return Value{{}, t.serial()};
           }},
      {.name = "uses",
       .header = {"Uses", "Usages"},
       .usual = true,
       .get =
           [](const EnrolmentToken& t) {
             return Value{{}, fmt::format("{}/{}", t.uses(), t.max_uses())};
           }},
      {.name = "expires",
       .header = {"Expires", "Expire"},
       .kind = Kind::kTime,
       .usual = true,
       .get =
           [](const EnrolmentToken& t) {
             return Value{{}, IsoTime(t.expire_time())};
           }},
      {.name = "creator",
       .header = {"Made by", "Créé par"},
       .usual = true,
       .rank = 1,
       .shrinks = true,
       .get =
           [](const EnrolmentToken& t) {
             return Value{{}, t.creator()};
           }},
      {.name = "created",
       .header = {"Made", "Créé"},
       .kind = Kind::kTime,
       .usual = true,
       .rank = 3,
       .get =
           [](const EnrolmentToken& t) {
             return Value{{}, IsoTime(t.create_time())};
           }},
  };
}

class EnrolList final : public Command {
 public:
  void Declare(Options& options) override { output_.Declare(options); }

  absl::Status Run(Session& session) override {
    PARC_ASSIGN(const auto fields, ChooseFields(TokenColumns(session.now()), output_.columns));
    PARC_TRY(session.Connect().status());
    Listing listing(session, output_, SpecsOf(session, fields));
    PARC_TRY(ForEachPage(session, &v1::DeviceService::Stub::ListEnrolmentTokens,
                         v1::ListEnrolmentTokensRequest(),
                         [&](const v1::ListEnrolmentTokensResponse& page) {
                           for (const auto& token : page.tokens()) AddRow(listing, fields, token);
                         }));
    listing.Finish({"there are no enrolment tokens", "il n'y a pas de jeton d'enrôlement"});
    return absl::OkStatus();
  }

 private:
  OutputFlags output_;
};

}  // namespace

std::unique_ptr<Command> MakeEnrolList() { return std::make_unique<EnrolList>(); }

}  // namespace parc::client
