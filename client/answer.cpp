#include "client/answer.h"

#include "client/render/json.h"

namespace parc::client {

void WriteJson(Session& session, const google::protobuf::Message& message) {
  session.terminal().Write(render::Json(message, true) + "\n");
}

void TellChange(Session& session, bool dry_run, const std::string& sentence) {
  if (!dry_run) return session.Tell(sentence);
  session.Tell(std::string(session.Say(
                   {"dry run, nothing was changed: ", "à blanc, rien n'a été modifié : "})) +
               sentence);
}

}  // namespace parc::client
