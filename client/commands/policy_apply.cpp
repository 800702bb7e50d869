#include "client/answer.h"
#include "client/commands/make.h"
#include "client/commands/policy_text.h"
#include "client/connection.h"
#include "client/flags.h"
#include "client/lib/try.h"
#include "client/render/value.h"
#include "fmt/format.h"
#include "parc/v1/policies.grpc.pb.h"

namespace parc::client {
namespace {

class PolicyApply final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional("FILE", file_, {"A policy, as TOML", "Des règles, en TOML"});
    options.Value("--reason", "TEXT", reason_,
                  {"Why, kept in the history", "Motif, gardé dans l'historique"});
    options.Flag("-y,--yes", yes_, {"Do not ask", "Ne pas demander"});
    options.Flag("--dry-run", dry_run_,
                 {"Show what it would change and stop", "Montrer ce qui changerait, sans plus"});
    format_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    PARC_ASSIGN(const PolicyFile file, ReadPolicyFile(file_));
    PARC_ASSIGN(const v1::PolicyPreview preview, PreviewPolicy(session, file));
    if (!format_.json()) WritePreview(session, preview);
    if (!dry_run_) PARC_TRY(session.Confirm(yes_, Question(session, preview)));
    PARC_ASSIGN(Connection * connection, session.Connect());
    v1::ApplyPolicyRequest request;
    request.set_text(file.text);
    request.set_etag(preview.etag());
    request.mutable_options()->set_request_id(session.NewRequestId());
    request.mutable_options()->set_reason(reason_);
    request.mutable_options()->set_validate_only(dry_run_);
    const absl::StatusOr<v1::Policy> policy =
        connection->Change(&v1::PolicyService::Stub::ApplyPolicy, request);
    if (!policy.ok()) return InFile(session, file, policy.status());
    if (format_.json()) WriteJson(session, *policy);
    session.Tell(fmt::format(fmt::runtime(session.Say(Words(policy->etag() == preview.etag()))),
                             policy->version()));
    return absl::OkStatus();
  }

 private:
  Text Words(bool same) const {
    if (same) {
      return {"version {} is in force already: this is the same text",
              "la version {} est déjà en vigueur : même texte"};
    }
    if (dry_run_) {
      return {"dry run, nothing was changed: this would be policy version {}",
              "à blanc, rien n'a été modifié : ce seraient les règles version {}"};
    }
    return {
        "policy version {} is in force; the fleet is being judged again (parc policy show "
        "tells how far)",
        "règles version {} en vigueur ; le parc est rejugé (parc policy show dit où cela en "
        "est)"};
  }

  static std::string Question(const Session& session, const v1::PolicyPreview& preview) {
    const std::int64_t change = preview.ready_after() - preview.ready_before();
    if (change >= 0) {
      return std::string(session.Say({"Put this policy in force?", "Appliquer ces règles ?"}));
    }
    return fmt::format(fmt::runtime(session.Say(
                           {"Ready laptops would be {} fewer. Put this policy in force?",
                            "Il y aurait {} portables aptes de moins. Appliquer ces règles ?"})),
                       render::Count(-change, session.language()));
  }

  std::string file_;
  std::string reason_;
  bool yes_ = false;
  bool dry_run_ = false;
  FormatFlag format_;
};

}  // namespace

std::unique_ptr<Command> MakePolicyApply() { return std::make_unique<PolicyApply>(); }

}  // namespace parc::client
