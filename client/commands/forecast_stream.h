#pragma once

#include <algorithm>
#include <cmath>
#include <memory>

#include "client/connection.h"
#include "client/render/bar.h"
#include "client/session.h"
#include "fmt/format.h"
#include "grpcpp/support/sync_stream.h"
#include "parc/v1/forecasts.grpc.pb.h"

namespace parc::client {

// Longer than the server lets any computation take.
inline constexpr int kComputeSeconds = 660;

// Asks for what takes a while to compute; shows on a terminal how far it is. Answers the message
// that came last. Interrupting the program ends the computation, too: the server sees it leave.
template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> Compute(Session& session,
                                 std::unique_ptr<grpc::ClientReader<Response>> (Stub::*method)(
                                     grpc::ClientContext*, const Request&),
                                 const Request& request, Text what) {
  PARC_ASSIGN(Connection * connection, session.Connect());
  Response last;
  const absl::Status status = connection->Try(
      Connection::kReadAttempts, kComputeSeconds, [&](grpc::ClientContext& context) {
        Stub stub(connection->channel());
        const auto stream = (stub.*method)(&context, request);
        while (stream->Read(&last)) {
          if (!last.has_progress()) continue;
          const auto percent = std::llround(100 * std::clamp(last.progress().share(), 0.0, 1.0));
          session.terminal().Progress(
              fmt::format("{} {} {} %", session.Say(what), render::Bar(percent, 100, 24), percent));
        }
        return stream->Finish();
      });
  session.terminal().Progress("");
  if (!status.ok()) return status;
  return last;
}

}  // namespace parc::client
