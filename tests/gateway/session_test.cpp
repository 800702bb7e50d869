#include "daemon/gateway/session.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <memory>

#include "daemon/access/ca.h"
#include "daemon/access/random.h"
#include "daemon/access/time_units.h"
#include "daemon/inventory/reason.h"
#include "daemon/rpc/acceptor.h"
#include "tests/gateway/gateway_support.h"
#include "tests/gateway/loop_thread.h"
#include "tests/gateway/sockets.h"

namespace parc::gateway {
namespace {

using testing::Connection;

// Says back what it understood.
void SayBack(Request request, const Reply& reply) {
  reply(Plain(200, request.method + " " + request.target + " [" + request.content_type + "] " +
                       request.source + " " + request.body));
}

std::string StatusLine(const std::string& answer) { return answer.substr(0, answer.find("\r\n")); }

std::string Ask(std::uint16_t port, const std::string& request) {
  Connection connection(port);
  connection.Send(request);
  return connection.ReadAll();
}

}  // namespace

TEST_CASE("a request comes whole, however it is cut on the way, and the connection is closed") {
  Listening listening(SayBack);
  const std::string request =
      "POST /a?b HTTP/1.1\r\nHost: x\r\nContent-Type: text/x\r\nContent-Length: 5\r\n\r\nhello";
  const std::string expected = "POST /a?b [text/x] 127.0.0.1 hello";
  const std::string answer = Ask(listening.port(), request);
  CHECK(StatusLine(answer) == "HTTP/1.1 200 OK");
  CHECK(answer.find("Connection: close\r\n") != std::string::npos);
  CHECK(answer.find("\r\n\r\n" + expected) != std::string::npos);

  Connection slow(listening.port());
  for (const char c : request) REQUIRE(slow.Send(std::string(1, c)));
  CHECK(slow.ReadAll() == answer);

  CHECK(Ask(listening.port(),
            "POST /a?b HTTP/1.1\r\nHost: x\r\nContent-Type: text/x\r\nTransfer-Encoding: chunked"
            "\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n") == answer);
}

TEST_CASE("what is no request, or too large, gets an answer and no handler") {
  struct Row {
    const char* what;
    std::string request;
    const char* status;
  };
  const Row rows[] = {
      {"no HTTP", "hello there\r\n\r\n", "HTTP/1.1 400 Bad Request"},
      {"HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 400 Bad Request"},
      {"a header without end", "GET / HTTP/1.1\r\nX: " + std::string(9000, 'a'),
       "HTTP/1.1 431 Request Header Fields Too Large"},
      {"a body over the limit", "POST / HTTP/1.1\r\nContent-Length: 16385\r\n\r\n",
       "HTTP/1.1 413 Payload Too Large"},
      {"a chunk over the limit",
       "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4001\r\n" + std::string(0x4001, 'a'),
       "HTTP/1.1 413 Payload Too Large"},
      {"a length that is none", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
       "HTTP/1.1 400 Bad Request"},
      {"two lengths", "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
       "HTTP/1.1 400 Bad Request"},
  };
  std::atomic<int> handled{0};
  Listening listening([&](const Request&, const Reply&) { ++handled; });
  for (const Row& row : rows) {
    INFO(row.what);
    CHECK(StatusLine(Ask(listening.port(), row.request)) == row.status);
  }
  CHECK(handled == 0);
}

TEST_CASE("the answer survives a peer that goes on sending") {
  Listening listening(SayBack);
  Connection connection(listening.port());
  connection.Send("POST / HTTP/1.1\r\nContent-Length: 99999\r\n\r\n" + std::string(90000, 'a'));
  CHECK(StatusLine(connection.ReadAll()) == "HTTP/1.1 413 Payload Too Large");
}

TEST_CASE("HEAD gets the header alone") {
  Listening listening(SayBack);
  const std::string answer = Ask(listening.port(), "HEAD / HTTP/1.1\r\n\r\n");
  CHECK(StatusLine(answer) == "HTTP/1.1 200 OK");
  CHECK(answer.substr(answer.size() - 4) == "\r\n\r\n");
}

TEST_CASE("whoever is silent, or waits for an answer that never comes, is cut off") {
  Listening listening([](const Request&, const Reply&) {},
                      {.total = std::chrono::milliseconds(200)});
  Connection silent(listening.port());
  Connection waiting(listening.port());
  waiting.Send("GET / HTTP/1.1\r\n\r\n");
  CHECK(silent.ClosedByPeer());
  CHECK(waiting.ClosedByPeer());
  CHECK(listening.open_after(std::chrono::seconds(2)) == 0);
}

TEST_CASE("an answer may come from another thread, and after the caller has gone") {
  std::vector<std::thread> threads;
  Listening listening([&](const Request&, Reply reply) {
    threads.emplace_back([reply = std::move(reply)] {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      reply(Plain(200, "late"));
    });
  });
  CHECK(Ask(listening.port(), "GET / HTTP/1.1\r\n\r\n").find("late") != std::string::npos);
  { Connection(listening.port()).Send("GET / HTTP/1.1\r\n\r\n"); }
  CHECK(listening.open_after(std::chrono::seconds(2)) == 0);
  listening.Stop();
  for (std::thread& thread : threads) thread.join();
}

TEST_CASE("all can be cut off at once") {
  Listening listening([](const Request&, const Reply&) {});
  std::vector<Connection> connections;
  for (int i = 0; i < 10; ++i) {
    connections.emplace_back(listening.port());
    connections.back().Send("GET / HTTP/1.1\r\n\r\n");
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  listening.CloseAll();
  for (Connection& connection : connections) CHECK(connection.ClosedByPeer());
  CHECK(listening.open_after(std::chrono::seconds(2)) == 0);
}

TEST_CASE(
    "TLS is 1.2 or later, shows leaf, issuing CA and root, and changes its certificate at once") {
  Listening listening(SayBack);
  const TrialCertificates certificates;
  const access::OwnCertificate first = certificates.Issue();
  const access::OwnCertificate second = certificates.Issue();
  REQUIRE(listening.UseTls(first.chain_pem, first.key_pem).ok());

  TlsClient client(listening.port());
  REQUIRE(client.connected());
  CHECK(client.chain_length() == 3);
  CHECK(client.leaf_pem() == first.chain_pem.substr(0, client.leaf_pem().size()));
  client.Send("GET /tls HTTP/1.1\r\n\r\n");
  CHECK(client.ReadAll().find("GET /tls") != std::string::npos);
  CHECK_FALSE(TlsClient(listening.port(), TLS1_1_VERSION).connected());
  CHECK(TlsClient(listening.port(), TLS1_2_VERSION).connected());

  const absl::Status bad = listening.UseTls(second.chain_pem, first.key_pem);
  CHECK(ReasonOf(bad) == "TLS_INVALID");
  CHECK(TlsClient(listening.port()).leaf_pem() == client.leaf_pem());
  REQUIRE(listening.UseTls(second.chain_pem, second.key_pem).ok());
  CHECK(TlsClient(listening.port()).leaf_pem() != client.leaf_pem());

  // Plain HTTP, and half a handshake.
  CHECK(Ask(listening.port(), "GET / HTTP/1.1\r\n\r\n").find("HTTP/1.1") == std::string::npos);
}

}  // namespace parc::gateway
