#include "agent/collector/netfilter.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <map>
#include <optional>
#include <tuple>

#include "agent/files/descriptor.h"
#include "agent/net/netlink.h"
#include "agent/net/socket.h"
#include "client/lib/try.h"

namespace parc::agent {
namespace {

constexpr std::size_t kMaxDump = 16 * 1024 * 1024;
constexpr std::chrono::milliseconds kLongestAnswer{3000};

using Attributes = std::map<int, std::string_view>;

Attributes AttributesOf(std::string_view bytes) {
  Attributes attributes;
  ReadAttributes(bytes, [&](int type, std::string_view value) { attributes.emplace(type, value); });
  return attributes;
}

std::string TextOf(const Attributes& attributes, int type) {
  const auto found = attributes.find(type);
  if (found == attributes.end()) return {};
  return std::string(found->second.substr(0, found->second.find('\0')));
}

std::optional<std::uint32_t> NumberOf(const Attributes& attributes, int type) {
  const auto found = attributes.find(type);
  if (found == attributes.end() || found->second.size() < sizeof(std::uint32_t))
    return std::nullopt;
  return ntohl(Load<std::uint32_t>(found->second));
}

std::string_view PartOf(const Attributes& attributes, int type) {
  const auto found = attributes.find(type);
  return found == attributes.end() ? std::string_view() : found->second;
}

// Calls `each` for every message of `kind`, with its family and attributes.
void ReadTables(std::string_view dump, int kind,
                const std::function<void(int family, std::string_view attributes)>& each) {
  constexpr std::size_t kHead = NLMSG_ALIGN(sizeof(nfgenmsg));
  ReadMessages(dump, [&](const nlmsghdr& head, std::string_view body) {
    if (head.nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | kind) || body.size() < kHead) return;
    each(Load<nfgenmsg>(body).nfgen_family, body.substr(kHead));
  });
}

// True for a rule without conditions that drops or rejects.
bool EndsEverything(std::string_view expressions) {
  bool ends = false;
  bool conditional = false;
  ReadAttributes(expressions, [&](int, std::string_view element) {
    const Attributes expression = AttributesOf(element);
    const std::string name = TextOf(expression, NFTA_EXPR_NAME);
    if (name == "reject") {
      ends = true;
    } else if (name == "immediate") {
      const Attributes data = AttributesOf(PartOf(expression, NFTA_EXPR_DATA));
      const Attributes value = AttributesOf(PartOf(data, NFTA_IMMEDIATE_DATA));
      const Attributes verdict = AttributesOf(PartOf(value, NFTA_DATA_VERDICT));
      if (NumberOf(verdict, NFTA_VERDICT_CODE) == NF_DROP) ends = true;
    } else if (name != "counter" && name != "log") {
      conditional = true;
    }
  });
  return ends && !conditional;
}

absl::StatusOr<std::string> Dump(int fd, int kind) {
  struct {
    nlmsghdr head;
    nfgenmsg general;
  } question{};
  question.head.nlmsg_len = sizeof question;
  question.head.nlmsg_type = static_cast<unsigned short>(NFNL_SUBSYS_NFTABLES << 8 | kind);
  question.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  question.general.nfgen_family = NFPROTO_UNSPEC;
  question.general.version = NFNETLINK_V0;
  if (send(fd, &question, sizeof question, 0) < 0) return absl::ErrnoToStatus(errno, "nf_tables");
  const Deadline deadline(kLongestAnswer);
  std::string dump;
  std::string part(256 * 1024, '\0');
  while (dump.size() < kMaxDump) {
    PARC_TRY(WaitReadable(fd, deadline));
    const ssize_t got = recv(fd, part.data(), part.size(), MSG_DONTWAIT);
    if (got < 0) return absl::ErrnoToStatus(errno, "nf_tables");
    const std::string_view messages(part.data(), static_cast<std::size_t>(got));
    for (std::string_view rest = messages; rest.size() >= sizeof(nlmsghdr);) {
      const auto head = Load<nlmsghdr>(rest);
      if (head.nlmsg_type == NLMSG_DONE) return dump;
      if (head.nlmsg_type == NLMSG_ERROR && rest.size() >= NLMSG_HDRLEN + sizeof(int)) {
        const int error = -Load<int>(rest.substr(NLMSG_HDRLEN));
        return absl::ErrnoToStatus(error, "nf_tables");
      }
      if (head.nlmsg_len < sizeof(nlmsghdr) || head.nlmsg_len > rest.size()) break;
      rest.remove_prefix(std::min<std::size_t>(NLMSG_ALIGN(head.nlmsg_len), rest.size()));
    }
    dump += messages;
  }
  return absl::ResourceExhaustedError("the kernel has more rules than are read");
}

}  // namespace

std::vector<InputChain> ParseChains(std::string_view dump) {
  std::vector<InputChain> chains;
  ReadTables(dump, NFT_MSG_NEWCHAIN, [&](int family, std::string_view bytes) {
    if (family != NFPROTO_INET && family != NFPROTO_IPV4 && family != NFPROTO_IPV6) return;
    const Attributes chain = AttributesOf(bytes);
    const Attributes hook = AttributesOf(PartOf(chain, NFTA_CHAIN_HOOK));
    if (NumberOf(hook, NFTA_HOOK_HOOKNUM) != NF_INET_LOCAL_IN) return;
    chains.push_back({family, TextOf(chain, NFTA_CHAIN_TABLE), TextOf(chain, NFTA_CHAIN_NAME),
                      NumberOf(chain, NFTA_CHAIN_POLICY) == NF_DROP});
  });
  return chains;
}

void ParseRules(std::string_view dump, std::vector<InputChain>& chains) {
  // Rules of a chain come in their order: the last one seen is the last.
  std::map<std::tuple<int, std::string, std::string>, bool> last;
  ReadTables(dump, NFT_MSG_NEWRULE, [&](int family, std::string_view bytes) {
    const Attributes rule = AttributesOf(bytes);
    last[{family, TextOf(rule, NFTA_RULE_TABLE), TextOf(rule, NFTA_RULE_CHAIN)}] =
        EndsEverything(PartOf(rule, NFTA_RULE_EXPRESSIONS));
  });
  for (InputChain& chain : chains) {
    const auto found = last.find({chain.family, chain.table, chain.name});
    if (found != last.end() && found->second) chain.drops = true;
  }
}

bool Filters(const std::vector<InputChain>& chains) {
  bool ipv4 = false;
  bool ipv6 = false;
  for (const InputChain& chain : chains) {
    if (!chain.drops) continue;
    ipv4 = ipv4 || chain.family != NFPROTO_IPV6;
    ipv6 = ipv6 || chain.family != NFPROTO_IPV4;
  }
  return ipv4 && ipv6;
}

absl::StatusOr<bool> KernelFilters() {
  const Descriptor fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
  if (!fd) return absl::ErrnoToStatus(errno, "nf_tables");
  PARC_ASSIGN(const std::string chains_dump, Dump(fd.get(), NFT_MSG_GETCHAIN));
  PARC_ASSIGN(const std::string rules_dump, Dump(fd.get(), NFT_MSG_GETRULE));
  std::vector<InputChain> chains = ParseChains(chains_dump);
  ParseRules(rules_dump, chains);
  return Filters(chains);
}

}  // namespace parc::agent
