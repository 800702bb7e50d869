#include "tests/app/ask_parcd.h"

#include <signal.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "daemon/store/sql.h"
#include "parc/v1/tokens.grpc.pb.h"
#include "tests/gateway/sockets.h"

namespace parc::app {

namespace fs = std::filesystem;
using testing::Connection;

bool Holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

mode_t ModeOf(const fs::path& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 ? info.st_mode & 0777U : 0;
}

std::string Get(const Parcd& parcd, const std::string& path) {
  Connection connection(parcd.port("metrics"));
  if (!connection.Send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n")) return "";
  return connection.ReadAll();
}

bool Answers(const Parcd& parcd) {
  const auto stub = v1::TokenService::NewStub(parcd.People());
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
  v1::Token token;
  return stub->WhoAmI(&context, {}, &token).ok() && token.role() == v1::ROLE_ADMIN;
}

grpc::Status CreateSite(v1::SiteService::Stub& stub, const std::string& code) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  v1::CreateSiteRequest request;
  request.mutable_site()->set_code(code);
  request.mutable_site()->set_display_name("Site " + code);
  request.mutable_site()->set_department("Loiret");
  v1::Site made;
  return stub.CreateSite(&context, request, &made);
}

std::set<std::string> SiteCodes(const Parcd& parcd) {
  const auto stub = v1::SiteService::NewStub(parcd.People());
  std::set<std::string> codes;
  v1::ListSitesRequest request;
  request.set_page_size(500);
  do {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    v1::ListSitesResponse response;
    const grpc::Status status = stub->ListSites(&context, request, &response);
    INFO(status.error_message());
    REQUIRE(status.ok());
    for (const v1::Site& site : response.sites()) codes.insert(site.code());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return codes;
}

int StopGently(Parcd& parcd) {
  parcd.Signal(SIGTERM);
  return parcd.Wait();
}

void ExecuteSql(const fs::path& file, const std::string& sql) {
  auto db = store::Connection::Open(file, store::Connection::Mode::kWriter);
  REQUIRE(db.ok());
  REQUIRE((*db)->Execute(sql).ok());
  REQUIRE((*db)->Checkpoint(/*truncate=*/true).ok());
}

}  // namespace parc::app
