#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <vector>

#include "fmt/format.h"
#include "tests/checkin/checkin_support.h"
#include "tests/support/dice.h"

// Laptops that report as agents do, over a network that loses, repeats and reorders, against a
// model of what the server must hold then.
namespace parc::checkin {

using inventory::FactSheet;
using inventory::FieldId;
using inventory::Section;

namespace {

const std::vector<Section> kSections = {Section::kOs,      Section::kHardware, Section::kStorage,
                                        Section::kNetwork, Section::kSecurity, Section::kUpdates,
                                        Section::kClock,   Section::kVpn};

// Changes one thing of a laptop.
void Mutate(FactSheet& facts, test::Dice& dice) {
  switch (dice.Below(9)) {
    case 0:
      facts.values[FieldId::kDiskFreePercent] = std::int64_t{dice.Below(101)};
      break;
    case 1:
      facts.values[FieldId::kNetworkOnline] = dice.OneIn(2);
      break;
    case 2:
      facts.disks.resize(static_cast<std::size_t>(dice.Below(4)), {"sdx", "New", 1'000, true});
      break;
    case 3:
      facts.interfaces[0].up = dice.OneIn(2);
      break;
    case 4:
      facts.vpn_gateways[0].answer = dice.OneIn(2) ? "REACHABLE" : "SILENT";
      break;
    case 5:
      facts.values[FieldId::kVpnClients] =
          dice.OneIn(2) ? std::vector<std::string>{"WIREGUARD"} : std::vector<std::string>{};
      break;
    case 6:
      if (facts.sections.erase(Section::kSecurity) == 0) {
        facts.sections.insert(Section::kSecurity);
        facts.values[FieldId::kFirewallEnabled] = dice.OneIn(2);
      } else {
        facts.values.erase(FieldId::kFirewallEnabled);
      }
      break;
    case 7:
      facts.values[FieldId::kOsKernel] = fmt::format("6.1.0-{}", dice.Below(30));
      break;
    default:
      facts.unreadable["disk.root_encrypted"] = fmt::format("reason {}", dice.Below(3));
      facts.values[FieldId::kDiskCount] = std::int64_t{0};  // so that the section changes with it
      break;
  }
  inventory::DeriveFacts(facts);
}

// Every state that any laptop was ever in, by the number of its digest.
using Truth = std::map<int, FactSheet>;

int NumberOf(const FactSheet& facts, Truth& truth) {
  for (const auto& [number, known] : truth) {
    if (known == facts) return number;
  }
  const int number = static_cast<int>(truth.size()) + 1;
  truth.emplace(number, facts);
  return number;
}

// The part of `facts` that an agent sends on top of `base`: changed sections, and everything that
// cannot be read.
Report Delta(std::uint64_t sequence, int base, int digest, const Truth& truth) {
  const FactSheet& before = truth.at(base);
  const FactSheet& after = truth.at(digest);
  std::set<Section> changed = inventory::ChangedSections(before, after);
  if (before.unreadable != after.unreadable) changed.insert(Section::kStorage);
  Report report = DeltaOf(sequence, base, digest, {});
  FactSheet only = after;
  for (const Section section : kSections) {
    if (changed.contains(section) && after.sections.contains(section)) continue;
    if (changed.contains(section)) report.removed.insert(section);
    only.sections.erase(section);
  }
  report.facts = inventory::Apply({}, only, {}, true);
  return report;
}

struct Agent {
  access::DeviceIdentity device;
  FactSheet facts = ReadyFacts();
  std::uint64_t sequence = 0;
  int boot = 1;
  int base = 0;  // number of the last acknowledged digest; 0: send complete facts
};

struct Message {
  std::size_t agent = 0;
  Report report;
  int digest = 0;
  int base = 0;
};

// What the server must hold of one laptop.
struct Model {
  std::uint64_t sequence = 0;
  std::string boot;
  int digest = 0;
};

class Simulation {
 public:
  explicit Simulation(int seed) : dice_(static_cast<std::uint64_t>(seed)) {
    for (int i = 0; i < 3; ++i) {
      Agent agent;
      agent.device = intake_.AddLaptop(fmt::format("PC-{}", i));
      agents_.push_back(std::move(agent));
    }
    models_.resize(agents_.size());
  }

  void Step() {
    intake_.fleet.clock.Advance(kMinute);
    const int move = dice_.Below(10);
    if (move < 4) {
      Make(static_cast<std::size_t>(dice_.Below(static_cast<int>(agents_.size()))));
    } else if (move < 9 && !flying_.empty()) {
      const auto i = static_cast<std::size_t>(dice_.Below(static_cast<int>(flying_.size())));
      const Message message = flying_[i];
      if (!dice_.OneIn(3)) flying_.erase(flying_.begin() + static_cast<std::ptrdiff_t>(i));
      Deliver(message);
    } else {
      REQUIRE(intake_.Rejudge().ok());
    }
  }

 private:
  void Make(std::size_t index) {
    Agent& agent = agents_[index];
    if (dice_.OneIn(2)) Mutate(agent.facts, dice_);
    if (dice_.OneIn(10)) ++agent.boot;
    Message message;
    message.agent = index;
    message.digest = NumberOf(agent.facts, truth_);
    message.base = dice_.OneIn(6) ? 0 : agent.base;
    ++agent.sequence;
    message.report = message.base == 0
                         ? ReportOf(agent.sequence, message.digest, agent.facts)
                         : Delta(agent.sequence, message.base, message.digest, truth_);
    message.report.boot_id = BootOf(agent.boot);
    if (!dice_.OneIn(8)) flying_.push_back(std::move(message));
  }

  void Deliver(const Message& message) {
    Agent& agent = agents_[message.agent];
    Model& model = models_[message.agent];
    const Report& report = message.report;
    const auto answer = intake_.Send(agent.device, report);
    INFO(answer.status());
    REQUIRE(answer.ok());

    const bool again = report.sequence == model.sequence && report.boot_id == model.boot;
    const bool stale = report.sequence <= model.sequence && !again;
    const bool complete = message.base == 0;
    const bool usable = complete || message.base == model.digest || message.digest == model.digest;
    CHECK(answer->stale == stale);
    CHECK(answer->send_complete == (!stale && !again && !usable));
    const bool taken = !stale && !again && usable;
    if (taken) model = {report.sequence, report.boot_id, message.digest};
    Compare(agent, model, *answer);
    if (taken) CompareJudgement(model, answer->judgement);
    // The answer may be lost.
    if (!stale && !dice_.OneIn(5)) agent.base = answer->send_complete ? 0 : message.digest;
  }

  void Compare(const Agent& agent, const Model& model, const Answer& answer) {
    const store::Standing standing = intake_.Standing(agent.device);
    REQUIRE(standing.contact.has_value());
    CHECK(static_cast<std::uint64_t>(standing.contact->sequence) == model.sequence);
    if (model.digest == 0) return;
    FactSheet expected = truth_.at(model.digest);
    expected.values[FieldId::kClockSkewSeconds] = std::int64_t{0};
    CHECK(intake_.Facts(agent.device) == expected);
    const auto stored = intake_.Stored(agent.device);
    REQUIRE(stored.has_value());
    CHECK(Told(stored->judgement) == answer.judgement);
  }

  // What was just judged is what anybody would conclude from the facts now.
  void CompareJudgement(const Model& model, const posture::Judgement& judgement) {
    FactSheet facts = truth_.at(model.digest);
    facts.values[FieldId::kClockSkewSeconds] = std::int64_t{0};
    facts.values[FieldId::kAgentVersion] = ReportOf(1, 1, {}).agent_version;
    const auto fresh =
        posture::Judge(posture::DefaultPolicy(), facts, &judgement, intake_.fleet.clock.now());
    CHECK(judgement == Told(fresh));
  }

  ScratchIntake intake_;
  test::Dice dice_;
  Truth truth_;
  std::vector<Agent> agents_;
  std::vector<Model> models_;
  std::vector<Message> flying_;
};

}  // namespace

TEST_CASE("whatever the network does, the newest report wins and the facts are the laptop's") {
  for (int seed = 1; seed <= 12; ++seed) {
    INFO("seed " << seed);
    Simulation simulation(seed);
    for (int step = 0; step < 150; ++step) {
      INFO("step " << step);
      simulation.Step();
    }
  }
}

}  // namespace parc::checkin
