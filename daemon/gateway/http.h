#pragma once

#include <functional>
#include <string>

// What goes over the gateway's ports, without the library that parses it.
namespace parc::gateway {

struct Request {
  std::string method{};        // "POST"
  std::string target{};        // "/metrics?x=1", as sent
  std::string content_type{};  // as sent; empty when there is none
  std::string body{};
  std::string source{};  // the caller's address, without the port
};

struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::string allow;    // with 405
  int retry_after = 0;  // seconds; 0: not said
};

// Sends the answer. Called once, from any thread; a reply that is dropped closes the connection.
using Reply = std::function<void(Response)>;
// Runs on the thread of the loop, and does not block.
using Handler = std::function<void(Request, Reply)>;

// The path of a target, without its query.
inline std::string PathOf(const std::string& target) {
  return target.substr(0, target.find_first_of("?#"));
}

}  // namespace parc::gateway
