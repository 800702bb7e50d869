#include "agent/net/netlink.h"

#include <algorithm>

namespace parc::agent {

void ReadAttributes(std::string_view bytes,
                    const std::function<void(int type, std::string_view value)>& each) {
  while (bytes.size() >= sizeof(nlattr)) {
    const auto head = Load<nlattr>(bytes);
    if (head.nla_len < sizeof(nlattr) || head.nla_len > bytes.size()) return;
    each(head.nla_type & NLA_TYPE_MASK, bytes.substr(sizeof head, head.nla_len - sizeof head));
    bytes.remove_prefix(std::min<std::size_t>(NLA_ALIGN(head.nla_len), bytes.size()));
  }
}

void ReadMessages(std::string_view dump,
                  const std::function<void(const nlmsghdr& head, std::string_view body)>& each) {
  while (dump.size() >= sizeof(nlmsghdr)) {
    const auto head = Load<nlmsghdr>(dump);
    if (head.nlmsg_len < sizeof(nlmsghdr) || head.nlmsg_len > dump.size()) return;
    each(head, dump.substr(NLMSG_HDRLEN, head.nlmsg_len - NLMSG_HDRLEN));
    dump.remove_prefix(std::min<std::size_t>(NLMSG_ALIGN(head.nlmsg_len), dump.size()));
  }
}

}  // namespace parc::agent
