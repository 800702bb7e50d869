#include "agent/collector/wireguard_device.h"

#include <linux/genetlink.h>
#include <linux/wireguard.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>

#include "agent/files/text.h"
#include "agent/net/netlink.h"
#include "agent/net/socket.h"
#include "fmt/format.h"

namespace parc::agent {
namespace {

constexpr std::chrono::milliseconds kLongestDump{1000};
constexpr std::size_t kMaxAnswer = 256 * 1024;

// Calls `each` with the attributes of every generic message.
void ReadGeneric(std::string_view dump, const std::function<void(std::string_view)>& each) {
  ReadMessages(dump, [&](const nlmsghdr& head, std::string_view body) {
    if (head.nlmsg_type >= NLMSG_MIN_TYPE && body.size() >= GENL_HDRLEN)
      each(body.substr(GENL_HDRLEN));
  });
}

std::string Question(unsigned short family, unsigned char command, unsigned short flags,
                     unsigned short attribute, const std::string& text) {
  nlattr name{};
  name.nla_type = attribute;
  name.nla_len = static_cast<unsigned short>(NLA_HDRLEN + text.size() + 1);
  nlmsghdr head{};
  head.nlmsg_len = static_cast<unsigned>(NLMSG_HDRLEN + GENL_HDRLEN + NLA_ALIGN(name.nla_len));
  head.nlmsg_type = family;
  head.nlmsg_flags = flags;
  genlmsghdr general{};
  general.cmd = command;
  general.version = 1;
  std::string bytes;
  Append(bytes, head);
  Append(bytes, general);
  Append(bytes, name);
  bytes += text;
  bytes.resize(head.nlmsg_len, '\0');
  return bytes;
}

// The answer's messages, until the last one of a dump or, without one, the first.
std::string Ask(int fd, const std::string& question, bool dump) {
  if (send(fd, question.data(), question.size(), 0) < 0) return {};
  const Deadline deadline(kLongestDump);
  std::string all;
  std::string part(32 * 1024, '\0');
  while (all.size() < kMaxAnswer && WaitReadable(fd, deadline).ok()) {
    const ssize_t got = recv(fd, part.data(), part.size(), MSG_DONTWAIT);
    if (got < static_cast<ssize_t>(sizeof(nlmsghdr))) return {};
    const auto head = Load<nlmsghdr>(part);
    if (head.nlmsg_type == NLMSG_ERROR) return {};
    if (head.nlmsg_type == NLMSG_DONE) return all;
    all.append(part, 0, static_cast<std::size_t>(got));
    if (!dump) return all;
    // The last message of a part may say that it was the last of all.
    if (all.size() >= NLMSG_HDRLEN + sizeof(int) &&
        Load<nlmsghdr>(std::string_view(all).substr(all.size() - NLMSG_HDRLEN - sizeof(int)))
                .nlmsg_type == NLMSG_DONE) {
      return all;
    }
  }
  return all;
}

std::optional<std::int64_t> AskKernel(const std::string& interface) {
  const Descriptor fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC));
  if (!fd) return std::nullopt;
  std::optional<unsigned short> family;
  ReadGeneric(Ask(fd.get(),
                  Question(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_REQUEST, CTRL_ATTR_FAMILY_NAME,
                           WG_GENL_NAME),
                  false),
              [&](std::string_view attributes) {
                ReadAttributes(attributes, [&](int type, std::string_view value) {
                  if (type == CTRL_ATTR_FAMILY_ID && value.size() >= sizeof(unsigned short)) {
                    family = Load<unsigned short>(value);
                  }
                });
              });
  if (!family) return std::nullopt;
  return ParseKernelDevice(Ask(fd.get(),
                               Question(*family, WG_CMD_GET_DEVICE, NLM_F_REQUEST | NLM_F_DUMP,
                                        WGDEVICE_A_IFNAME, interface),
                               true));
}

std::optional<std::int64_t> AskUserspace(const Root& root, const std::string& interface) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path =
      (root.path() / "run/wireguard" / (interface + ".sock")).lexically_normal().string();
  if (path.size() >= sizeof address.sun_path) return std::nullopt;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const Descriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd || connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    return std::nullopt;
  }
  const Deadline deadline(kLongestDump);
  if (!SendAll(fd.get(), "get=1\n\n", deadline).ok()) return std::nullopt;
  std::string text;
  while (text.size() < kMaxAnswer && text.find("\n\n") == std::string::npos) {
    const auto more = ReceiveSome(fd.get(), kMaxAnswer - text.size(), deadline);
    if (!more.ok() || more->empty()) break;
    text += *more;
  }
  return ParseUserspaceDevice(text);
}

}  // namespace

std::optional<std::int64_t> ParseUserspaceDevice(std::string_view text) {
  constexpr std::string_view kHandshake = "last_handshake_time_sec=";
  bool answered = false;
  std::int64_t newest = 0;
  for (const std::string_view line : SplitLines(text)) {
    if (line == "errno=0") answered = true;
    if (line.substr(0, kHandshake.size()) != kHandshake) continue;
    newest = std::max(newest, ToInt<std::int64_t>(line.substr(kHandshake.size())).value_or(0));
  }
  if (!answered) return std::nullopt;
  return newest;
}

std::optional<std::int64_t> ParseKernelDevice(std::string_view dump) {
  std::optional<std::int64_t> newest;
  const auto take_peer = [&](std::string_view peer) {
    ReadAttributes(peer, [&](int type, std::string_view value) {
      if (type != WGPEER_A_LAST_HANDSHAKE_TIME || value.size() < sizeof(std::int64_t)) return;
      newest = std::max(newest.value_or(0), Load<std::int64_t>(value));
    });
  };
  ReadGeneric(dump, [&](std::string_view attributes) {
    ReadAttributes(attributes, [&](int type, std::string_view peers) {
      if (type != WGDEVICE_A_PEERS) return;
      ReadAttributes(peers, [&](int, std::string_view peer) { take_peer(peer); });
    });
  });
  return newest;
}

std::optional<std::int64_t> NewestHandshake(const Root& root,
                                            const std::vector<std::string>& interfaces) {
  std::optional<std::int64_t> newest;
  for (const std::string& interface : interfaces) {
    auto one = AskUserspace(root, interface);
    if (!one) one = AskKernel(interface);
    if (one) newest = std::max(newest.value_or(0), *one);
  }
  return newest;
}

}  // namespace parc::agent
