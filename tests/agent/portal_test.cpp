#include "agent/gateways/portal.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <thread>

namespace parc::agent {
namespace {

// Answers the first connection on 127.0.0.1 with `answer`, byte for byte, and hangs up.
class OneAnswer {
 public:
  explicit OneAnswer(std::string answer) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(bind(fd_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(listen(fd_, 1) == 0);
    REQUIRE(getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this, text = std::move(answer)] {
      const int connection = accept(fd_, nullptr, nullptr);
      if (connection < 0) return;
      char buffer[4096];
      while (question_.find("\r\n\r\n") == std::string::npos) {
        const ssize_t got = recv(connection, buffer, sizeof buffer, 0);
        if (got <= 0) break;
        question_.append(buffer, static_cast<std::size_t>(got));
      }
      send(connection, text.data(), text.size(), MSG_NOSIGNAL);
      close(connection);
    });
  }
  ~OneAnswer() {
    shutdown(fd_, SHUT_RDWR);
    thread_.join();
    close(fd_);
  }
  OneAnswer(OneAnswer&&) = delete;

  int port() const { return port_; }
  // After the answer.
  const std::string& question() {
    if (thread_.joinable()) thread_.join();
    thread_ = std::jthread([] {});
    return question_;
  }

 private:
  int fd_;
  int port_ = 0;
  std::string question_;
  std::jthread thread_;
};

std::optional<bool> Ask(int port) {
  return AskForPortal({"127.0.0.1", port, "/test"}, Resolve, Deadline(std::chrono::seconds(5)));
}

}  // namespace

TEST_CASE("a portal is known by what it answers in the place of 204") {
  struct Row {
    const char* answer;
    std::optional<bool> portal;
  };
  const Row rows[] = {
      {"HTTP/1.1 204 No Content\r\n\r\n", false},
      {"HTTP/1.0 204 No Content\r\nX: y\r\n\r\n", false},
      {"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>Welcome on board", true},
      {"HTTP/1.1 302 Found\r\nLocation: http://login.hotel.example/\r\n\r\n", true},
      {"HTTP/1.1 511 Network Authentication Required\r\n\r\n", true},
      {"HTTP/1.1 503 Service Unavailable\r\n\r\n", std::nullopt},
      {"HTTP/1.1 404 Not Found\r\n\r\n", std::nullopt},
      {"HTTP/1.1 garbage\r\n\r\n", std::nullopt},
      {"SSH-2.0-OpenSSH_9.2\r\n", std::nullopt},
      {"", std::nullopt},
  };
  for (const Row& row : rows) {
    INFO(row.answer);
    OneAnswer server(row.answer);
    CHECK(Ask(server.port()) == row.portal);
    CHECK(IsFromPortal(row.answer) == row.portal);
    CHECK(server.question().rfind("GET /test HTTP/1.1\r\nHost: 127.0.0.1:", 0) == 0);
  }
}

TEST_CASE("nobody who answers proves no portal") {
  int closed = 0;
  {
    OneAnswer server("");
    closed = server.port();
  }
  CHECK_FALSE(Ask(closed).has_value());
  const auto nowhere = [](const std::string&, int, Deadline) {
    return absl::StatusOr<std::vector<Address>>(absl::NotFoundError("no such name"));
  };
  CHECK_FALSE(AskForPortal({"portal.example", 80, "/"}, nowhere, Deadline(std::chrono::seconds(5)))
                  .has_value());
}

TEST_CASE("the address of a portal test is plain HTTP") {
  CHECK(ParsePortalTest("http://a.example") == PortalTest{"a.example", 80, "/"});
  CHECK(ParsePortalTest("http://a.example:8080/x?y=1") == PortalTest{"a.example", 8080, "/x?y=1"});
  CHECK(ParsePortalTest("http://[2001:db8::1]:81/") == PortalTest{"2001:db8::1", 81, "/"});
  for (const char* url : {"", "a.example", "https://a.example/", "http://", "http://a b/",
                          "http://a/\r\nX: y", "http://a:0x/", "http://-a/"}) {
    INFO(url);
    CHECK_FALSE(ParsePortalTest(url).has_value());
  }
}

}  // namespace parc::agent
