#include "tests/bench/swarm/print.h"

#include <algorithm>

#include "fmt/format.h"
#include "fmt/ranges.h"

namespace parc::swarm {
namespace {

using Members = std::vector<std::pair<std::string, std::string>>;

template <typename Number>
std::string JsonMap(const std::map<std::string, Number>& map) {
  Members members;
  for (const auto& [name, value] : map) members.emplace_back(name, fmt::format("{}", value));
  return Object(members);
}

std::string Duration(std::int64_t micros) {
  if (micros < 1'000) return fmt::format("{} µs", micros);
  if (micros < 1'000'000) return fmt::format("{:.1f} ms", static_cast<double>(micros) / 1e3);
  return fmt::format("{:.2f} s", static_cast<double>(micros) / 1e6);
}

std::string Quantiles(const Histogram& times) {
  if (times.count() == 0) return "none";
  return fmt::format("p50 {}, p90 {}, p99 {}, p99.9 {}, longest {}", Duration(times.Quantile(0.5)),
                     Duration(times.Quantile(0.9)), Duration(times.Quantile(0.99)),
                     Duration(times.Quantile(0.999)), Duration(times.max()));
}

double Per(double amount, std::uint64_t count) {
  return count == 0 ? 0 : amount / static_cast<double>(count);
}

void AddCounts(std::string& text, std::string_view what,
               const std::map<std::string, std::uint64_t>& counts) {
  for (const auto& [reason, count] : counts)
    text += fmt::format("  {:<14} {:>9}  {}\n", what, count, reason);
}

std::string OutcomeText(const Tally& tally, double seconds) {
  std::string text = fmt::format("  {:<14} {:>9}  {:.0f}/s\n", "answered", tally.ok,
                                 static_cast<double>(tally.ok) / seconds);
  if (tally.stale > 0) text += fmt::format("  {:<14} {:>9}\n", "  stale", tally.stale);
  if (tally.send_complete > 0)
    text += fmt::format("  {:<14} {:>9}\n", "  incomplete", tally.send_complete);
  AddCounts(text, "refused", tally.refused);
  AddCounts(text, "broken", tally.broken);
  if (tally.held_back > 0)
    text += fmt::format("  {:<14} {:>9}  no connection had room\n", "held back", tally.held_back);
  text += fmt::format("  {:<14} {}\n", "latency", Quantiles(tally.latency));
  if (tally.handshake.count() > 0)
    text += fmt::format("  {:<14} {}\n", "handshake", Quantiles(tally.handshake));
  return text;
}

std::string CostText(const Usage& server, double own_cpu, const Tally& tally) {
  const std::uint64_t calls = tally.ok + tally.refusals();
  std::string text;
  if (server.cpu_seconds > 0) {
    text += fmt::format(
        "  {:<14} {:.1f} µs CPU and {:.0f} bytes written a call, {:.0f} MB resident\n", "server",
        Per(server.cpu_seconds * 1e6, calls), Per(static_cast<double>(server.written_bytes), calls),
        static_cast<double>(server.resident_bytes) / 1e6);
  }
  text += fmt::format("  {:<14} {:.1f} µs CPU a call", "this program", Per(own_cpu * 1e6, calls));
  if (server.cpu_seconds > 0) {
    text += fmt::format(", {:.0f} % of both", 100 * own_cpu / (own_cpu + server.cpu_seconds));
  }
  return text + "\n";
}

Members Outcome(const Tally& tally) {
  return {{"ok", fmt::format("{}", tally.ok)},
          {"stale", fmt::format("{}", tally.stale)},
          {"send_complete", fmt::format("{}", tally.send_complete)},
          {"held_back", fmt::format("{}", tally.held_back)},
          {"refused", JsonMap(tally.refused)},
          {"broken", JsonMap(tally.broken)},
          {"latency", ToJson(tally.latency)},
          {"handshake", ToJson(tally.handshake)}};
}

void AddCost(Members& members, double seconds, const Usage& server, double own_cpu,
             const std::map<std::string, double>& counters) {
  members.emplace_back("seconds", fmt::format("{:.6f}", seconds));
  members.emplace_back("server",
                       Object({{"cpu_seconds", fmt::format("{:.6f}", server.cpu_seconds)},
                               {"written_bytes", fmt::format("{}", server.written_bytes)},
                               {"resident_bytes", fmt::format("{}", server.resident_bytes)},
                               {"peak_bytes", fmt::format("{}", server.peak_bytes)}}));
  members.emplace_back("own_cpu_seconds", fmt::format("{:.6f}", own_cpu));
  members.emplace_back("counters", JsonMap(counters));
}

}  // namespace

std::string_view NameOf(Work work) {
  switch (work) {
    case Work::kMixed:
      return "mixed";
    case Work::kChanged:
      return "changed";
    case Work::kUnchanged:
      return "unchanged";
    case Work::kNothing:
      return "nothing";
    case Work::kNothingSmall:
      return "nothing-small";
  }
  return "";
}

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string Object(const Members& members) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : members) parts.push_back(Quoted(name) + ": " + value);
  return fmt::format("{{{}}}", fmt::join(parts, ", "));
}

std::string Array(const std::vector<std::string>& items) {
  return fmt::format("[{}]", fmt::join(items, ", "));
}

std::string ToText(const Slice& slice) {
  return fmt::format("{}, {:.1f} s\n", NameOf(slice.work), slice.seconds) +
         OutcomeText(slice.tally, slice.seconds) +
         CostText(slice.server, slice.own_cpu_seconds, slice.tally);
}

std::string ToText(const CrowdResult& result) {
  const auto peak = [](const std::vector<std::uint32_t>& series) {
    return series.empty() ? 0 : *std::max_element(series.begin(), series.end());
  };
  std::string text =
      fmt::format("{:.0f} s\n", result.seconds) + OutcomeText(result.tally, result.seconds);
  text += fmt::format("  {:<14} {} contacts and {} answers in the busiest second\n", "peak",
                      peak(result.contacts), peak(result.answers));
  if (result.unreachable > 0)
    text += fmt::format("  {:<14} {:>9}  contacts during the outage\n", "unreachable",
                        result.unreachable);
  if (result.comeback.has_value()) {
    const auto& [steady, peak_after, echo] = *result.comeback;
    text += fmt::format(
        "  {:<14} {:.1f} contacts/s before the outage; busiest after it {:.1f}/s ({:.2f}×), an "
        "interval later {:.1f}/s ({:.2f}×)\n",
        "comeback", steady, peak_after, peak_after / steady, echo, echo / steady);
  }
  if (result.longest_queue > 0) {
    text += fmt::format("  {:<14} {:>9}  agents at most, for a connection of this program\n",
                        "waited", result.longest_queue);
  }
  return text + CostText(result.server, result.own_cpu_seconds, result.tally);
}

std::string ToText(const Verdict& verdict) {
  std::string text = fmt::format("{} devices with an acknowledged report, {} of them lost\n",
                                 verdict.acknowledged, verdict.lost);
  for (const std::string& example : verdict.examples) text += "  " + example + "\n";
  return text;
}

std::string ToJson(const Histogram& times) {
  return Object({{"count", fmt::format("{}", times.count())},
                 {"mean", fmt::format("{:.1f}", times.mean())},
                 {"p50", fmt::format("{}", times.Quantile(0.5))},
                 {"p90", fmt::format("{}", times.Quantile(0.9))},
                 {"p99", fmt::format("{}", times.Quantile(0.99))},
                 {"p999", fmt::format("{}", times.Quantile(0.999))},
                 {"max", fmt::format("{}", times.max())}});
}

std::string ToJson(const Slice& slice) {
  Members members = Outcome(slice.tally);
  members.insert(members.begin(), {"work", Quoted(NameOf(slice.work))});
  members.emplace_back("syncs", fmt::format("{}", slice.syncs));
  AddCost(members, slice.seconds, slice.server, slice.own_cpu_seconds, slice.counters);
  return Object(members);
}

std::string ToJson(const CrowdResult& result) {
  Members members = Outcome(result.tally);
  AddCost(members, result.seconds, result.server, result.own_cpu_seconds, result.counters);
  members.emplace_back("unreachable", fmt::format("{}", result.unreachable));
  if (result.comeback.has_value()) {
    members.emplace_back("comeback",
                         Object({{"steady", fmt::format("{:.3f}", result.comeback->steady)},
                                 {"peak", fmt::format("{:.3f}", result.comeback->peak)},
                                 {"echo", fmt::format("{:.3f}", result.comeback->echo)}}));
  }
  members.emplace_back("contacts_per_second", fmt::format("[{}]", fmt::join(result.contacts, ",")));
  members.emplace_back("answers_per_second", fmt::format("[{}]", fmt::join(result.answers, ",")));
  return Object(members);
}

std::string ToJson(const Verdict& verdict) {
  return Object({{"acknowledged", fmt::format("{}", verdict.acknowledged)},
                 {"lost", fmt::format("{}", verdict.lost)}});
}

}  // namespace parc::swarm
