#include "agent/schedule/schedule.h"

#include <algorithm>
#include <cmath>

#include "agent/files/text.h"
#include "fmt/format.h"

namespace parc::agent {
namespace {

constexpr std::int64_t kShortestWait = 5;
constexpr int kMaxFailures = 1'000'000;

std::int64_t Number(const std::map<std::string, std::string>& values, const std::string& key) {
  const auto found = values.find(key);
  if (found == values.end()) return 0;
  return std::max<std::int64_t>(ToInt<std::int64_t>(found->second).value_or(0), 0);
}

std::string_view NameOf(Trouble trouble) {
  switch (trouble) {
    case Trouble::kUnreachable:
      return "unreachable";
    case Trouble::kRefused:
      return "refused";
    case Trouble::kOther:
      break;
  }
  return "other";
}

}  // namespace

std::string FormatContact(const Contact& contact) {
  std::string error = contact.last_error;
  for (char& c : error) c = c == '"' || c == '\\' || c == '\n' || c == '\r' ? ' ' : c;
  return fmt::format("next={}\nfailures={}\nlast={}\nlast_error=\"{}\"\ntrouble={}\n", contact.next,
                     contact.failures, contact.last, error, NameOf(contact.trouble));
}

Contact ParseContact(std::string_view text) {
  auto values = ParseKeyValues(text);
  Contact contact;
  contact.next = Number(values, "next");
  contact.failures =
      static_cast<int>(std::min<std::int64_t>(Number(values, "failures"), kMaxFailures));
  contact.last = Number(values, "last");
  contact.last_error = values["last_error"];
  for (const Trouble trouble : {Trouble::kUnreachable, Trouble::kRefused}) {
    if (values["trouble"] == NameOf(trouble)) contact.trouble = trouble;
  }
  return contact;
}

Contact AfterAnswer(std::int64_t now, std::int64_t server_wait) {
  if (server_wait <= 0) server_wait = kDefaultInterval;
  Contact contact;
  contact.next = now + std::clamp(server_wait, kShortestWait, kLongestWait);
  contact.last = now;
  return contact;
}

Contact AfterFailure(const Contact& before, std::int64_t now, std::optional<std::int64_t> pushback,
                     std::string_view error, const Dice& dice) {
  // With a base of 5 a fleet of 5,000 came back from an outage of two minutes at 4.5 times its
  // steady rate, with 60 at 3.1 times; three times is what a server is sized for
  // (tests/fault/herd_test.cpp).
  constexpr double kBase = 120;
  constexpr double kCap = 1800;
  constexpr int kExponentCap = 16;
  const double most = std::min(kCap, kBase * std::exp2(std::min(before.failures, kExponentCap)));
  const auto wait = std::max<std::int64_t>(static_cast<std::int64_t>(dice() * most), 1);
  Contact contact = before;
  contact.failures = std::min(before.failures + 1, kMaxFailures);
  contact.next =
      now + std::max(wait, std::clamp<std::int64_t>(pushback.value_or(0), 0, kLongestWait));
  contact.last_error = std::string(error);
  contact.trouble = Trouble::kOther;
  return contact;
}

std::int64_t WaitFor(const Contact& contact, std::int64_t now, bool fresh, const Dice& dice) {
  constexpr double kSpread = 60;
  const std::int64_t left = contact.next - now;
  const bool unknown = contact.next == 0 || left > kLongestWait;
  if (left > 0 && !unknown) return left;
  return fresh ? static_cast<std::int64_t>(dice() * kSpread) : 0;
}

}  // namespace parc::agent
