#include <regex>
#include <utility>

#include "client/answer.h"
#include "client/commands/forecast_flags.h"
#include "client/commands/make.h"
#include "client/connection.h"
#include "client/dates.h"
#include "client/files.h"
#include "client/lib/errors.h"
#include "client/render/flash_report.h"
#include "client/render/json.h"
#include "fmt/format.h"
#include "parc/v1/reports.grpc.pb.h"

namespace parc::client {
namespace {

// 2020-04, 04/2020; the month of today without it.
absl::StatusOr<google::type::Date> ParseMonth(const std::string& text, std::int64_t now) {
  static const std::regex kIso(R"((\d{4})-(\d{1,2}))"), kFrench(R"((\d{1,2})/(\d{4}))");
  google::type::Date month;
  std::smatch match;
  if (text.empty()) {
    PARC_ASSIGN(month, ParseDate("today", now));
  } else if (std::regex_match(text, match, kIso)) {
    month.set_year(std::stoi(match[1]));
    month.set_month(std::stoi(match[2]));
  } else if (std::regex_match(text, match, kFrench)) {
    month.set_year(std::stoi(match[2]));
    month.set_month(std::stoi(match[1]));
  }
  month.set_day(0);
  if (month.year() < 1900 || month.month() < 1 || month.month() > 12) {
    return MakeError(absl::StatusCode::kInvalidArgument, "BAD_DATE",
                     fmt::format("\"{}\" is not a month like 2020-04", text.substr(0, 40)));
  }
  return month;
}

class ReportFlash final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positionals(
        "FILTER", filter_words_,
        {"Whose coverage; everybody without it", "La couverture de qui ; tous par défaut"});
    options.Value(
        "--month", "MONTH", month_,
        {"2020-04 or 04/2020; this month without it", "2020-04 ou 04/2020 ; ce mois par défaut"});
    options.Value("--target", "SHARE", target_,
                  {"Share of the people in need that the forecast is about; 100% without it",
                   "Part des personnes dont parle la prévision ; 100% par défaut"});
    options.Value("--by", "DATE", by_,
                  {"Day by which; the end of the year without it",
                   "Échéance ; la fin de l'année par défaut"});
    options.Value(
        "--known-at", "TIME", known_at_,
        {"Only what had been recorded by then", "Seulement ce qui était enregistré à cet instant"});
    options.Choice("-o,--format", "FORMAT", format_, {"html", "md", "json"},
                   {"html, md or json; html without it", "html, md ou json ; html par défaut"});
    options.Value("--output", "FILE", file_,
                  {"Write it there; standard output without it",
                   "L'écrire là ; sur la sortie standard par défaut"});
    options.AddExample("parc report flash --month 2020-04 --output april.html",
                       {"The page that the board reads", "La page que lit la direction"});
  }

  absl::Status Run(Session& session) override {
    // Elsewhere --output names the format; nobody calls a file so.
    if (file_ == "html" || file_ == "md" || file_ == "json") format_ = std::exchange(file_, "");
    v1::GetFlashReportRequest request;
    PARC_ASSIGN(*request.mutable_month(), ParseMonth(month_, session.now()));
    ListFlags words;
    words.filter_words = filter_words_;
    request.set_filter(words.filter());
    session.RememberFilter(request.filter());
    if (!target_.empty()) {
      PARC_ASSIGN(const double ratio, ParseShare(target_));
      request.set_target_ratio(ratio);
    }
    if (!by_.empty()) {
      PARC_ASSIGN(*request.mutable_target_date(), ParseDate(by_, session.now()));
    }
    if (!known_at_.empty()) {
      PARC_ASSIGN(*request.mutable_moment()->mutable_known_at_time(),
                  ParseTime(known_at_, session.now()));
    }
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const v1::FlashReport report,
                connection->Read(&v1::ReportService::Stub::GetFlashReport, request));
    if (format_ == "json" && file_.empty()) {
      WriteJson(session, report);
      return absl::OkStatus();
    }
    const std::string text = Rendered(session, report);
    if (file_.empty()) {
      session.terminal().Write(text);
      return absl::OkStatus();
    }
    return WriteFile(file_, text);
  }

 private:
  std::string Rendered(Session& session, const v1::FlashReport& report) const {
    if (format_ == "json") return render::Json(report, true) + "\n";
    if (format_ == "md") return render::FlashMarkdown(report, session.language());
    return render::FlashHtml(report, session.language());
  }

  std::vector<std::string> filter_words_;
  std::string month_;
  std::string target_;
  std::string by_;
  std::string known_at_;
  std::string format_ = "html";
  std::string file_;
};

}  // namespace

std::unique_ptr<Command> MakeReportFlash() { return std::make_unique<ReportFlash>(); }

}  // namespace parc::client
