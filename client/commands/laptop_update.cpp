#include "client/answer.h"
#include "client/commands/laptop_fields.h"
#include "client/commands/make.h"
#include "client/connection.h"
#include "client/dates.h"
#include "client/flags.h"
#include "client/lib/errors.h"
#include "client/money.h"
#include "client/proto_text.h"
#include "fmt/format.h"
#include "parc/v1/laptops.grpc.pb.h"

// Records a laptop, or changes what its record says; state and holder have verbs of their own.
namespace parc::client {
namespace {

// What a person may say about a laptop. An option that is not given leaves its field alone.
struct LaptopFlags {
  std::optional<std::string> serial, manufacturer, model, site, notes, order_line, purchased, price,
      warranty_end, end_of_life;
  std::string currency = "EUR";
  std::vector<std::string> tags;
  bool no_tags = false;

  void Declare(Options& options) {
    options.Value("--serial", "SERIAL", serial, {"Serial number", "Numéro de série"});
    options.Value("--manufacturer", "NAME", manufacturer, {"Maker", "Fabricant"});
    options.Value("--model", "NAME", model, {"Model", "Modèle"});
    options.Value("--site", "CODE", site, {"Site or stock room", "Site ou réserve"});
    options.Value("--order-line", "ORDER/LINE", order_line,
                  {"Order line it came from", "Ligne de commande dont il vient"});
    options.Value("--purchased", "DATE", purchased, {"Date of purchase", "Date d'achat"});
    options.Value("--price", "AMOUNT", price, {"Price", "Prix"});
    options.Value("--currency", "CODE", currency, {"EUR without it", "EUR par défaut"});
    options.Value("--warranty-end", "DATE", warranty_end,
                  {"Last day of the warranty", "Dernier jour de garantie"});
    options.Value("--end-of-life", "DATE", end_of_life,
                  {"When it is to be taken out of service", "Jour prévu de mise hors service"});
    options.Values("--tag", "TAG", tags,
                   {"A tag; once for each, they replace the earlier ones",
                    "Un mot-clé ; une fois par mot, ils remplacent les précédents"});
    options.Flag("--no-tags", no_tags, {"Take all tags off", "Retirer tous les mots-clés"});
    options.Value("--notes", "TEXT", notes, {"Notes", "Remarques"});
  }

  // Fills `laptop`, and names in `mask` what was given.
  absl::Status Fill(const Session& session, v1::Laptop& laptop,
                    google::protobuf::FieldMask& mask) const {
    const auto text = [&](const std::optional<std::string>& value, const char* field, auto set) {
      if (!value.has_value()) return;
      set(*value);
      mask.add_paths(field);
    };
    text(serial, "serial", [&](const std::string& v) { laptop.set_serial(v); });
    text(manufacturer, "manufacturer", [&](const std::string& v) { laptop.set_manufacturer(v); });
    text(model, "model", [&](const std::string& v) { laptop.set_model(v); });
    text(notes, "notes", [&](const std::string& v) { laptop.set_notes(v); });
    text(site, "site",
         [&](const std::string& v) { laptop.set_site(v.empty() ? "" : NameIn("sites", v)); });
    text(order_line, "order_line",
         [&](const std::string& v) { laptop.set_order_line(LineName(v)); });
    if (!tags.empty() || no_tags) {
      for (const std::string& tag : tags) laptop.add_tags(tag);
      mask.add_paths("tags");
    }
    if (price.has_value()) {
      if (!price->empty()) {
        PARC_ASSIGN(*laptop.mutable_price(), ParseMoney(*price, currency));
      }
      mask.add_paths("price");
    }
    if (purchased.has_value()) {
      if (!purchased->empty()) {
        PARC_ASSIGN(*laptop.mutable_purchase_date(), ParseDate(*purchased, session.now()));
      }
      mask.add_paths("purchase_date");
    }
    if (warranty_end.has_value()) {
      if (!warranty_end->empty()) {
        PARC_ASSIGN(*laptop.mutable_warranty_end_date(), ParseDate(*warranty_end, session.now()));
      }
      mask.add_paths("warranty_end_date");
    }
    if (end_of_life.has_value()) {
      if (!end_of_life->empty()) {
        PARC_ASSIGN(*laptop.mutable_end_of_life_date(), ParseDate(*end_of_life, session.now()));
      }
      mask.add_paths("end_of_life_date");
    }
    return absl::OkStatus();
  }
};

class LaptopUpdate final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional("LAPTOP", laptop_, {"Asset tag or serial", "Étiquette ou numéro de série"});
    flags_.Declare(options);
    options.Value("--etag", "ETAG", etag_,
                  {"Only if the record is still the one that was read (laptop show -o json)",
                   "Seulement si la fiche est encore celle qui a été lue (laptop show -o json)"});
    change_.Declare(options);
    format_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    v1::UpdateLaptopRequest request;
    PARC_TRY(flags_.Fill(session, *request.mutable_laptop(), *request.mutable_update_mask()));
    if (request.update_mask().paths().empty()) {
      return MakeError(absl::StatusCode::kInvalidArgument, "NOTHING_TO_CHANGE",
                       session.Say({"nothing to change: say what, e.g. --site ORL-STOCK",
                                    "rien à modifier : dire quoi, p. ex. --site ORL-STOCK"}));
    }
    request.mutable_laptop()->set_name(NameIn("laptops", laptop_));
    request.mutable_laptop()->set_etag(etag_);
    PARC_TRY(change_.Fill(session, *request.mutable_options()));
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const v1::Laptop laptop,
                connection->Change(&v1::LaptopService::Stub::UpdateLaptop, request));
    if (format_.json()) WriteJson(session, laptop);
    TellChange(session, change_.dry_run,
               fmt::format("{}: {}", laptop.asset_tag(),
                           session.Say({"the record is changed", "la fiche est modifiée"})));
    return absl::OkStatus();
  }

 private:
  std::string laptop_;
  LaptopFlags flags_;
  std::string etag_;
  ChangeFlags change_;
  FormatFlag format_;
};

class LaptopAdd final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional("TAG", tag_, {"Asset tag, as on the label", "Étiquette"});
    flags_.Declare(options);
    change_.Declare(options);
    format_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    v1::CreateLaptopRequest request;
    google::protobuf::FieldMask unused;
    PARC_TRY(flags_.Fill(session, *request.mutable_laptop(), unused));
    request.mutable_laptop()->set_asset_tag(tag_);
    PARC_TRY(change_.Fill(session, *request.mutable_options()));
    PARC_ASSIGN(Connection * connection, session.Connect());
    PARC_ASSIGN(const v1::Laptop laptop,
                connection->Change(&v1::LaptopService::Stub::CreateLaptop, request));
    if (format_.json()) WriteJson(session, laptop);
    TellChange(session, change_.dry_run, LaptopSentence(laptop, session.language()));
    return absl::OkStatus();
  }

 private:
  std::string tag_;
  LaptopFlags flags_;
  ChangeFlags change_;
  FormatFlag format_;
};

}  // namespace

std::unique_ptr<Command> MakeLaptopAdd() { return std::make_unique<LaptopAdd>(); }
std::unique_ptr<Command> MakeLaptopUpdate() { return std::make_unique<LaptopUpdate>(); }

}  // namespace parc::client
