#include "daemon/posture/days.h"

namespace parc::posture {

using inventory::FieldId;

namespace {

constexpr std::int64_t kDay = std::int64_t{86'400} * 1'000'000;

constexpr DayField kDayFields[] = {
    {FieldId::kVpnCertificateDays, FieldId::kVpnCertificateExpires, true},
    {FieldId::kVpnCertificateAge, FieldId::kVpnCertificateStarts, false},
    {FieldId::kOsSupportDays, FieldId::kOsSupportEnds, true},
    {FieldId::kUpdatesAge, FieldId::kUpdatesRefreshed, false},
    {FieldId::kVpnCaDays, FieldId::kVpnCaExpires, true},
    {FieldId::kVpnCrlDays, FieldId::kVpnCrlNextUpdate, true},
    {FieldId::kVpnGatewayCertificateDays, FieldId::kVpnGatewayCertificateExpires, true},
    {FieldId::kAntivirusAge, FieldId::kAntivirusSignatures, false},
    {FieldId::kUpdatesSecurityAge, FieldId::kUpdatesSecuritySince, false},
    {FieldId::kAgentCertificateDays, FieldId::kAgentCertificateExpires, true},
    {FieldId::kAgentRenewalLate, FieldId::kAgentRenewalDue, false},
};

// The first instant at which Days() is `days`, for a field that counts up; one past the last at
// which it is, for one that counts down. Nothing when that lies beyond what a time can hold.
std::optional<std::int64_t> Turn(const DayField& field, std::int64_t base, std::int64_t days) {
  std::int64_t span = 0;
  std::int64_t turn = 0;
  if (__builtin_mul_overflow(days, kDay, &span)) return std::nullopt;
  if (field.left ? __builtin_sub_overflow(base, span, &turn)
                 : __builtin_add_overflow(base, span, &turn))
    return std::nullopt;
  if (field.left && __builtin_add_overflow(turn, 1, &turn)) return std::nullopt;
  return turn;
}

}  // namespace

const DayField* FindDayField(FieldId field) {
  for (const DayField& candidate : kDayFields) {
    if (candidate.field == field) return &candidate;
  }
  return nullptr;
}

std::int64_t Days(const DayField& field, std::int64_t base, std::int64_t now) {
  const std::int64_t span = field.left ? base - now : now - base;
  return span / kDay - (span % kDay < 0 ? 1 : 0);
}

void AddTurns(const filter::Expression& expression, const inventory::FactSheet& facts,
              std::int64_t now, std::set<std::int64_t>& turns) {
  for (const filter::Expression& child : expression.children) AddTurns(child, facts, now, turns);
  for (const filter::Test& test : expression.test) {
    const DayField* field = FindDayField(test.field);
    const auto* limit = std::get_if<std::int64_t>(&test.value);
    if (field == nullptr || test.presence || limit == nullptr) continue;
    const auto found = facts.values.find(field->base);
    if (found == facts.values.end()) continue;
    const std::int64_t base = std::get<std::int64_t>(found->second);
    // A comparison with `limit` changes when the number becomes it, and when it leaves it.
    for (const std::int64_t step : {-1, 0, 1}) {
      std::int64_t days = 0;
      if (__builtin_add_overflow(*limit, step, &days)) continue;
      const std::optional<std::int64_t> turn = Turn(*field, base, days);
      if (turn.has_value() && *turn > now) turns.insert(*turn);
    }
  }
}

}  // namespace parc::posture
