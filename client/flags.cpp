#include "client/flags.h"

#include "client/dates.h"
#include "client/lib/try.h"

namespace parc::client {

void MomentFlags::Declare(Options& options) {
  options.Value("--as-of", "DATE", as_of,
                {"What was true at the end of that day (2020-03-20, 20/03/2020, yesterday)",
                 "Ce qui était vrai à la fin de ce jour (2020-03-20, 20/03/2020, hier)"});
  options.Value("--known-at", "TIME", known_at,
                {"Only what had been recorded by then (\"2020-03-20 08:00\")",
                 "Seulement ce qui était enregistré à cet instant (« 2020-03-20 08:00 »)"});
}

absl::Status MomentFlags::Fill(const Session& session, v1::Moment& moment) const {
  if (!as_of.empty()) {
    PARC_ASSIGN(*moment.mutable_as_of_date(), ParseDate(as_of, session.now()));
  }
  if (!known_at.empty()) {
    PARC_ASSIGN(*moment.mutable_known_at_time(), ParseTime(known_at, session.now()));
  }
  return absl::OkStatus();
}

void ChangeFlags::Declare(Options& options) {
  options.Value("--on", "DATE", on,
                {"Day it took effect; today without it", "Jour d'effet ; aujourd'hui par défaut"});
  options.Value("--reason", "TEXT", reason,
                {"Why, kept in the history", "Motif, gardé dans l'historique"});
  options.Flag("--dry-run", dry_run,
               {"Check everything, change nothing", "Tout vérifier sans rien modifier"});
}

absl::Status ChangeFlags::Fill(const Session& session, v1::ChangeOptions& change) const {
  change.set_request_id(session.NewRequestId());
  if (!on.empty()) {
    PARC_ASSIGN(*change.mutable_effective_date(), ParseDate(on, session.now()));
  }
  change.set_reason(reason);
  change.set_validate_only(dry_run);
  return absl::OkStatus();
}

void FormatFlag::Declare(Options& options) {
  options.Choice("-o,--output", "FORMAT", format, {"table", "json"},
                 {"How to write the answer: table or json", "Forme de la réponse : table ou json"});
}

void OutputFlags::Declare(Options& options) {
  options.Choice("-o,--output", "FORMAT", format, {"table", "json", "csv"},
                 {"table, json or csv", "table, json ou csv"});
  options.Value("--columns", "NAMES", columns,
                {"Columns to show, separated by commas; +NAME adds one to the usual ones",
                 "Colonnes à montrer, séparées par des virgules ; +NOM en ajoute une"});
  options.Flag("--no-headers", no_headers, {"No line of headers", "Sans ligne d'en-tête"});
  options.Choice("--csv-dialect", "DIALECT", csv_dialect, {"plain", "fr-excel"},
                 {"fr-excel: what a French Excel opens by a double click (implies -o csv)",
                  "fr-excel : s'ouvre d'un double-clic dans Excel (implique -o csv)"});
  CheckDialect(options);
}

void OutputFlags::CheckDialect(Options& options) const {
  options.Check([this](Language language) {
    if (csv_dialect.empty() || format != "json") return std::string();
    return std::string(Text{"--csv-dialect is for CSV, not for -o json",
                            "--csv-dialect est pour le CSV, pas pour -o json"}
                           .In(language));
  });
}

void ListFlags::Declare(Options& options, Text filter_help) {
  options.Positionals("FILTER", filter_words, filter_help);
  options.Value("--order-by", "NAMES", order_by,
                {"Sort by these fields, e.g. \"site, model desc\"",
                 "Trier par ces champs, p. ex. « site, model desc »"});
  output.Declare(options);
}

std::string ListFlags::filter() const {
  std::string text;
  for (const std::string& word : filter_words) text += (text.empty() ? "" : " ") + word;
  return text;
}

}  // namespace parc::client
