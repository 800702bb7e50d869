#include "client/answer.h"
#include "client/commands/make.h"
#include "client/commands/policy_text.h"
#include "client/connection.h"
#include "client/flags.h"
#include "client/lib/try.h"
#include "fmt/format.h"
#include "parc/v1/policies.grpc.pb.h"

namespace parc::client {
namespace {

class PolicyCheckCommand final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional("FILE", file_, {"A policy, as TOML", "Des règles, en TOML"});
    format_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    PARC_ASSIGN(const PolicyFile file, ReadPolicyFile(file_));
    PARC_ASSIGN(Connection * connection, session.Connect());
    v1::CheckPolicyRequest request;
    request.set_text(file.text);
    const absl::StatusOr<v1::Policy> policy =
        connection->Read(&v1::PolicyService::Stub::CheckPolicy, request);
    if (!policy.ok()) return InFile(session, file, policy.status());
    if (format_.json()) {
      WriteJson(session, *policy);
      return absl::OkStatus();
    }
    int blockers = 0;
    for (const v1::PolicyCheck& check : policy->checks())
      blockers += check.severity() == v1::CHECK_SEVERITY_BLOCKER ? 1 : 0;
    session.terminal().Write(
        fmt::format(fmt::runtime(session.Say({"{}: good; {} checks, {} of them blocking\n",
                                              "{} : correct ; {} contrôles, dont {} bloquants\n"})),
                    file.path, policy->checks_size(), blockers));
    if (policy->applications_size() > 0) {
      session.terminal().Write(fmt::format(
          fmt::runtime(session.Say({"applications that laptops look for: {}\n",
                                    "applications que les portables cherchent : {}\n"})),
          policy->applications_size()));
    }
    return absl::OkStatus();
  }

 private:
  std::string file_;
  FormatFlag format_;
};

}  // namespace

std::unique_ptr<Command> MakePolicyCheck() { return std::make_unique<PolicyCheckCommand>(); }

}  // namespace parc::client
