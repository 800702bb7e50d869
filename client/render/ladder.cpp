#include "client/render/ladder.h"

#include <algorithm>

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

constexpr Mark kMarks[] = {
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
  for (const Mark& mark : kMarks) {
    if (mark.outcome == check.outcome()) return mark;
  }
  return kMarks[2];
}

bool IsFine(const v1::CheckResult& check) {
  return check.outcome() == v1::CHECK_OUTCOME_PASS ||
         check.outcome() == v1::CHECK_OUTCOME_NOT_APPLICABLE;
}

Text SeverityWord(v1::CheckSeverity severity) {
  switch (severity) {
    case v1::CHECK_SEVERITY_BLOCKER:
      return {"blocks", "bloquant"};
    case v1::CHECK_SEVERITY_DEGRADES:
      return {"degrades", "dégrade"};
    default:
      return {"information", "information"};
  }
}

// The rung to climb next: the first that blocks, else the first that is not fine at all.
int FirstBroken(const v1::Readiness& readiness) {
  int first = -1;
  for (int i = 0; i < readiness.checks_size(); ++i) {
    const v1::CheckResult& check = readiness.checks(i);
    if (IsFine(check)) continue;
    if (check.severity() == v1::CHECK_SEVERITY_BLOCKER) return i;
    if (first < 0 && check.severity() != v1::CHECK_SEVERITY_INFO) first = i;
  }
  return first;
}

class Drawing {
 public:
  explicit Drawing(const ScreenOptions& options) : options_(options) {}

  std::string Draw(const v1::Readiness& readiness) {
    const int broken = FirstBroken(readiness);
    int title_width = 0;
    for (const v1::CheckResult& check : readiness.checks()) {
      title_width = std::max(title_width, WidthOf(Title(check)));
    }
    const int room = options_.width > 0 ? options_.width - kLeft - kRight : 70;
    title_width = std::min(title_width, std::max(30, room));
    for (int i = 0; i < readiness.checks_size(); ++i) {
      Rung(readiness.checks(i), title_width, i == broken);
    }
    return std::move(text_);
  }

 private:
  static constexpr int kLeft = 4;    // "  ✓ "
  static constexpr int kRight = 26;  // "  since 2020-03-18 08:42"

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

  void Rung(const v1::CheckResult& check, int title_width, bool broken) {
    const Mark& mark = MarkOf(check);
    const std::string title = Shorten(Title(check), title_width);
    text_ += "  " + Styled(mark.sign, mark.style, options_.colour) + " " +
             Styled(PadRight(title, title_width), broken ? Style::kBold : Style::kPlain,
                    options_.colour) +
             "  " + Styled(Since(check), Style::kDim, options_.colour);
    while (text_.back() == ' ') text_.pop_back();
    text_ += "\n";
    if (IsFine(check)) return;
    const std::string what =
        fmt::format("{} ({}): {}", mark.word.In(options_.language), check.check(),
                    SeverityWord(check.severity()).In(options_.language));
    Below(what, "    ", Style::kDim);
    if (!check.evidence().empty()) Below(Printable(check.evidence()), "    ", Style::kDim);
    const bool french = options_.language == Language::kFrench && !check.remedy_fr().empty();
    const std::string& remedy = french ? check.remedy_fr() : check.remedy_en();
    if (broken && !remedy.empty()) Below("→ " + Printable(remedy), "    ", Style::kBold);
  }

  void Below(const std::string& words, std::string_view indent, Style style) {
    const std::string wrapped = Wrap(words, options_.width > 0 ? options_.width : 100, indent);
    text_ += Styled(wrapped, style, options_.colour) + "\n";
  }

  const ScreenOptions options_;
  std::string text_;
};

}  // namespace

std::string Ladder(const v1::Readiness& readiness, const ScreenOptions& options) {
  return Drawing(options).Draw(readiness);
}

}  // namespace parc::client::render
