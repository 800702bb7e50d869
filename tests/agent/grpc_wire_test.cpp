#include "agent/channel/grpc_wire.h"

#include <catch2/catch.hpp>

#include "agent/channel/channel.h"

namespace parc::agent {
namespace {

using Code = absl::StatusCode;

Code CodeOf(const Http2Answer& answer) { return ReadAnswer(answer).status().code(); }

Http2Answer Answer(std::map<std::string, std::string> fields, std::string body = {}) {
  Http2Answer answer;
  answer.fields = std::move(fields);
  answer.fields.emplace(":status", "200");
  answer.body = std::move(body);
  return answer;
}

}  // namespace

TEST_CASE("a message goes out with its length and comes back by it") {
  CHECK(FrameMessage("abc") == std::string("\0\0\0\0\3abc", 8));
  CHECK(FrameMessage("") == std::string(5, '\0'));
  const std::string long_one(70'000, 'x');
  for (const std::string& message : {std::string(), std::string("abc"), long_one}) {
    const auto read = ReadAnswer(Answer({{"grpc-status", "0"}}, FrameMessage(message)));
    REQUIRE(read.ok());
    CHECK(*read == message);
  }
}

TEST_CASE("a message that is cut off, compressed, doubled or missing is no answer") {
  const std::string whole = FrameMessage("abc");
  std::string compressed = whole;
  compressed[0] = 1;
  for (const std::string& body :
       {std::string(), whole.substr(0, 4), whole.substr(0, 7), whole + whole, compressed}) {
    CHECK(CodeOf(Answer({{"grpc-status", "0"}}, body)) == Code::kInternal);
  }
}

TEST_CASE("a refusal carries its code, its sentence in any language, and the pushback") {
  const auto refused =
      ReadAnswer(Answer({{"grpc-status", "8"},
                         {"grpc-message", "occup%C3%A9 %e2%80%93 100%, %4 %zz %25"},
                         {"grpc-retry-pushback-ms", "1500"}}));
  CHECK(refused.status().code() == Code::kResourceExhausted);
  CHECK(std::string(refused.status().message()) == "occupé – 100%, %4 %zz %");
  CHECK(PushbackOf(refused.status()) == 1500);
  CHECK(PushbackOf(ReadAnswer(Answer({{"grpc-status", "14"}, {"grpc-retry-pushback-ms", "-1"}}))
                       .status()) == -1);
  CHECK_FALSE(PushbackOf(ReadAnswer(Answer({{"grpc-status", "14"}})).status()).has_value());
  CHECK_FALSE(
      PushbackOf(
          ReadAnswer(Answer({{"grpc-status", "14"}, {"grpc-retry-pushback-ms", "x"}})).status())
          .has_value());
  // Codes of another system are errors all the same.
  for (const char* code : {"17", "-1", "x", "", "99999999999"}) {
    CHECK(CodeOf(Answer({{"grpc-status", code}}, FrameMessage(""))) == Code::kUnknown);
  }
}

TEST_CASE("what answers without gRPC's status is told by HTTP's") {
  const auto by_http = [](const char* status) {
    Http2Answer answer;
    answer.fields = {{":status", status}};
    return CodeOf(answer);
  };
  CHECK(by_http("200") == Code::kUnknown);
  CHECK(by_http("400") == Code::kInternal);
  CHECK(by_http("401") == Code::kUnauthenticated);
  CHECK(by_http("403") == Code::kPermissionDenied);
  CHECK(by_http("404") == Code::kUnimplemented);
  CHECK(by_http("429") == Code::kUnavailable);
  CHECK(by_http("502") == Code::kUnavailable);
  CHECK(by_http("503") == Code::kUnavailable);
  CHECK(by_http("504") == Code::kUnavailable);
  CHECK(CodeOf(Http2Answer()) == Code::kInternal);
}

TEST_CASE("a call that the server broke off says how") {
  const auto by_error = [](std::uint32_t error) {
    Http2Answer answer = Answer({}, FrameMessage("abc"));
    answer.error = error;
    return CodeOf(answer);
  };
  CHECK(by_error(NGHTTP2_REFUSED_STREAM) == Code::kUnavailable);
  CHECK(by_error(NGHTTP2_CANCEL) == Code::kCancelled);
  CHECK(by_error(NGHTTP2_ENHANCE_YOUR_CALM) == Code::kResourceExhausted);
  CHECK(by_error(NGHTTP2_INADEQUATE_SECURITY) == Code::kPermissionDenied);
  CHECK(by_error(NGHTTP2_INTERNAL_ERROR) == Code::kInternal);
  // A server may end a call that it has answered before it has read all of it.
  Http2Answer answered = Answer({{"grpc-status", "8"}});
  answered.error = NGHTTP2_NO_ERROR + 8;
  CHECK(CodeOf(answered) == Code::kResourceExhausted);
}

}  // namespace parc::agent
