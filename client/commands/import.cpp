#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "client/answer.h"
#include "client/commands/make.h"
#include "client/connection.h"
#include "client/files.h"
#include "client/lib/errors.h"
#include "client/listing.h"
#include "client/render/bar.h"
#include "client/world_files.h"
#include "fmt/format.h"
#include "parc/v1/fleet.grpc.pb.h"

namespace parc::client {
namespace {

constexpr std::size_t kChunkBytes = 128 << 10;
constexpr int kDeadlineSeconds = 600;
constexpr std::size_t kRowsShown = 20;  // of a table; CSV and JSON have all

using RowField = FieldOf<v1::ImportRow>;

std::string OutcomeWord(v1::RowOutcome outcome) {
  switch (outcome) {
    case v1::ROW_OUTCOME_CREATED:
      return "CREATED";
    case v1::ROW_OUTCOME_UPDATED:
      return "UPDATED";
    case v1::ROW_OUTCOME_REFUSED:
      return "REFUSED";
    default:
      return "UNCHANGED";
  }
}

render::Style OutcomeStyle(v1::RowOutcome outcome) {
  if (outcome == v1::ROW_OUTCOME_REFUSED) return render::Style::kBad;
  return outcome == v1::ROW_OUTCOME_CREATED ? render::Style::kGood : render::Style::kPlain;
}

const std::vector<RowField>& RowFields() {
  static const std::vector<RowField> fields = {
      {.name = "line",
       .header = {"Line", "Ligne"},
       .kind = render::Kind::kNumber,
       .usual = true,
       .get =
           [](const v1::ImportRow& r) {
             return render::Value{{}, fmt::format("{}", r.line())};
           }},
      {.name = "outcome",
       .header = {"Outcome", "Résultat"},
       .usual = true,
       .get =
           [](const v1::ImportRow& r) {
             return render::Value{{}, OutcomeWord(r.outcome()), OutcomeStyle(r.outcome())};
           }},
      {.name = "key",
       .header = {"Record", "Fiche"},
       .usual = true,
       .get =
           [](const v1::ImportRow& r) {
             return render::Value{{}, r.file().empty() ? r.key() : r.file() + ": " + r.key()};
           }},
      {.name = "message",
       .header = {"Message", "Message"},
       .usual = true,
       .get =
           [](const v1::ImportRow& r) {
             return render::Value{{}, r.message()};
           }},
  };
  return fields;
}

class Import : public Command {
 public:
  void Declare(Options& options) override {
    options.PositionalChoice(
        "KIND", kind_, {"people", "laptops", "sites", "orders", "receipts", "world"},
        {"people, laptops, sites, orders, receipts (deliveries, a row for each laptop), or world",
         "people, laptops, sites, orders, receipts (livraisons, une ligne par portable) ou world"});
    DeclareFile(options);
    DeclareFlags(options);
    options.AddExample("parc import people agents.csv --dry-run",
                       {"What would change, row by row", "Ce qui changerait, ligne par ligne"});
  }

 protected:
  void DeclareFile(Options& options) {
    options.Positional("FILE", file_,
                       {"CSV file; - reads standard input; of a world, the directory of its files",
                        "Fichier CSV ; - lit l'entrée standard ; d'un monde, le dossier"});
  }

  void DeclareFlags(Options& options) {
    change_.Declare(options);
    options.Flag("--partial", partial_,
                 {"Apply the good rows even if others are refused",
                  "Appliquer les bonnes lignes même si d'autres sont refusées"});
    options.Choice(
        "--encoding", "NAME", encoding_, {"auto", "utf-8", "windows-1252"},
        {"Encoding of the file; found out without it", "Encodage du fichier ; deviné par défaut"});
    output_.Declare(options);
  }

 public:
  absl::Status Run(Session& session) override {
    PARC_ASSIGN(const auto fields, ChooseFields(RowFields(), output_.columns));
    v1::ImportFileRequest first;
    PARC_TRY(FillHeader(session, *first.mutable_header()));
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const v1::ImportFileResponse response, Send(session, *connection, first));
    session.terminal().Progress("");
    if (output_.format == "json" && output_.csv_dialect.empty()) {
      WriteJson(session, response);
    } else {
      WriteRows(session, fields, response);
    }
    Summarise(session, response);
    // A dry run ends as the import itself would.
    if (response.refused() > 0) {
      const bool some = partial_ && StoresSome(response);
      session.EndWith(some ? Exit::kPartial : Exit::kFailure);
    }
    return absl::OkStatus();
  }

 private:
  absl::Status FillHeader(const Session& session, v1::ImportHeader& header) const {
    const std::pair<std::string_view, v1::ImportKind> kinds[] = {
        {"people", v1::IMPORT_KIND_PEOPLE},     {"laptops", v1::IMPORT_KIND_LAPTOPS},
        {"sites", v1::IMPORT_KIND_SITES},       {"orders", v1::IMPORT_KIND_ORDERS},
        {"receipts", v1::IMPORT_KIND_RECEIPTS}, {"world", v1::IMPORT_KIND_WORLD}};
    for (const auto& [word, kind] : kinds) {
      if (kind_ == word) header.set_kind(kind);
    }
    header.set_file_name(ShownName());
    header.set_partial(partial_);
    header.set_encoding(encoding_);
    return change_.Fill(session, *header.mutable_options());
  }

  std::string ShownName() const {
    return file_ == "-" ? "standard input" : std::filesystem::path(file_).filename().string();
  }

  absl::StatusOr<File> Open() const {
    if (file_ == "-") return File(stdin, [](std::FILE*) { return 0; });
    return OpenFile(file_);
  }

  // A file is sent once more when the server was unavailable; standard input cannot be.
  absl::StatusOr<v1::ImportFileResponse> Send(Session& session, Connection& connection,
                                              const v1::ImportFileRequest& first) const {
    v1::ImportFileResponse response;
    absl::Status local;
    const int attempts = file_ == "-" ? 1 : Connection::kChangeAttempts;
    if (!IsWorld()) PARC_TRY(Open().status());
    const absl::Status status =
        connection.Try(attempts, kDeadlineSeconds, [&](grpc::ClientContext& context) {
          v1::FleetService::Stub stub(connection.channel());
          response.Clear();
          auto stream = stub.ImportFile(&context, &response);
          if (stream->Write(first))
            local = IsWorld() ? SendWorld(session, *stream) : SendBytes(session, *stream);
          if (!local.ok()) context.TryCancel();
          stream->WritesDone();
          session.terminal().Progress(session.Say({"Applying …", "Application …"}));
          return stream->Finish();
        });
    if (!local.ok()) return local;
    PARC_TRY(status);
    return response;
  }

  bool IsWorld() const { return kind_ == "world"; }

  // The files that are there; the server knows which may be missing.
  template <typename Stream>
  absl::Status SendWorld(Session& session, Stream& stream) const {
    const std::filesystem::path directory = file_;
    std::error_code error;
    if (!std::filesystem::is_directory(directory, error))
      return MakeError(absl::StatusCode::kNotFound, "NO_FILE",
                       fmt::format("{} is no directory", file_));
    for (const std::string_view name : kWorldFiles) {
      if (!std::filesystem::exists(directory / name, error)) continue;
      PARC_ASSIGN(const File file, OpenFile(directory / name));
      v1::ImportFileRequest request;
      request.set_next_file(std::string(name));
      if (!stream.Write(request)) return absl::OkStatus();  // Finish tells why
      PARC_TRY(SendFile(session, stream, file.get(), std::filesystem::file_size(directory / name)));
    }
    return absl::OkStatus();
  }

  template <typename Stream>
  absl::Status SendBytes(Session& session, Stream& stream) const {
    PARC_ASSIGN(const File file, Open());
    std::error_code error;
    const std::uintmax_t size = file_ == "-" ? 0 : std::filesystem::file_size(file_, error);
    return SendFile(session, stream, file.get(), error ? 0 : size);
  }

  template <typename Stream>
  absl::Status SendFile(Session& session, Stream& stream, std::FILE* file,
                        std::uintmax_t size) const {
    std::uintmax_t sent = 0;
    std::string buffer(kChunkBytes, '\0');
    while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), file)) {
      v1::ImportFileRequest request;
      request.set_chunk(buffer.data(), got);
      if (!stream.Write(request)) return absl::OkStatus();  // Finish tells why
      sent += got;
      ShowProgress(session, sent, size);
    }
    if (std::ferror(file) != 0) {
      return absl::DataLossError(fmt::format("{} cannot be read to its end", file_));
    }
    return absl::OkStatus();
  }

  void ShowProgress(Session& session, std::uintmax_t sent, std::uintmax_t size) const {
    const auto part = static_cast<std::int64_t>(sent);
    const auto whole = static_cast<std::int64_t>(std::max(sent, size));
    session.terminal().Progress(fmt::format("{} {} {} {}", session.Say({"Sending", "Envoi de"}),
                                            ShownName(), render::Bar(part, whole, 24),
                                            render::Percent(part, whole, session.language())));
  }

  void WriteRows(Session& session, const std::vector<RowField>& fields,
                 const v1::ImportFileResponse& response) const {
    std::vector<const v1::ImportRow*> rows;
    const bool table = output_.format == "table" && output_.csv_dialect.empty();
    for (const v1::ImportRow& row : response.rows()) {
      // A screen full of rows that were created as asked is no news; before the fact it is.
      const bool news = change_.dry_run || row.outcome() != v1::ROW_OUTCOME_CREATED;
      if (!table || news) rows.push_back(&row);
    }
    if (table) {  // what needs a person first
      std::stable_partition(rows.begin(), rows.end(), [](const v1::ImportRow* row) {
        return row->outcome() == v1::ROW_OUTCOME_REFUSED;
      });
    }
    if (table && rows.empty()) return;
    const std::size_t shown = table ? std::min(rows.size(), kRowsShown) : rows.size();
    Listing listing(session, output_, SpecsOf(session, fields));
    for (std::size_t i = 0; i < shown; ++i) AddRow(listing, fields, *rows[i]);
    listing.Finish({"", ""});
    const std::int64_t more =
        static_cast<std::int64_t>(rows.size() - shown) + response.rows_left_off();
    if (more > 0) {
      session.Tell(fmt::format("… {} {}", render::Count(more, session.language()),
                               more == 1
                                   ? session.Say({"more row (-o csv writes it, too)",
                                                  "autre ligne (-o csv l'écrit aussi)"})
                                   : session.Say({"more rows (-o csv writes them all)",
                                                  "autres lignes (-o csv les écrit toutes)"})));
    }
  }

  static bool StoresSome(const v1::ImportFileResponse& response) {
    return response.created() + response.updated() > 0;
  }

  // "1 created", "30 would be created". French adds an s, and says zero in the singular.
  static std::string Part(const Session& session, std::int64_t number, Text word, bool would) {
    const bool many = number >= 2;
    std::string text = render::Count(number, session.language()) + " ";
    if (would) text += session.Say({"would be ", many ? "seraient " : "serait "});
    text += session.Say(word);
    if (many && session.language() == Language::kFrench) text += "s";
    return text;
  }

  void Summarise(Session& session, const v1::ImportFileResponse& response) const {
    const bool would = change_.dry_run || !response.applied();
    session.Tell(fmt::format("{}: {}", ShownName(), response.dialect()));
    session.Tell(fmt::format("{}, {}, {}, {}",
                             Part(session, response.created(), {"created", "créée"}, would),
                             Part(session, response.updated(), {"updated", "modifiée"}, would),
                             Part(session, response.unchanged(), {"unchanged", "inchangée"}, false),
                             Part(session, response.refused(), {"refused", "refusée"}, false)));
    if (change_.dry_run) {
      session.Tell(
          session.Say({"dry run: nothing was stored", "à blanc : rien n'a été enregistré"}));
    } else if (!response.applied()) {
      session.Tell(session.Say(
          {"nothing was stored: mend the refused rows, or take the good ones with --partial",
           "rien n'a été enregistré : corriger les lignes refusées, ou garder les bonnes avec "
           "--partial"}));
    } else if (response.refused() > 0 && !StoresSome(response)) {
      session.Tell(session.Say({"nothing was stored: there is no good row that changes anything",
                                "rien n'a été enregistré : aucune bonne ligne ne change rien"}));
    }
  }

  std::string file_;
  std::string encoding_ = "auto";
  bool partial_ = false;
  ChangeFlags change_;
  OutputFlags output_;

 protected:
  std::string kind_;
};

// `parc order import FILE`: the same with the kind settled.
class OrderImport final : public Import {
 public:
  OrderImport() { kind_ = "orders"; }
  void Declare(Options& options) override {
    DeclareFile(options);
    DeclareFlags(options);
  }
};

}  // namespace

std::unique_ptr<Command> MakeImport() { return std::make_unique<Import>(); }
std::unique_ptr<Command> MakeOrderImport() { return std::make_unique<OrderImport>(); }

}  // namespace parc::client
