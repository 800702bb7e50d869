#include "agent/net/routes.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>

#include "agent/files/descriptor.h"
#include "agent/net/netlink.h"
#include "agent/net/socket.h"

namespace parc::agent {
namespace {

constexpr std::chrono::milliseconds kPatience{1000};
constexpr std::size_t kMaxAnswer = 16 * 1024;

std::string QuestionOf(unsigned char family, std::string_view address) {
  rtmsg route{};
  route.rtm_family = family;
  route.rtm_dst_len = static_cast<unsigned char>(address.size() * 8);
  rtattr to{};
  to.rta_type = RTA_DST;
  to.rta_len = static_cast<unsigned short>(RTA_LENGTH(address.size()));
  nlmsghdr header{};
  header.nlmsg_len = static_cast<unsigned>(NLMSG_LENGTH(sizeof route) + RTA_SPACE(address.size()));
  header.nlmsg_type = RTM_GETROUTE;
  header.nlmsg_flags = NLM_F_REQUEST;
  std::string bytes;
  Append(bytes, header);
  Append(bytes, route);
  Append(bytes, to);
  bytes.append(address);
  return bytes;
}

}  // namespace

std::string RouteQuestion(const std::string& address) {
  char bytes[sizeof(in6_addr)];
  if (inet_pton(AF_INET, address.c_str(), bytes) == 1) {
    return QuestionOf(AF_INET, std::string_view(bytes, sizeof(in_addr)));
  }
  if (inet_pton(AF_INET6, address.c_str(), bytes) == 1) {
    return QuestionOf(AF_INET6, std::string_view(bytes, sizeof(in6_addr)));
  }
  return {};
}

std::optional<int> ParseRouteAnswer(std::string_view bytes) {
  if (bytes.size() < sizeof(nlmsghdr)) return std::nullopt;
  const auto header = Load<nlmsghdr>(bytes);
  if (header.nlmsg_type != RTM_NEWROUTE || header.nlmsg_len > bytes.size() ||
      header.nlmsg_len < NLMSG_LENGTH(sizeof(rtmsg))) {
    return std::nullopt;
  }
  const auto route = Load<rtmsg>(bytes.substr(NLMSG_HDRLEN));
  if (route.rtm_type != RTN_UNICAST) return std::nullopt;
  std::string_view rest = bytes.substr(0, header.nlmsg_len).substr(NLMSG_LENGTH(sizeof(rtmsg)));
  while (rest.size() >= sizeof(rtattr)) {
    const auto attribute = Load<rtattr>(rest);
    if (attribute.rta_len < sizeof(rtattr) || attribute.rta_len > rest.size()) return std::nullopt;
    if (attribute.rta_type == RTA_OIF && attribute.rta_len == RTA_LENGTH(sizeof(int))) {
      return Load<int>(rest.substr(RTA_LENGTH(0)));
    }
    rest.remove_prefix(std::min<std::size_t>(RTA_ALIGN(attribute.rta_len), rest.size()));
  }
  return std::nullopt;
}

std::optional<std::string> RouteInterface(const std::string& address) {
  const std::string question = RouteQuestion(address);
  const Descriptor fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (question.empty() || !fd) return std::nullopt;
  if (send(fd.get(), question.data(), question.size(), 0) < 0) return std::nullopt;
  if (!WaitReadable(fd.get(), Deadline(kPatience)).ok()) return std::nullopt;
  std::string answer(kMaxAnswer, '\0');
  const ssize_t got = recv(fd.get(), answer.data(), answer.size(), MSG_DONTWAIT);
  if (got <= 0) return std::nullopt;
  answer.resize(static_cast<std::size_t>(got));
  const auto index = ParseRouteAnswer(answer);
  char name[IF_NAMESIZE];
  if (!index || *index <= 0 || if_indextoname(static_cast<unsigned>(*index), name) == nullptr) {
    return std::nullopt;
  }
  return std::string(name);
}

}  // namespace parc::agent
