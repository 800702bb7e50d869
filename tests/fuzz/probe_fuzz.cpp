// What a stranger answers to a probe: judged without reading beyond it.

#include <string>

#include "agent/channel/grpc_wire.h"
#include "agent/gateways/openvpn_wrap.h"
#include "agent/gateways/packets.h"
#include "agent/gateways/portal.h"
#include "agent/gateways/wireguard_handshake.h"
#include "agent/net/http.h"
#include "agent/net/routes.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace parc::agent;  // NOLINT(google-build-using-namespace): one file, one subject

WrapKeys Keys(Wrap::Kind kind) {
  WrapKeys keys;
  keys.kind = kind;
  keys.digest = "SHA1";
  keys.send_cipher = keys.receive_cipher = std::string(32, 'c');
  keys.send_hmac = keys.receive_hmac = std::string(kind == Wrap::Kind::kTlsAuth ? 20 : 32, 'h');
  return keys;
}

// What somebody without the key sends never unwraps; what we send does.
void JudgeWraps(std::string_view packet, std::string_view session) {
  for (const Wrap::Kind kind : {Wrap::Kind::kTlsAuth, Wrap::Kind::kTlsCrypt}) {
    const WrapKeys keys = Keys(kind);
    Unwrap(keys, packet);
    PARC_MUST(Unwrap(keys, WrappedReset(keys, session, 1)) == OpenVpnReset(session));
  }
}

// What comes with status 0 is a whole message or refused; nothing else is ever taken for one.
void JudgeCallAnswer(const std::string& packet) {
  Http2Answer answer;
  answer.body = packet;
  answer.fields["grpc-status"] = "0";
  const auto message = ReadAnswer(answer);
  PARC_MUST(!message.ok() || FrameMessage(*message) == packet);
  answer.fields["grpc-status"] = answer.fields["grpc-message"] =
      answer.fields["grpc-retry-pushback-ms"] = packet;
  PARC_MUST(!ReadAnswer(answer).ok());
  answer.fields.clear();
  answer.fields[":status"] = packet;
  PARC_MUST(!ReadAnswer(answer).ok());
}

const WireGuardHandshake& Handshake() {
  static const auto kHandshake =
      WireGuardHandshake::Begin({"dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=",
                                 "3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08=",
                                 {}},
                                std::string(32, 'e'), 7, 1'700'000'000'000'000);
  return kHandshake.value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string session = "ABCDEFGH";
  // A copy of its own, so that a byte too far is seen.
  const std::string packet(AsText(data, size));
  IsOpenVpnAnswer(packet, session);
  IsIkeAnswer(packet, session);
  IsIkeAnswer(WithoutMarker(packet), session);
  IsAnyConnectAnswer(packet);
  IsFromPortal(packet);
  ParseHttpAnswer(packet).status().IgnoreError();
  JudgeCallAnswer(packet);
  JudgeWraps(packet, session);
  PARC_MUST(!Handshake().IsAnswer(packet));  // nobody has the peer's key here
  if (const auto index = ParseRouteAnswer(packet); index.has_value()) PARC_MUST(packet.size() > 16);
  if (const auto first = FirstWithLength(packet); first.has_value()) {
    PARC_MUST(first->size() + 2 <= packet.size());
    IsOpenVpnAnswer(*first, session);
    const auto again = FirstWithLength(WithLength(*first));
    PARC_MUST(again.has_value() && *again == *first);
  }
  return 0;
}
