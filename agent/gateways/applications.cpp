#include "agent/gateways/applications.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <string>
#include <thread>

#include "agent/files/durable.h"
#include "agent/files/sealed.h"
#include "agent/files/text.h"
#include "fmt/format.h"

namespace parc::agent {
namespace {

constexpr std::size_t kMaxMemory = 256 * 1024;

using Targets = std::vector<v1::ApplicationTarget>;

Gateway AsGateway(const v1::ApplicationTarget& target) {
  Gateway gateway;
  gateway.protocol = v1::GATEWAY_PROTOCOL_TLS;
  gateway.host = target.host();
  gateway.port = target.port();
  return gateway;
}

// REACHABLE once a connection stands.
v1::GatewayAnswer Connects(const v1::ApplicationTarget& target, const Liveness& network) {
  const auto addresses =
      network.resolve(target.host(), target.port(), network.end.AtMost(network.resolve_within));
  if (!addresses.ok() || addresses->empty()) return v1::GATEWAY_ANSWER_SILENT;
  const auto fd =
      Connect(addresses->front(), SOCK_STREAM, network.end.AtMost(network.answer_within));
  if (fd.ok()) return v1::GATEWAY_ANSWER_REACHABLE;
  return absl::IsAborted(fd.status()) ? v1::GATEWAY_ANSWER_REFUSED : v1::GATEWAY_ANSWER_SILENT;
}

v1::GatewayAnswer ShakesHands(const v1::ApplicationTarget& target, const Liveness& network) {
  const v1::VpnGateway facts = ProbeGateway(AsGateway(target), network);
  if (facts.answer() == v1::GATEWAY_ANSWER_UNKNOWN) return facts.answer();
  if (!facts.resolved()) return v1::GATEWAY_ANSWER_SILENT;
  // A stranger answers in its place: a portal, say.
  return facts.answer() == v1::GATEWAY_ANSWER_REACHABLE ? v1::GATEWAY_ANSWER_REFUSED
                                                        : facts.answer();
}

v1::ApplicationAnswer Reach(const v1::ApplicationTarget& target, const Reaching& options,
                            const Deadline& end) {
  v1::ApplicationAnswer answer;
  answer.set_application(Printable(target.application()));
  answer.set_answer(v1::GATEWAY_ANSWER_UNKNOWN);
  const bool possible = IsHost(target.host()) && target.port() > 0 && target.port() < 65536 &&
                        (options.tunnel_up || !target.through_vpn());
  if (!possible || end.left_ms() == 0) return answer;
  Liveness network = options.network;
  network.tries = 1;
  network.resolve_within = options.each;
  network.answer_within = options.each;
  network.end = end;
  const auto start = std::chrono::steady_clock::now();
  const v1::GatewayAnswer found =
      target.tls() ? ShakesHands(target, network) : Connects(target, network);
  const auto took = std::chrono::steady_clock::now() - start;
  if (found == v1::GATEWAY_ANSWER_REACHABLE || found == v1::GATEWAY_ANSWER_AUTHENTICATED) {
    answer.set_latency_micros(
        CoarseLatency(std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
  } else if (end.left_ms() == 0) {
    return answer;  // cut short: that proves nothing against it
  }
  answer.set_answer(found);
  return answer;
}

// Names are told once each; the first of a name counts.
Targets Distinct(const Targets& targets) {
  std::map<std::string, v1::ApplicationTarget> by_name;
  for (const v1::ApplicationTarget& target : targets) {
    if (by_name.size() == kMaxApplications) break;
    if (!Printable(target.application()).empty()) {
      by_name.emplace(Printable(target.application()), target);
    }
  }
  Targets distinct;
  for (auto& [name, target] : by_name) distinct.push_back(std::move(target));
  return distinct;
}

std::string QuestionOf(const Targets& targets, bool tunnel_up) {
  std::string bytes = tunnel_up ? "up" : "down";
  for (const v1::ApplicationTarget& target : targets) bytes += Sha256(target.SerializeAsString());
  return Hex(Sha256(bytes));
}

}  // namespace

v1::Applications ReachApplications(const Targets& targets, const Reaching& options) {
  const Targets asked = Distinct(targets);
  std::vector<v1::ApplicationAnswer> answers(asked.size());
  const Deadline end = options.network.end.AtMost(options.within);
  std::atomic<std::size_t> next{0};
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < std::min(options.at_once, asked.size()); ++i) {
    threads.emplace_back([&] {
      for (std::size_t mine = next++; mine < asked.size(); mine = next++) {
        answers[mine] = Reach(asked[mine], options, end);
      }
    });
  }
  threads.clear();  // joins them
  v1::Applications facts;
  for (v1::ApplicationAnswer& answer : answers) *facts.add_answers() = std::move(answer);
  return facts;
}

v1::Applications RememberedApplications(const std::filesystem::path& memory, const Targets& targets,
                                        const Reaching& options) {
  // "TIME QUESTION\n" and the answers.
  const std::string question = QuestionOf(targets, options.tunnel_up);
  const auto sealed = ReadWhole(memory, kMaxMemory);
  const auto bytes = sealed.ok() ? Unseal(*sealed) : absl::StatusOr<std::string>(sealed.status());
  if (bytes.ok()) {
    const auto end = bytes->find('\n');
    const auto words = SplitWords(std::string_view(*bytes).substr(0, end));
    const auto then = words.size() == 2 ? ToInt<std::int64_t>(words[0]) : std::nullopt;
    v1::Applications remembered;
    if (then && words[1] == question && *then <= options.network.now &&
        options.network.now - *then < kProbePeriod &&
        remembered.ParseFromString(bytes->substr(end + 1))) {
      return remembered;
    }
  }
  v1::Applications answers = ReachApplications(targets, options);
  if (options.network.end.left_ms() == 0) return answers;
  // Without it the next report would only look again.
  (void)WriteDurably(memory, Seal(fmt::format("{} {}\n", options.network.now, question) +
                                  answers.SerializeAsString()));
  return answers;
}

}  // namespace parc::agent
