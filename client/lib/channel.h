#pragma once

#include <memory>
#include <string>

#include "grpcpp/channel.h"

namespace parc::client {

struct ChannelOptions {
  std::string target;    // "host:port"
  std::string root_pem;  // the only roots that are trusted; the system's are not

  // For mTLS, leaf first; both empty: no client certificate.
  std::string certificate_chain_pem;
  std::string private_key_pem;

  std::string bearer_token;  // sent with every call when not empty
  std::string proxy;         // "http://host:port" of an HTTP CONNECT proxy; empty: none
};

// A TLS channel; connects at its first call. Proxies of the environment are never used.
std::shared_ptr<grpc::Channel> MakeChannel(const ChannelOptions& options);

}  // namespace parc::client
