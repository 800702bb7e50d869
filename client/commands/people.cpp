#include "client/commands/make.h"
#include "client/commands/person_fields.h"
#include "client/pages.h"
#include "parc/v1/people.grpc.pb.h"

namespace parc::client {
namespace {

// `people`, and `waiting`: those of them who need a laptop and have none.
class People final : public Command {
 public:
  explicit People(bool waiting) : waiting_(waiting) {}

  void Declare(Options& options) override {
    list_.Declare(options,
                  {"Which ones, e.g. 'tier = 1 AND NOT equipped = true'; bare words search "
                   "names and numbers",
                   "Lesquelles, p. ex. 'tier = 1 AND NOT equipped = true' ; des mots "
                   "seuls cherchent noms et matricules"});
    moment_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    PARC_ASSIGN(const auto fields, ChooseFields(PersonFields(), list_.output.columns));
    v1::ListPeopleRequest request;
    request.set_filter(list_.filter());
    request.set_order_by(list_.order_by);
    session.RememberFilter(request.filter());
    if (waiting_) {
      request.set_filter(request.filter().empty() ? kWaiting
                                                  : "(" + request.filter() + ") AND " + kWaiting);
      session.RememberFilter(request.filter());
      if (list_.order_by.empty()) request.set_order_by("tier, id");
    }
    PARC_TRY(moment_.Fill(session, *request.mutable_moment()));
    PARC_TRY(session.Connect().status());
    Listing listing(session, list_.output, SpecsOf(session, fields));
    PARC_TRY(ForEachPage(session, &v1::PersonService::Stub::ListPeople, request,
                         [&](const v1::ListPeopleResponse& page) {
                           for (const v1::Person& person : page.people()) {
                             AddRow(listing, fields, person);
                           }
                         }));
    listing.Finish(waiting_ ? Text{"nobody waits for a laptop", "personne n'attend de portable"}
                            : Text{"nobody matches", "personne ne correspond"});
    return absl::OkStatus();
  }

 private:
  static constexpr char kWaiting[] = "needs_laptop = true AND equipped = false";

  const bool waiting_;
  ListFlags list_;
  MomentFlags moment_;
};

}  // namespace

std::unique_ptr<Command> MakePeople() { return std::make_unique<People>(false); }
std::unique_ptr<Command> MakeWaiting() { return std::make_unique<People>(true); }

}  // namespace parc::client
