#pragma once

#include "absl/status/status.h"
#include "client/connection.h"
#include "client/lib/try.h"
#include "client/session.h"

namespace parc::client {

inline constexpr int kPageSize = 1000;

// Asks for page after page until the server says that there are no more, and gives each to `visit`.
template <typename Stub, typename Request, typename Response, typename Visit>
absl::Status ForEachPage(Session& session, Connection::Method<Stub, Request, Response> method,
                         Request request, Visit visit) {
  PARC_ASSIGN(Connection * connection, session.Connect());
  request.set_page_size(kPageSize);
  do {
    PARC_ASSIGN(const Response response, connection->Read(method, request));
    visit(response);
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

}  // namespace parc::client
