#include "client/answer.h"
#include "client/commands/make.h"
#include "client/connection.h"
#include "client/flags.h"
#include "client/proto_text.h"
#include "fmt/format.h"
#include "parc/v1/devices.grpc.pb.h"

// What a person decides about enrolment: approve, reject, and revoke a token.
namespace parc::client {
namespace {

class Approve final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional("ID", id_, {"Id of the request", "Id de la demande"});
    options.Value("--laptop", "TAG", laptop_,
                  {"The laptop it is, when its serial does not tell",
                   "Le portable dont il s'agit, si sa série ne le dit pas"});
    options.Flag("--replace", replace_,
                 {"Replace the agent that this laptop has, whatever it is",
                  "Remplacer l'agent que ce portable a déjà, quel qu'il soit"});
    change_.Declare(options);
    format_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    v1::ApproveEnrolmentRequestRequest request;
    request.set_name(NameIn("enrolment-requests", id_));
    if (!laptop_.empty()) request.set_laptop(NameIn("laptops", laptop_));
    request.set_allow_replace(replace_);
    PARC_TRY(change_.Fill(session, *request.mutable_options()));
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const v1::EnrolmentRequest answer,
                connection->Change(&v1::DeviceService::Stub::ApproveEnrolmentRequest, request));
    if (format_.json()) WriteJson(session, answer);
    TellChange(
        session, change_.dry_run,
        fmt::format("{} {}; {}", IdOf(answer.name()), session.Say({"is approved", "est approuvée"}),
                    session.Say({"the laptop has its certificate when it asks next",
                                 "le portable aura son certificat à sa prochaine demande"})));
    return absl::OkStatus();
  }

 private:
  std::string id_;
  std::string laptop_;
  bool replace_ = false;
  ChangeFlags change_;
  FormatFlag format_;
};

class Reject final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional("ID", id_, {"Id of the request", "Id de la demande"});
    change_.Declare(options);
    format_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    v1::RejectEnrolmentRequestRequest request;
    request.set_name(NameIn("enrolment-requests", id_));
    PARC_TRY(change_.Fill(session, *request.mutable_options()));
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const v1::EnrolmentRequest answer,
                connection->Change(&v1::DeviceService::Stub::RejectEnrolmentRequest, request));
    if (format_.json()) WriteJson(session, answer);
    TellChange(
        session, change_.dry_run,
        fmt::format("{} {}", IdOf(answer.name()), session.Say({"is rejected", "est rejetée"})));
    return absl::OkStatus();
  }

 private:
  std::string id_;
  ChangeFlags change_;
  FormatFlag format_;
};

class Revoke final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional("ID", id_, {"Id of the enrolment token", "Id du jeton d'enrôlement"});
    change_.Declare(options);
    format_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    v1::RevokeEnrolmentTokenRequest request;
    request.set_name(NameIn("enrolment-tokens", id_));
    PARC_TRY(change_.Fill(session, *request.mutable_options()));
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const v1::EnrolmentToken answer,
                connection->Change(&v1::DeviceService::Stub::RevokeEnrolmentToken, request));
    if (format_.json()) WriteJson(session, answer);
    TellChange(session, change_.dry_run,
               fmt::format("{} {}", IdOf(answer.name()),
                           session.Say({"enrols nobody any more", "n'enrôle plus personne"})));
    return absl::OkStatus();
  }

 private:
  std::string id_;
  ChangeFlags change_;
  FormatFlag format_;
};

}  // namespace

std::unique_ptr<Command> MakeEnrolApprove() { return std::make_unique<Approve>(); }
std::unique_ptr<Command> MakeEnrolReject() { return std::make_unique<Reject>(); }
std::unique_ptr<Command> MakeEnrolRevoke() { return std::make_unique<Revoke>(); }

}  // namespace parc::client
