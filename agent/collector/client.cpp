#include "agent/collector/client.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "client/lib/try.h"

namespace parc::agent {

absl::StatusOr<v1::Facts> ReadCollector(const std::filesystem::path& socket_path,
                                        Deadline deadline) {
  constexpr std::size_t kMaxBytes = 256 * 1024;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = socket_path.string();
  if (path.size() >= sizeof address.sun_path) return absl::InvalidArgumentError("the path is long");
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const Descriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return absl::ErrnoToStatus(errno, "socket");
  if (connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    // Nobody listens: it is not installed, or not switched on.
    if (errno == ENOENT || errno == ECONNREFUSED) return absl::NotFoundError("no collector");
    return absl::ErrnoToStatus(errno, "connecting to the collector");
  }
  std::string bytes;
  while (true) {
    PARC_ASSIGN(const std::string more, ReceiveSome(fd.get(), kMaxBytes, deadline));
    if (more.empty()) break;
    bytes += more;
    if (bytes.size() > kMaxBytes) return absl::ResourceExhaustedError("too much of an answer");
  }
  v1::Facts facts;
  if (bytes.empty() || !facts.ParseFromString(bytes)) {
    return absl::DataLossError("the collector's answer is damaged");
  }
  return facts;
}

}  // namespace parc::agent
