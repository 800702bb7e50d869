#include "daemon/checkin/intake.h"

#include <algorithm>
#include <utility>

#include "daemon/access/rate_limit.h"
#include "daemon/checkin/arrival.h"
#include "daemon/checkin/problems_digest.h"
#include "daemon/checkin/rejudging.h"
#include "daemon/checkin/sanitise.h"
#include "daemon/checkin/standings.h"
#include "daemon/inventory/identity.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/store/contact_log.h"
#include "daemon/store/fact_store.h"
#include "daemon/store/group_commit.h"
#include "daemon/store/mutex.h"
#include "daemon/store/report_store.h"

namespace parc::checkin {

using inventory::FactSheet;
using inventory::FieldId;
using posture::Judgement;
using store::Contact;
using store::Origin;
using store::Standing;
using store::StoredJudgement;

namespace {

// The quarantine of a device with a copy.
constexpr char kTwoMachines[] = "two machines report as this device: revoke it and enrol again";

// One report on its way through the queue.
struct Item {
  access::DeviceIdentity device;
  Report report;
  std::int64_t now = 0;
  bool taken = false;  // and not undone
  Answer answer;
  access::Effect effect;
};

// About what an item holds in memory, for the bound of the queue.
std::size_t SizeOf(const Report& report) {
  constexpr std::size_t kRow = 256;
  const FactSheet& facts = report.facts;
  return sizeof(Item) +
         kRow * (facts.values.size() + facts.disks.size() + facts.interfaces.size() +
                 facts.vpn_profiles.size() + facts.vpn_gateways.size() + facts.unreadable.size());
}

std::string TextOf(const FactSheet& facts, FieldId id) {
  const auto found = facts.values.find(id);
  return found == facts.values.end() ? std::string() : std::get<std::string>(found->second);
}

std::optional<std::int64_t> SkewOf(const FactSheet& facts) {
  const auto found = facts.values.find(FieldId::kClockSkewSeconds);
  if (found == facts.values.end()) return std::nullopt;
  return std::get<std::int64_t>(found->second);
}

void SetSkew(FactSheet& facts, std::optional<std::int64_t> skew) {
  if (skew.has_value()) {
    facts.values[FieldId::kClockSkewSeconds] = *skew;
  } else {
    facts.values.erase(FieldId::kClockSkewSeconds);
  }
}

}  // namespace

struct Intake::State {
  State(store::GroupCommit& group_commit, store::Connection& writer, access::DeviceChanges& changes,
        const posture::PolicyInForce& rules, Pacing pace, Clock wall)
      : commits(group_commit),
        devices(changes),
        policies(rules),
        pacing(pace),
        clock(std::move(wall)),
        by_device(pace.least, pace.burst),
        facts(writer),
        reports(writer),
        log(writer),
        standings(writer, log, rules),
        rejudging(group_commit, facts, reports, log, rules,
                  [this](std::int64_t now) { return KnownFrom(now); }) {}

  // Called from any thread.
  absl::Status Count(const std::string& device, std::int64_t now);

  // The rest runs on the commit thread, in the transaction of its item.
  absl::Status Take(Item& item);
  absl::Status TakeReport(Item& item);
  absl::Status TakeByStanding(Item& item);
  // The transaction of a report that was taken did not reach the disk.
  void Undone(std::int64_t laptop);
  absl::Status Touch(Item& item, const Standing& standing);
  absl::Status StoreContact(Item& item, const Standing& standing);
  absl::Status Store(Item& item, const Standing& standing);
  absl::Status Conclude(Item& item, const FactSheet& stored, const FactSheet& after,
                        const std::optional<Origin>& origin, const std::string& disagreement);
  // `usable`: the facts that the report stands for are what is stored then. Returns the origin that
  // is to be stored with them; nothing when it is.
  absl::StatusOr<std::optional<Origin>> NoteContact(const Item& item, const Standing& standing,
                                                    bool usable);
  absl::Status AnswerStored(Item& item);
  // Leaves the problems in the answer's judgement, and their digest beside it.
  void TellProblems(Answer& answer);
  bool MustJudge(const Item& item, const Standing& standing) const;
  // Changes on the commit thread only: one report is judged by one policy.
  const posture::Policy& Rules() const { return policies.Get(); }
  // From when what is written now is known; `arrived` when there is no clock.
  std::int64_t KnownFrom(std::int64_t arrived);

  store::GroupCommit& commits;
  access::DeviceChanges& devices;
  const posture::PolicyInForce& policies;
  const Pacing pacing;
  const Clock clock;
  std::int64_t last_stamp = 0;  // commit thread
  store::Mutex mutex;
  access::RateLimit by_device PARC_GUARDED_BY(mutex);
  store::FactStore facts;
  store::ReportStore reports;
  store::ContactLog log;
  Standings standings;
  Rejudging rejudging;
  ProblemsDigest problems_digest;
};

Intake::Intake(store::GroupCommit& commits, store::Connection& writer,
               access::DeviceChanges& devices, const posture::PolicyInForce& policies,
               Pacing pacing, Clock clock)
    : state_(
          std::make_unique<State>(commits, writer, devices, policies, pacing, std::move(clock))) {}

Intake::~Intake() = default;

absl::Status Intake::Submit(const access::DeviceIdentity& device, Report report, std::int64_t now,
                            Done done) {
  PARC_TRY(state_->commits.CheckRoom(store::Priority::kCheckIn));
  PARC_TRY(state_->Count(device.id, now));
  PARC_TRY(CheckReport(report, device));
  Sanitise(report);
  inventory::DeriveFacts(report.facts);
  const std::size_t bytes = SizeOf(report);
  auto item = std::make_shared<Item>();
  item->device = device;
  item->report = std::move(report);
  item->now = now;
  return state_->commits.Submit(
      store::Priority::kCheckIn, bytes,
      [state = state_.get(), item](store::Connection&) { return state->Take(*item); },
      [state = state_.get(), item, done = std::move(done)](const absl::Status& status) {
        if (!status.ok()) {
          if (item->taken) state->Undone(item->device.laptop);
          return done(status);
        }
        if (item->effect) item->effect();
        done(std::move(item->answer));
      });
}

absl::Status Intake::State::Count(const std::string& device, std::int64_t now) {
  const store::Lock lock(mutex);
  if (!by_device.Allows(device, now)) {
    return Refuse(absl::StatusCode::kResourceExhausted, "TOO_MANY_REQUESTS",
                  "this device reports too often; wait as told");
  }
  by_device.Take(device, now);
  return absl::OkStatus();
}

absl::Status Intake::Rejudge(std::int64_t now, int limit,
                             std::function<void(absl::StatusOr<Rejudged>)> done) {
  auto judged = std::make_shared<Rejudged>();
  return state_->commits.Submit(
      store::Priority::kChore, sizeof(Item),
      [state = state_.get(), now, limit, judged](store::Connection&) -> absl::Status {
        PARC_ASSIGN(*judged, state->rejudging.Portion(now, limit));
        return absl::OkStatus();
      },
      [state = state_.get(), judged, done = std::move(done)](const absl::Status& status) {
        if (!status.ok()) {
          state->log.Forget();
          state->rejudging.Undone();
        }
        if (!done) return;
        if (status.ok()) {
          done(*judged);
        } else {
          done(status);
        }
      });
}

void Intake::State::Undone(std::int64_t laptop) {
  standings.Forget(laptop);
  log.Forget();
}

absl::Status Intake::State::Take(Item& item) {
  const std::uint64_t writes = log.writes();
  const absl::Status status = TakeReport(item);
  item.taken = status.ok();
  if (!status.ok() && log.writes() != writes) log.Forget();
  if (!status.ok()) standings.Forget(item.device.laptop);
  return status;
}

absl::Status Intake::State::TakeReport(Item& item) {
  item.answer = {};
  item.effect = {};
  item.answer.server_time = item.now;
  item.answer.next_contact = NextContact(pacing, item.device.id, commits.Load());
  if (standings.TakeUnchanged(item.device, item.report, item.now, item.answer)) {
    PARC_TRY(log.Append({item.device.laptop, item.device.row, item.now,
                         static_cast<std::int64_t>(item.report.sequence)}));
  } else {
    PARC_TRY(TakeByStanding(item));
    if (item.report.held_problems == item.answer.problems_digest)
      item.answer.judgement.checks.clear();
  }
  return log.CarrySome(item.now);
}

absl::Status Intake::State::TakeByStanding(Item& item) {
  PARC_ASSIGN(Standing standing, reports.Find(item.device.row, item.device.laptop));
  PARC_TRY(log.Renew(item.device.laptop, standing.contact));
  // It was admitted when it came, and may have been revoked while it waited.
  if (!standing.device_active) {
    return Refuse(absl::StatusCode::kPermissionDenied, "DEVICE_REVOKED", "the device is revoked");
  }
  const bool known = standing.contact.has_value() && standing.contact->device == item.device.row;
  const Arrival arrival = Classify(known ? &*standing.contact : nullptr, item.report);
  if (arrival == Arrival::kOutOfStep) {
    return Refuse(absl::StatusCode::kInvalidArgument, "SEQ_OUT_OF_RANGE",
                  "report_seq: more than 2^32 ahead of the newest report", "report_seq");
  }
  // Which of the two is the laptop is for a person to find out: both are answered, neither
  // believed.
  if (standing.quarantine != kTwoMachines && ComesFromACopy(standing, item.report)) {
    standing.quarantine = kTwoMachines;
    PARC_TRY(reports.PutQuarantine(item.device.row, standing.quarantine));
    item.answer.found_copy = true;
  }
  if (item.device.promotes) PARC_TRY(devices.Promote(item.device, item.now, item.effect));
  switch (arrival) {
    case Arrival::kOutOfStep:
      break;
    case Arrival::kStale:
      item.answer.stale = true;
      break;
    case Arrival::kDuplicate:
      break;
    case Arrival::kUnknownBase:
      item.answer.send_complete = true;
      PARC_TRY(Touch(item, standing));
      break;
    case Arrival::kUnchanged:
      if (MustJudge(item, standing)) return Store(item, standing);
      return StoreContact(item, standing);
    case Arrival::kChanged:
      return Store(item, standing);
  }
  return AnswerStored(item);
}

std::int64_t Intake::State::KnownFrom(std::int64_t arrived) {
  if (!clock) return arrived;
  last_stamp = std::max(last_stamp, clock());
  return last_stamp;
}

bool Intake::State::MustJudge(const Item& item, const Standing& standing) const {
  return standing.policy_version != Rules().version ||
         (standing.next_judgement.has_value() && *standing.next_judgement <= item.now) ||
         standing.silent || !standing.quarantine.empty() ||
         standing.contact->agent_version != item.report.agent_version ||
         Skew(standing.skew_seconds, item.report.sent, item.now) != standing.skew_seconds;
}

// The contact alone: its report is not taken, so that the same sequence number may bring it again.
absl::Status Intake::State::Touch(Item& item, const Standing& standing) {
  Contact contact;
  if (standing.contact.has_value()) contact = *standing.contact;
  if (contact.device != item.device.row) {
    contact.device = item.device.row;
    contact.sequence = 0;
    contact.boot_id.clear();
    contact.digest.clear();
  }
  contact.last_seen = item.now;
  contact.agent_version = item.report.agent_version;
  PARC_TRY(reports.PutContact(item.device.laptop, contact));
  return facts.PutOrigin(item.device.laptop,
                         {contact.boot_id, contact.digest, contact.agent_version});
}

absl::StatusOr<std::optional<Origin>> Intake::State::NoteContact(const Item& item,
                                                                 const Standing& standing,
                                                                 bool usable) {
  const std::int64_t laptop = item.device.laptop;
  Contact contact;
  if (standing.contact.has_value()) contact = *standing.contact;
  const bool in_contact = contact.device == item.device.row;
  if (!in_contact) contact.digest.clear();
  if (in_contact && contact.boot_id != item.report.boot_id) {
    PARC_TRY(reports.PutBoot(item.device.row, contact.boot_id,
                             static_cast<std::int64_t>(item.report.sequence)));
  }
  contact.device = item.device.row;
  contact.last_seen = item.now;
  contact.sequence = static_cast<std::int64_t>(item.report.sequence);
  if (usable && in_contact) {
    PARC_TRY(log.Append({laptop, contact.device, contact.last_seen, contact.sequence}));
  } else {
    if (usable) contact.report_time = item.now;
    PARC_TRY(reports.PutContact(laptop, contact));
  }
  Origin origin{item.report.boot_id, usable ? item.report.digest : contact.digest,
                item.report.agent_version};
  const bool stored =
      in_contact && origin == Origin{contact.boot_id, contact.digest, contact.agent_version};
  return stored ? std::optional<Origin>() : std::move(origin);
}

absl::Status Intake::State::StoreContact(Item& item, const Standing& standing) {
  PARC_ASSIGN(const std::optional<Origin> origin, NoteContact(item, standing, true));
  if (origin.has_value()) PARC_TRY(facts.PutOrigin(item.device.laptop, *origin));
  PARC_TRY(AnswerStored(item));
  standings.Keep(item.device, item.report, standing.skew_seconds, item.answer);
  return absl::OkStatus();
}

absl::Status Intake::State::Store(Item& item, const Standing& standing) {
  const std::int64_t laptop = item.device.laptop;
  const bool of_this_device = standing.contact.has_value() &&
                              standing.contact->device == item.device.row &&
                              !standing.contact->digest.empty();
  const bool unchanged = of_this_device && standing.contact->digest == item.report.digest;
  PARC_ASSIGN(const FactSheet stored, facts.Read(laptop));
  FactSheet after = unchanged ? stored
                              : inventory::Apply(stored, item.report.facts, item.report.removed,
                                                 item.report.base_digest.empty());
  SetSkew(after, Skew(SkewOf(stored), item.report.sent, item.now));
  after.values.erase(FieldId::kAgentVersion);
  if (!item.report.agent_version.empty())
    after.values[FieldId::kAgentVersion] = item.report.agent_version;

  // A board that was changed gives the laptop another UUID: enrolling it again accepts that, since
  // the stored one is then of another device.
  std::string disagreement = inventory::Disagreement(
      standing.serial, TextOf(after, FieldId::kHardwareSerial),
      of_this_device ? TextOf(stored, FieldId::kHardwareUuid) : std::string(),
      TextOf(after, FieldId::kHardwareUuid));
  // That there are two of it does not end with the next report: enrolling the laptop again ends it.
  if (standing.quarantine == kTwoMachines) disagreement = standing.quarantine;
  if (disagreement != standing.quarantine)
    PARC_TRY(reports.PutQuarantine(item.device.row, disagreement));
  PARC_ASSIGN(const std::optional<Origin> origin,
              NoteContact(item, standing, disagreement.empty()));
  PARC_TRY(Conclude(item, stored, after, origin, disagreement));
  if (disagreement.empty()) standings.Keep(item.device, item.report, SkewOf(after), item.answer);
  return absl::OkStatus();
}

absl::Status Intake::State::Conclude(Item& item, const FactSheet& stored, const FactSheet& after,
                                     const std::optional<Origin>& origin,
                                     const std::string& disagreement) {
  const std::int64_t laptop = item.device.laptop;
  PARC_ASSIGN(const std::optional<StoredJudgement> before, reports.FindJudgement(laptop));
  const Judgement* earlier = before.has_value() ? &before->judgement : nullptr;
  StoredJudgement result;
  if (disagreement.empty()) {
    PARC_TRY(facts.Write(laptop, stored, after, origin.has_value() ? &*origin : nullptr));
    result.judgement = posture::Judge(Rules(), after, earlier, item.now);
  } else {
    // Of a machine that may be another one, nothing is taken; what is known gets no fresher.
    if (origin.has_value()) PARC_TRY(facts.PutOrigin(laptop, *origin));
    result.judgement = posture::Withhold(posture::Judge(Rules(), stored, earlier, item.now),
                                         disagreement, earlier, item.now);
    result.silent = before.has_value() && before->silent;
  }
  PARC_TRY(reports.PutJudgement(laptop, before.has_value() ? &*before : nullptr, result,
                                KnownFrom(item.now)));
  item.answer.judgement = std::move(result.judgement);
  TellProblems(item.answer);
  return absl::OkStatus();
}

absl::Status Intake::State::AnswerStored(Item& item) {
  PARC_ASSIGN(std::optional<StoredJudgement> stored, reports.FindJudgement(item.device.laptop));
  if (stored.has_value()) {
    item.answer.judgement = std::move(stored->judgement);
  } else {
    item.answer.judgement.policy_version = Rules().version;
  }
  TellProblems(item.answer);
  return absl::OkStatus();
}

void Intake::State::TellProblems(Answer& answer) {
  answer.judgement.checks = posture::ProblemsOf(answer.judgement);
  answer.problems_digest = problems_digest.Of(Rules(), answer.judgement.checks);
}

}  // namespace parc::checkin
