#include "daemon/rpc/convert_policies.h"

#include <algorithm>

#include "daemon/rpc/convert_common.h"
#include "daemon/rpc/convert_verdicts.h"
#include "fmt/format.h"

namespace parc::rpc {

parc::v1::Policy ToProto(const posture::PolicyRecord& record) {
  parc::v1::Policy wire;
  wire.set_name(NameOf("policies", fmt::format("{}", record.version)));
  wire.set_version(record.version);
  *wire.mutable_apply_time() = TimeToProto(record.applied);
  wire.set_actor(record.actor);
  wire.set_actor_name(record.actor_name);
  wire.set_reason(record.reason);
  wire.set_shipped(record.shipped);
  wire.set_etag(fleet::PolicyEtag(record.version));
  return wire;
}

void PutChecks(const posture::Policy& policy, parc::v1::Policy& wire) {
  *wire.mutable_stale_after() = DurationToProto(policy.stale_after);
  for (const posture::Check& check : policy.checks) {
    parc::v1::PolicyCheck& to = *wire.add_checks();
    to.set_id(check.id);
    to.set_severity(ToProto(check.severity));
    to.set_passes(check.expression);
    to.set_applies(check.applies);
    if (check.grace > 0) *to.mutable_grace() = DurationToProto(check.grace);
    to.set_title_en(check.title_en);
    to.set_title_fr(check.title_fr);
    to.set_remedy_en(check.remedy_en);
    to.set_remedy_fr(check.remedy_fr);
    for (const std::string& reference : check.references) to.add_references(reference);
    to.set_rationale_en(check.rationale_en);
    to.set_rationale_fr(check.rationale_fr);
  }
  for (const posture::Application& application : policy.applications) {
    parc::v1::PolicyApplication& to = *wire.add_applications();
    to.set_id(application.id);
    to.set_host(application.host);
    to.set_port(application.port);
    to.set_tls(application.tls);
    to.set_through_vpn(application.through_vpn);
    to.set_title_en(application.title_en);
    to.set_title_fr(application.title_fr);
  }
}

parc::v1::Policy ToProto(const fleet::KeptPolicy& kept) {
  parc::v1::Policy wire = ToProto(kept.record);
  wire.set_text(kept.record.text);
  PutChecks(kept.policy, wire);
  wire.set_judged_laptops(kept.judged);
  wire.set_all_laptops(kept.all);
  return wire;
}

parc::v1::PolicyPreview ToProto(const fleet::PolicyPreview& preview,
                                const posture::Policy& policy) {
  parc::v1::PolicyPreview wire;
  wire.set_etag(fleet::PolicyEtag(preview.compared_with));
  wire.set_laptops(preview.laptops);
  wire.set_assigned_laptops(preview.assigned);
  wire.set_ready_before(preview.ready_before);
  wire.set_ready_after(preview.ready_after);
  for (const auto& [verdicts, count] : preview.counts) {
    parc::v1::VerdictMove& move = *wire.add_moves();
    move.set_from_verdict(ToProto(verdicts.first));
    move.set_to_verdict(ToProto(verdicts.second));
    move.set_laptops(count);
  }
  std::stable_sort(wire.mutable_moves()->begin(), wire.mutable_moves()->end(),
                   [](const auto& a, const auto& b) { return a.laptops() > b.laptops(); });
  for (const auto& [check, cause] : preview.causes) {
    parc::v1::CheckMove& move = *wire.add_causes();
    move.set_check(check);
    if (const posture::Check* known = policy.Find(check)) {
      move.set_title_en(known->title_en);
      move.set_title_fr(known->title_fr);
    }
    move.set_worse(cause.worse);
    move.set_better(cause.better);
  }
  std::stable_sort(
      wire.mutable_causes()->begin(), wire.mutable_causes()->end(),
      [](const auto& a, const auto& b) { return a.worse() + a.better() > b.worse() + b.better(); });
  for (const fleet::PolicyPreview::Move& move : preview.moves) {
    parc::v1::LaptopMove& to = *wire.add_changes();
    to.set_laptop(NameOf("laptops", move.laptop));
    to.set_from_verdict(ToProto(move.from));
    to.set_to_verdict(ToProto(move.to));
    for (const std::string& check : move.checks) to.add_checks(check);
    to.set_assigned(move.assigned);
  }
  wire.set_laptops_left_off(preview.left_off);
  return wire;
}

}  // namespace parc::rpc
