#include "client/render/status_screen.h"

#include <algorithm>
#include <vector>

#include "client/render/bar.h"
#include "client/render/style.h"
#include "client/render/table.h"
#include "client/render/value.h"
#include "client/render/width.h"
#include "fmt/format.h"

namespace parc::client::render {
namespace {

constexpr int kLabelWidth = 10;

// A number and its name on a line of "in stock 12 · preparing 3".
struct Figure {
  Text name;
  std::int64_t count = 0;
  Style style = Style::kPlain;
};

class Screen {
 public:
  explicit Screen(const ScreenOptions& options) : options_(options) {}

  std::string Draw(const v1::GetStatusResponse& status) {
    Title(status);
    CoverageTable(status);
    const v1::Stock& stock = status.stock();
    Line({"Stock", "Stock"}, {{{"in stock", "en stock"}, stock.in_stock()},
                              {{"preparing", "en préparation"}, stock.preparing()},
                              {{"prepared", "préparés"}, stock.prepared()},
                              {{"returned", "rendus"}, stock.returned()},
                              {{"in repair", "en réparation"}, stock.in_repair()}});
    Line({"In use", "En service"}, {{{"assigned", "attribués"}, stock.assigned()}});
    Line({"Gone", "Sortis"}, {{{"lost", "perdus"}, stock.lost(), Style::kWarn},
                              {{"stolen", "volés"}, stock.stolen(), Style::kWarn},
                              {{"retired", "réformés"}, stock.retired()}});
    Line({"On order", "Commandés"}, {{{"open", "à recevoir"}, stock.on_order()}});
    Line({"Readiness", "Aptitude"}, {{{"ready", "aptes"}, stock.ready(), Style::kGood},
                                     {{"degraded", "dégradés"}, stock.degraded(), Style::kWarn},
                                     {{"not ready", "inaptes"}, stock.not_ready(), Style::kBad},
                                     {{"unknown", "inconnus"}, stock.unknown()},
                                     {{"stale", "périmés"}, stock.stale()}});
    Alerts(status);
    return std::move(text_);
  }

 private:
  std::string Say(Text text) const { return std::string(text.In(options_.language)); }
  std::string Bold(Text text) const { return Styled(Say(text), Style::kBold, options_.colour); }
  std::string Number(std::int64_t number) const { return Count(number, options_.language); }

  void Title(const v1::GetStatusResponse& status) {
    const auto& day = status.as_of_date();
    const std::string iso =
        day.year() == 0 ? "" : fmt::format("{:04}-{:02}-{:02}", day.year(), day.month(), day.day());
    std::string title = Say({"The fleet", "Le parc"});
    if (!iso.empty()) title += Say({" on ", " au "}) + Date(iso, options_.language);
    if (options_.known_at != 0) {
      title += Say({", as recorded by ", ", tel qu'enregistré au "}) +
               Time(options_.known_at, options_.language);
    }
    text_ += Styled(title, Style::kBold, options_.colour) + "\n\n";
  }

  Style StyleOf(std::int64_t part, std::int64_t whole) const {
    if (whole <= 0) return Style::kDim;
    if (part >= whole) return Style::kGood;
    return part * 2 < whole ? Style::kBad : Style::kWarn;
  }

  // "720 of 900", "80.0 %" and, when there is room, a bar.
  void AddShare(std::int64_t part, std::int64_t whole, int bar, std::vector<Cell>& row) const {
    row.push_back({fmt::format("{} {} {}", Number(part), Say({"of", "sur"}), Number(whole))});
    row.push_back({Percent(part, whole, options_.language), StyleOf(part, whole)});
    if (bar > 0) row.push_back({Bar(part, whole, bar), StyleOf(part, whole)});
  }

  void CoverageTable(const v1::GetStatusResponse& status) {
    if (options_.nobody) {
      text_ += Say({"There is nobody yet: parc import people FILE",
                    "Il n'y a encore personne : parc import people FICHIER"}) +
               "\n\n";
      return;
    }
    if (status.total().needed() == 0) {
      text_ += Say({"Nobody needs a laptop.", "Personne n'a besoin d'un portable."}) + "\n\n";
      return;
    }
    const std::string bare = Screen({.language = options_.language}).Coverages(status, {});
    const int room =
        options_.bars && options_.width > 0
            ? options_.width - WidthOf(std::string_view(bare).substr(0, bare.find('\n')))
            : 0;
    text_ += Coverages(status, BarsFor(room)) + "\n";
  }

  // Widths of the two bars; 0: none.
  struct Bars {
    int equipped = 0;
    int ready = 0;
  };

  static Bars BarsFor(int room) {
    constexpr int kGap = 2, kShort = 6, kLong = 24;
    const int each = std::min(room / 2 - kGap, kLong);
    if (each >= kShort) return {each, each};
    return room - kGap >= kShort ? Bars{std::min(room - kGap, kLong), 0} : Bars{};
  }

  std::string Coverages(const v1::GetStatusResponse& status, Bars bars) const {
    std::vector<Column> columns = {{Say({"Coverage", "Couverture"}), false, true}};
    const auto add_share = [&](Text header, int bar) {
      columns.push_back({Say(header), true});
      columns.push_back({"", true});
      if (bar > 0) columns.push_back({""});
    };
    add_share({"Equipped", "Équipés"}, bars.equipped);
    add_share({"Ready", "Aptes"}, bars.ready);
    columns.push_back({Say({"Waiting", "En attente"}), true});
    std::vector<std::vector<Cell>> rows;
    for (const v1::Coverage& row : status.coverage()) {
      const std::string name =
          row.population().empty() ? Say({"(none)", "(aucune)"}) : Printable(row.population());
      AddRow(row, {name}, bars, rows);
    }
    if (status.coverage_size() != 1) {
      AddRow(status.total(), {Say({"total", "total"}), Style::kBold}, bars, rows);
    }
    return Table(std::move(columns), rows,
                 {.width = options_.width, .headers = true, .colour = options_.colour});
  }

  void AddRow(const v1::Coverage& coverage, Cell name, Bars bars,
              std::vector<std::vector<Cell>>& rows) const {
    std::vector<Cell> row = {std::move(name)};
    AddShare(coverage.equipped(), coverage.needed(), bars.equipped, row);
    AddShare(coverage.ready(), coverage.needed(), bars.ready, row);
    row.push_back({Number(coverage.waiting())});
    rows.push_back(std::move(row));
  }

  void Line(Text label, const std::vector<Figure>& figures) {
    std::string line =
        Styled(PadRight(label.In(options_.language), kLabelWidth), Style::kBold, options_.colour);
    bool first = true;
    for (const Figure& figure : figures) {
      const Style style = figure.count == 0 ? Style::kDim : figure.style;
      line += (first ? "  " : " · ") +
              Styled(fmt::format("{} {}", Say(figure.name), Number(figure.count)), style,
                     options_.colour);
      first = false;
    }
    text_ += line + "\n";
  }

  void Alerts(const v1::GetStatusResponse& status) {
    if (status.alerts().empty()) return;
    text_ += "\n";
    for (const v1::Alert& alert : status.alerts()) {
      const bool french = options_.language == Language::kFrench && !alert.message_fr().empty();
      const std::string message = Printable(french ? alert.message_fr() : alert.message_en());
      const std::string wrapped = Wrap(message, options_.width, "  ");
      text_ += Styled("!", Style::kWarn, options_.colour) + wrapped.substr(1) + "\n";
    }
  }

  const ScreenOptions options_;
  std::string text_;
};

}  // namespace

std::string StatusScreen(const v1::GetStatusResponse& status, const ScreenOptions& options) {
  return Screen(options).Draw(status);
}

}  // namespace parc::client::render
