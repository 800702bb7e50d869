#include "client/render/ladder.h"

#include <algorithm>

#include "client/lib/evidence.h"
#include "client/render/style.h"
#include "client/render/value.h"
#include "client/render/width.h"
#include "fmt/format.h"

namespace parc::client::render {
namespace {

struct Mark {
  v1::CheckOutcome outcome;
  std::string_view sign;
  Style style;
  Text word;
};

constexpr Mark kRungMarks[] = {
    {v1::CHECK_OUTCOME_PASS, "✓", Style::kGood, {"passes", "bon"}},
    {v1::CHECK_OUTCOME_FAIL, "✗", Style::kBad, {"fails", "échec"}},
    {v1::CHECK_OUTCOME_UNKNOWN, "?", Style::kWarn, {"cannot be told", "indéterminé"}},
    {v1::CHECK_OUTCOME_NOT_APPLICABLE, "–", Style::kDim, {"does not apply", "sans objet"}},
    {v1::CHECK_OUTCOME_ERROR, "!", Style::kWarn, {"could not be judged", "erreur"}},
    {v1::CHECK_OUTCOME_PENDING, "·", Style::kDim, {"never reported", "jamais rapporté"}},
    {v1::CHECK_OUTCOME_STALE, "~", Style::kDim, {"report too old", "rapport trop ancien"}},
};

const Mark& MarkOf(const v1::CheckResult& check) {
  static constexpr Mark kInGrace = {v1::CHECK_OUTCOME_FAIL,
                                    "!",
                                    Style::kWarn,
                                    {"fails, still tolerated", "échec, encore toléré"}};
  if (check.outcome() == v1::CHECK_OUTCOME_FAIL && check.in_grace()) return kInGrace;
  for (const Mark& mark : kRungMarks) {
    if (mark.outcome == check.outcome()) return mark;
  }
  return kRungMarks[2];
}

bool IsFine(const v1::CheckResult& check) {
  return check.outcome() == v1::CHECK_OUTCOME_PASS ||
         check.outcome() == v1::CHECK_OUTCOME_NOT_APPLICABLE;
}

Text SeverityWord(v1::CheckSeverity severity) {
  switch (severity) {
    case v1::CHECK_SEVERITY_BLOCKER:
      return {"blocks", "bloque"};
    case v1::CHECK_SEVERITY_DEGRADES:
      return {"degrades", "dégrade"};
    default:
      return {"information", "information"};
  }
}

// How much a rung is in the way: failing beats unknown, blocking beats degrading. 0: not at all.
// What fails is broken now, also while the verdict still tolerates it: the person at the laptop
// cannot work. Without a fresh report nothing is known to be broken.
int Weight(const v1::CheckResult& check) {
  const bool fails = check.outcome() == v1::CHECK_OUTCOME_FAIL;
  const bool untold =
      check.outcome() == v1::CHECK_OUTCOME_UNKNOWN || check.outcome() == v1::CHECK_OUTCOME_ERROR;
  const bool blocks = check.severity() == v1::CHECK_SEVERITY_BLOCKER;
  if (fails && blocks) return 4;
  if (untold && blocks) return 3;
  if (check.severity() == v1::CHECK_SEVERITY_INFO) return 0;
  if (fails) return 2;
  return untold ? 1 : 0;
}

// The rung to climb next: the first of those most in the way.
int FirstBroken(const v1::Readiness& readiness) {
  int first = -1, weight = 0;
  for (int i = 0; i < readiness.checks_size(); ++i) {
    if (Weight(readiness.checks(i)) <= weight) continue;
    first = i;
    weight = Weight(readiness.checks(i));
  }
  return first;
}

class LadderDrawing {
 public:
  explicit LadderDrawing(const ScreenOptions& options) : options_(options) {}

  std::string Draw(const v1::Readiness& readiness) {
    const int broken = FirstBroken(readiness);
    readiness_verdict_ = readiness.verdict();
    for (const v1::CheckResult& check : readiness.checks()) {
      title_width_ = std::max(title_width_, WidthOf(Title(check)));
    }
    // Days in a column of their own if they fit beside every title; else below what does not pass.
    dated_ = options_.width == 0 || kLeft + title_width_ + kRight <= options_.width;
    for (int i = 0; i < readiness.checks_size(); ++i) Rung(readiness.checks(i), i == broken);
    return std::move(text_);
  }

 private:
  static constexpr int kLeft = 4;    // "  ✓ "
  static constexpr int kRight = 28;  // "  depuis le 18/03/2020 08:42"

  std::string Title(const v1::CheckResult& check) const {
    const bool french = options_.language == Language::kFrench && !check.title_fr().empty();
    const std::string& title = french ? check.title_fr() : check.title_en();
    return Printable(title.empty() ? check.check() : title);
  }

  std::string Since(const v1::CheckResult& check) const {
    if (check.since_time().seconds() == 0) return "";
    return std::string(Text{"since ", "depuis le "}.In(options_.language)) +
           Time(check.since_time().seconds() * 1'000'000, options_.language);
  }

  void Rung(const v1::CheckResult& check, bool broken) {
    const Mark& mark = MarkOf(check);
    const std::string title = Title(check);
    text_ += "  " + Styled(mark.sign, mark.style, options_.colour) + " " +
             Styled(title, broken ? Style::kBold : Style::kPlain, options_.colour);
    const std::string since = Since(check);
    if (dated_ && !since.empty()) {
      text_ += std::string(static_cast<std::size_t>(title_width_ - WidthOf(title) + 2), ' ') +
               Styled(since, Style::kDim, options_.colour);
    }
    text_ += "\n";
    if (IsFine(check)) return;
    std::string what(mark.word.In(options_.language));
    if (!dated_ && !since.empty()) what += " " + since;
    if (check.has_counts_time()) what += CountsFrom(check);
    what += fmt::format(" ({}), {}", check.check(),
                        SeverityWord(check.severity()).In(options_.language));
    if (!check.evidence().empty()) {
      const bool french = options_.language == Language::kFrench;
      what += (french ? " : " : ": ") +
              Printable(french ? EvidenceInFrench(check.evidence()) : check.evidence());
    }
    Below(what, "    ", Style::kDim);
    const bool french = options_.language == Language::kFrench && !check.remedy_fr().empty();
    const std::string& remedy = french ? check.remedy_fr() : check.remedy_en();
    if (!remedy.empty() && (broken || check.outcome() == v1::CHECK_OUTCOME_FAIL))
      Below("→ " + Printable(remedy), "    ", broken ? Style::kBold : Style::kPlain);
    if (broken && readiness_verdict_ != v1::VERDICT_READY)
      Below(Shared(check), "    ", Style::kPlain);
  }

  std::string CountsFrom(const v1::CheckResult& check) const {
    return fmt::format(
        fmt::runtime(Text{", counts from {}", ", compte à partir du {}"}.In(options_.language)),
        Time(check.counts_time().seconds() * 1'000'000, options_.language));
  }

  // Whether it is this laptop's own problem.
  std::string Shared(const v1::CheckResult& check) const {
    const std::int64_t others = check.shared_laptops(), near = check.shared_site_laptops();
    const bool french = options_.language == Language::kFrench;
    if (others == 0) {
      return std::string(Text{"no other laptop that somebody holds is in the same case",
                              "aucun autre poste détenu n'est dans ce cas"}
                             .In(options_.language));
    }
    std::string words = others == 1 ? std::string(Text{"1 other laptop is in the same case",
                                                       "1 autre poste est dans le même cas"}
                                                      .In(options_.language))
                                    : Count(others, options_.language) +
                                          std::string(Text{" other laptops are in the same case",
                                                           " autres postes sont dans le même cas"}
                                                          .In(options_.language));
    if (near > 0) {
      words += fmt::format(
          fmt::runtime(french ? ", dont {} sur le même site" : ", {} of them at the same site"),
          Count(near, options_.language));
    }
    return words;
  }

  void Below(const std::string& words, std::string_view indent, Style style) {
    const std::string wrapped = Wrap(words, options_.width > 0 ? options_.width : 100, indent);
    text_ += Styled(wrapped, style, options_.colour) + "\n";
  }

  const ScreenOptions options_;
  v1::Verdict readiness_verdict_ = v1::VERDICT_UNSPECIFIED;
  int title_width_ = 0;
  bool dated_ = false;
  std::string text_;
};

}  // namespace

std::string Ladder(const v1::Readiness& readiness, const ScreenOptions& options) {
  return LadderDrawing(options).Draw(readiness);
}

}  // namespace parc::client::render
