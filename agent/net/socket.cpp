#include "agent/net/socket.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

#include "client/lib/try.h"
#include "fmt/format.h"

namespace parc::agent {
namespace {

absl::Status Failure(std::string_view what) {
  if (errno == ECONNREFUSED) return absl::AbortedError(fmt::format("{}: refused", what));
  return absl::UnavailableError(fmt::format("{}: {}", what, strerrordesc_np(errno)));
}

absl::Status Wait(int fd, short events, Deadline deadline) {
  pollfd waiting{fd, events, 0};
  while (true) {
    const int ready = poll(&waiting, 1, deadline.left_ms());
    if (ready > 0) return absl::OkStatus();
    if (ready == 0) return absl::DeadlineExceededError("no answer in time");
    if (errno != EINTR) return Failure("waiting for the network");
  }
}

absl::StatusOr<std::vector<Address>> AskResolver(const std::string& host, int port, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, [](addrinfo* list) {
    if (list != nullptr) freeaddrinfo(list);
  });
  if (error != 0) {
    return absl::NotFoundError(fmt::format("{} does not resolve: {}", host, gai_strerror(error)));
  }
  std::vector<Address> addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    Address& address = addresses.emplace_back();
    std::memcpy(&address.bytes, entry->ai_addr, entry->ai_addrlen);
    address.size = entry->ai_addrlen;
  }
  return addresses;
}

struct Answer {
  std::mutex mutex;
  std::condition_variable arrived;
  bool done = false;
  absl::StatusOr<std::vector<Address>> addresses;
};

}  // namespace

int Deadline::left_ms() const {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(at_ - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
}

Deadline Deadline::AtMost(std::chrono::milliseconds from_now) const {
  return Deadline(std::min(from_now, std::chrono::milliseconds(left_ms())));
}

absl::StatusOr<std::vector<Address>> Resolve(const std::string& host, int port, Deadline deadline) {
  if (auto numeric = AskResolver(host, port, AI_NUMERICHOST); numeric.ok()) return numeric;
  // getaddrinfo cannot be told to give up: the thread owns its share of the answer and may outlive
  // the question.
  auto answer = std::make_shared<Answer>();
  try {
    std::thread([answer, host, port] {
      auto addresses = AskResolver(host, port, AI_ADDRCONFIG);
      const std::lock_guard lock(answer->mutex);
      answer->addresses = std::move(addresses);
      answer->done = true;
      answer->arrived.notify_one();
    }).detach();
  } catch (const std::system_error& error) {  // those left behind are as many as may be
    return absl::UnavailableError(fmt::format("{} cannot be asked for: {}", host, error.what()));
  }
  std::unique_lock lock(answer->mutex);
  const auto patience = std::chrono::milliseconds(deadline.left_ms());
  if (!answer->arrived.wait_for(lock, patience, [&] { return answer->done; })) {
    return absl::DeadlineExceededError(fmt::format("{} does not resolve in time", host));
  }
  return answer->addresses;
}

absl::StatusOr<Descriptor> Connect(const Address& address, int type, Deadline deadline) {
  Descriptor fd(socket(address.bytes.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return Failure("making a socket");
  if (type == SOCK_STREAM) {
    const int on = 1;
    setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address.bytes), address.size) == 0) {
    return fd;
  }
  if (errno != EINPROGRESS) return Failure("connecting");
  PARC_TRY(WaitWritable(fd.get(), deadline));
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  errno = error;
  if (error != 0) return Failure("connecting");
  return fd;
}

absl::Status WaitReadable(int fd, Deadline deadline) { return Wait(fd, POLLIN, deadline); }
absl::Status WaitWritable(int fd, Deadline deadline) { return Wait(fd, POLLOUT, deadline); }

absl::Status SendAll(int fd, std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      PARC_TRY(WaitWritable(fd, deadline));
    } else if (errno != EINTR) {
      return Failure("sending");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReceiveSome(int fd, std::size_t limit, Deadline deadline) {
  std::string bytes(limit, '\0');
  while (true) {
    const ssize_t got = recv(fd, bytes.data(), bytes.size(), 0);
    if (got >= 0) {
      bytes.resize(static_cast<std::size_t>(got));
      return bytes;
    }
    if (errno == EAGAIN) {
      PARC_TRY(WaitReadable(fd, deadline));
    } else if (errno != EINTR) {
      return Failure("receiving");
    }
  }
}

}  // namespace parc::agent
