#include "client/commands/make.h"
#include "client/commands/person_fields.h"
#include "client/pages.h"
#include "parc/v1/people.grpc.pb.h"

namespace parc::client {
namespace {

class Sites final : public Command {
 public:
  void Declare(Options& options) override {
    list_.Declare(options,
                  {"Which ones, e.g. 'department = Cher'", "Lesquels, p. ex. 'department = Cher'"});
  }

  absl::Status Run(Session& session) override {
    PARC_ASSIGN(const auto fields, ChooseFields(SiteFields(), list_.output.columns));
    v1::ListSitesRequest request;
    request.set_filter(list_.filter());
    request.set_order_by(list_.order_by);
    session.RememberFilter(request.filter());
    PARC_TRY(session.Connect().status());
    Listing listing(session, list_.output, SpecsOf(session, fields));
    PARC_TRY(ForEachPage(session, &v1::SiteService::Stub::ListSites, request,
                         [&](const v1::ListSitesResponse& page) {
                           for (const v1::Site& site : page.sites()) AddRow(listing, fields, site);
                         }));
    listing.Finish({"no site matches", "aucun site ne correspond"});
    return absl::OkStatus();
  }

 private:
  ListFlags list_;
};

}  // namespace

std::unique_ptr<Command> MakeSites() { return std::make_unique<Sites>(); }

}  // namespace parc::client
