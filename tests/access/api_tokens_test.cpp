#include "daemon/access/api_tokens.h"

#include <catch2/catch.hpp>
#include <vector>

#include "daemon/access/digest.h"
#include "daemon/access/time_units.h"
#include "daemon/access/tokens.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/store/database.h"
#include "tests/access/access_support.h"

namespace parc::access {

namespace {

// API tokens over a real database.
class TokenWorld {
 public:
  TokenWorld() {
    auto opened = store::Database::Open(directory_.path());
    REQUIRE(opened.ok());
    database_ = *std::move(opened);
    Restart();
  }

  void Restart() {
    changes.reset();
    auto loaded = ApiTokens::Load(database_->writer());
    REQUIRE(loaded.ok());
    tokens = *std::move(loaded);
    changes = std::make_unique<ApiTokenChanges>(database_->writer(), *tokens,
                                                LoadedDice(static_cast<std::uint64_t>(++seed_)));
  }

  absl::StatusOr<ApiTokenChanges::Created> Create(std::string_view owner, Role role,
                                                  std::int64_t lifetime = 0) {
    ApiTokenChanges::Created created;
    Effect effect;
    PARC_TRY(store::Within(database_->writer(), "test", [&]() -> absl::Status {
      PARC_ASSIGN(created, changes->Create(owner, role, lifetime, now, effect));
      return absl::OkStatus();
    }));
    effect();
    return created;
  }

  absl::Status Revoke(std::string_view id) {
    Effect effect;
    PARC_TRY(store::Within(database_->writer(), "test", [&]() -> absl::Status {
      return changes->Revoke(id, now, effect).status();
    }));
    if (effect) effect();
    return absl::OkStatus();
  }

  absl::StatusOr<Caller> Call(const std::string& secret, std::string_view source = "192.0.2.1") {
    return tokens->Authenticate("Bearer " + secret, source, now);
  }

  std::int64_t Count(const std::string& where) {
    return *database_->writer().Integer("SELECT COUNT(*) FROM api_tokens WHERE " + where);
  }

  std::unique_ptr<ApiTokens> tokens;
  std::unique_ptr<ApiTokenChanges> changes;
  std::int64_t now = kNoon;

 private:
  ScratchDirectory directory_;
  std::unique_ptr<store::Database> database_;
  int seed_ = 0;
};

}  // namespace

TEST_CASE("a token tells who calls, from the moment it is committed until it is revoked") {
  TokenWorld world;
  const auto created = world.Create(" Aïcha Martin ", Role::kTechnician);
  REQUIRE(created.ok());
  CHECK(created->token.owner == "Aïcha Martin");
  CHECK(created->token.expires == kNoon + 90 * kDay);
  const auto caller = world.Call(created->secret);
  REQUIRE(caller.ok());
  CHECK(*caller == Caller{.token_id = created->token.id,
                          .owner = "Aïcha Martin",
                          .role = Role::kTechnician,
                          .first_use_today = true});
  world.Restart();
  CHECK(world.Call(created->secret).ok());

  REQUIRE(world.Revoke(created->token.id).ok());
  CHECK(ReasonOf(world.Call(created->secret).status()) == "BAD_API_TOKEN");
  world.now += kHour;
  REQUIRE(world.Revoke(created->token.id).ok());  // keeps the first date
  CHECK(world.Count("revoked = " + std::to_string(kNoon)) == 1);
  world.Restart();
  CHECK(ReasonOf(world.Call(created->secret).status()) == "BAD_API_TOKEN");
  CHECK(ReasonOf(world.Revoke("aaaaaaaaaa")) == "TOKEN_NOT_FOUND");
}

TEST_CASE("only the hash of a secret is stored") {
  TokenWorld world;
  const auto created = world.Create("a", Role::kAuditor);
  const TokenParts parts = *ParseToken(TokenKind::kPerson, created->secret);
  CHECK(world.Count("secret_sha256 = '" + Hex(Sha256(parts.secret)) + "'") == 1);
  CHECK(world.Count("token LIKE '%" + parts.secret + "%' OR owner LIKE '%" + parts.secret + "%'") ==
        0);
}

TEST_CASE("every wrong login has the same answer") {
  TokenWorld world;
  const auto good = world.Create("a", Role::kAdmin);
  const auto expired = world.Create("b", Role::kAuditor, kMinute);
  const auto revoked = world.Create("c", Role::kAuditor);
  REQUIRE(world.Revoke(revoked->token.id).ok());
  world.now += kMinute;
  const RandomBytes dice = LoadedDice(77);
  TokenParts forged = *ParseToken(TokenKind::kPerson, good->secret);
  forged.secret = MakeToken(TokenKind::kPerson, dice).secret;
  const std::vector<std::string> headers = {
      "",
      "Bearer",
      "Bearer ",
      good->secret,
      "Basic YTpi",
      "Bearer " + good->secret.substr(1),
      "Bearer " + expired->secret,
      "Bearer " + revoked->secret,
      "Bearer " + FormatToken(TokenKind::kPerson, forged),
      "Bearer " + FormatToken(TokenKind::kPerson, MakeToken(TokenKind::kPerson, dice)),
      "Bearer " + FormatToken(TokenKind::kEnrolment, MakeToken(TokenKind::kEnrolment, dice)),
      std::string(100'000, 'x'),
  };
  int address = 0;
  for (const std::string& header : headers) {
    INFO(header.substr(0, 80));
    const auto caller = world.tokens->Authenticate(header, std::to_string(++address), world.now);
    CHECK(caller.status().code() == absl::StatusCode::kUnauthenticated);
    CHECK(ReasonOf(caller.status()) == "BAD_API_TOKEN");
    CHECK(caller.status().message() == "missing or invalid API token");
  }
  CHECK(world.tokens->Authenticate("bearer " + good->secret, "x", world.now).ok());
}

TEST_CASE("after ten failures in a minute an address may not guess on, but good tokens work") {
  TokenWorld world;
  const auto created = world.Create("a", Role::kAdmin);
  for (int i = 0; i < 10; ++i) {
    CHECK(ReasonOf(world.Call("wrong").status()) == "BAD_API_TOKEN");
    world.now += kSecond;
  }
  const auto locked = world.Call("wrong");
  CHECK(locked.status().code() == absl::StatusCode::kResourceExhausted);
  CHECK(ReasonOf(locked.status()) == "TOO_MANY_FAILURES");
  CHECK(world.Call(created->secret).ok());
  CHECK(ReasonOf(world.Call("wrong").status()) == "TOO_MANY_FAILURES");  // no success ends it
  CHECK(ReasonOf(world.Call("wrong", "192.0.2.2").status()) == "BAD_API_TOKEN");
  world.now = kNoon + kMinute;
  CHECK(ReasonOf(world.Call("wrong").status()) == "BAD_API_TOKEN");
}

TEST_CASE("the first use of a day is noted, by the day and no closer") {
  TokenWorld world;
  const auto created = world.Create("a", Role::kAdmin);
  CHECK(world.Call(created->secret)->first_use_today);
  CHECK_FALSE(world.Call(created->secret)->first_use_today);
  REQUIRE(world.changes->NoteUse(created->token.id, world.now).ok());
  const std::int64_t day = kNoon / kDay * kDay;
  CHECK(world.Count("last_use = " + std::to_string(day)) == 1);
  world.Restart();
  CHECK_FALSE(world.Call(created->secret)->first_use_today);
  world.now = day + kDay;
  CHECK(world.Call(created->secret)->first_use_today);
}

TEST_CASE("a token waits for its first use until that is noted, or it cannot be used any more") {
  TokenWorld world;
  const auto waits = [&](const std::string& secret) {
    return *world.changes->WaitsForFirstUse(secret, world.now);
  };
  const auto used = world.Create("a", Role::kAdmin);
  const auto revoked = world.Create("b", Role::kAuditor);
  const auto expired = world.Create("c", Role::kAuditor, kMinute);
  for (const auto& created : {used, revoked, expired}) CHECK(waits(created->secret));
  CHECK_FALSE(waits("parcP1.nonsense"));
  REQUIRE(world.changes->NoteUse(used->token.id, world.now).ok());
  REQUIRE(world.Revoke(revoked->token.id).ok());
  world.now += kMinute;
  for (const auto& created : {used, revoked, expired}) CHECK_FALSE(waits(created->secret));
}

TEST_CASE("what an API token may be") {
  TokenWorld world;
  struct Row {
    std::string owner;
    Role role;
    std::int64_t lifetime;
    const char* reason;
    const char* field;
  };
  const std::vector<Row> rows = {
      {"", Role::kAdmin, 0, "BAD_TEXT", "owner"},
      {"  ", Role::kAdmin, 0, "BAD_TEXT", "owner"},
      {"a\x1b[2J", Role::kAdmin, 0, "BAD_TEXT", "owner"},
      {"a\xe2\x80\xae", Role::kAdmin, 0, "BAD_TEXT", "owner"},
      {"\xff", Role::kAdmin, 0, "BAD_TEXT", "owner"},
      {std::string(201, 'a'), Role::kAdmin, 0, "BAD_TEXT", "owner"},
      {"a", Role::kAdmin, -1, "OUT_OF_RANGE", "lifetime"},
      {"a", Role::kAdmin, 90 * kDay + 1, "OUT_OF_RANGE", "lifetime"},
      {"a", Role::kHotline, 0, "ROLE_DENIED", "role"},
  };
  for (const Row& row : rows) {
    INFO(row.owner);
    const auto created = world.Create(row.owner, row.role, row.lifetime);
    CHECK(ReasonOf(created.status()) == row.reason);
    CHECK(FieldOf(created.status()) == row.field);
  }
  CHECK(world.Count("1") == 0);
  CHECK(world.Create(std::string(200, 'a'), Role::kAuditor, 90 * kDay).ok());
}

TEST_CASE("the last admin stays") {
  TokenWorld world;
  CHECK_FALSE(*world.changes->HasAdmin(world.now));
  const auto first = world.Create("a", Role::kAdmin);
  const auto brief = world.Create("b", Role::kAdmin, kHour);
  const auto technician = world.Create("c", Role::kTechnician);
  CHECK(*world.changes->HasAdmin(world.now));

  SECTION("another admin is there") {
    CHECK(world.Revoke(first->token.id).ok());
    const absl::Status last = world.Revoke(brief->token.id);
    CHECK(last.code() == absl::StatusCode::kFailedPrecondition);
    CHECK(ReasonOf(last) == "LAST_ADMIN");
    CHECK(world.Revoke(first->token.id).ok());  // was revoked before
  }
  SECTION("the other one has expired") {
    world.now += kHour;
    CHECK(ReasonOf(world.Revoke(first->token.id)) == "LAST_ADMIN");
    CHECK(world.Revoke(brief->token.id).ok());  // an expired one is no admin any more
    CHECK(world.Call(first->secret).ok());
  }
  SECTION("others may go") { CHECK(world.Revoke(technician->token.id).ok()); }
  SECTION("time ends even the last one") {
    world.now += 90 * kDay;
    CHECK_FALSE(*world.changes->HasAdmin(world.now));
  }
}

}  // namespace parc::access
