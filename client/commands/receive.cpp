#include <fstream>
#include <iostream>

#include "client/answer.h"
#include "client/commands/line_name.h"
#include "client/commands/make.h"
#include "client/commands/order_fields.h"
#include "client/connection.h"
#include "client/files.h"
#include "client/flags.h"
#include "client/lib/errors.h"
#include "client/proto_text.h"
#include "fmt/format.h"
#include "parc/v1/orders.grpc.pb.h"

namespace parc::client {
namespace {

class Receive final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional(
        "ORDER/LINE", line_,
        {"The order line, e.g. BC-2020-17/1", "La ligne de commande, p. ex. BC-2020-17/1"});
    options.Positionals("SERIAL", serials_,
                        {"Serials; without them they are read from standard input, one a line, "
                         "each with its asset tag after a ; if it has one",
                         "Numéros de série ; sans eux, lus sur l'entrée standard, un par ligne, "
                         "suivi de son étiquette après un ; s'il en a une"});
    options.Value(
        "--file", "FILE", file_,
        {"Read the serials from this file instead", "Lire les numéros de série dans ce fichier"});
    options.Value("--model", "NAME", model_,
                  {"What came, when it is not what was ordered",
                   "Ce qui est arrivé, si ce n'est pas ce qui était commandé"});
    options.Value("--manufacturer", "NAME", manufacturer_,
                  {"Its maker", "Le fabricant de ce qui est arrivé"});
    options.Value("--site", "CODE", site_,
                  {"Site or stock room they go to", "Site ou réserve où ils vont"});
    options.Flag(
        "--over-delivery", over_delivery_,
        {"Also when more come than were ordered", "Même s'il en arrive plus que commandé"});
    change_.Declare(options);
    format_.Declare(options);
    options.AddExample("parc receive BC-2020-17/1 --site ORL-STOCK < serials.txt",
                       {"What the bar code scanner wrote", "Ce qu'a écrit la douchette"});
  }

  absl::Status Run(Session& session) override {
    v1::ReceiveLaptopsRequest request;
    PARC_ASSIGN(*request.mutable_name(), LineNameOrError(line_));
    if (!file_.empty()) {
      PARC_TRY(ReadFile());
    } else if (serials_.empty()) {
      ReadLines(session);
    }
    for (const std::string& entry : serials_) PARC_TRY(AddEntry(entry, request));
    if (request.serials().empty()) {
      return MakeError(absl::StatusCode::kInvalidArgument, "NO_SERIALS", "there is no serial");
    }
    if (!site_.empty()) request.set_site(NameIn("sites", site_));
    request.set_accept_over_delivery(over_delivery_);
    request.set_model(model_);
    request.set_manufacturer(manufacturer_);
    PARC_TRY(change_.Fill(session, *request.mutable_options()));
    PARC_ASSIGN(Connection * connection, session.Connect());
    const absl::StatusOr<v1::ReceiveLaptopsResponse> answer =
        connection->Change(&v1::OrderService::Stub::ReceiveLaptops, request);
    if (!answer.ok() && blank_lines_) {
      session.Tell(session.Say({"the numbers count serials: blank lines do not count",
                                "les numéros comptent les séries, sans les lignes vides"}));
    }
    PARC_TRY(answer.status());
    const v1::ReceiveLaptopsResponse& response = *answer;
    if (format_.json()) {
      WriteJson(session, response);
    } else {
      for (const std::string& name : response.laptops())
        session.terminal().Write(IdOf(name) + "\n");
    }
    TellChange(session, change_.dry_run,
               fmt::format("{} {}; {}", response.laptops_size(),
                           response.laptops_size() == 1
                               ? session.Say({"laptop received", "portable reçu"})
                               : session.Say({"laptops received", "portables reçus"}),
                           LineSentence(response.line(), session.language())));
    return absl::OkStatus();
  }

 private:
  // One serial a line; blank ones do not count.
  void ReadFrom(std::istream& in) {
    std::string line;
    while (std::getline(in, line)) {
      while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
      if (line.empty()) {
        blank_lines_ = true;
      } else {
        serials_.push_back(line);
      }
    }
  }

  absl::Status ReadFile() {
    if (!serials_.empty()) {
      return MakeError(absl::StatusCode::kInvalidArgument, "BAD_SERIALS",
                       "give the serials in a file or on the command line, not both");
    }
    PARC_TRY(OpenFile(file_).status());  // says why it cannot be read
    std::ifstream in(file_);
    ReadFrom(in);
    return absl::OkStatus();
  }

  void ReadLines(Session& session) {
    if (session.terminal().in_is_terminal()) {
      session.Tell(
          session.Say({"Scan the serials, one a line; end with Ctrl-D:",
                       "Scanner les numéros de série, un par ligne ; finir par Ctrl-D :"}));
    }
    ReadFrom(std::cin);
  }

  // All serials have a tag, or none has.
  static absl::Status AddEntry(const std::string& entry, v1::ReceiveLaptopsRequest& request) {
    const std::size_t separator = entry.find_first_of(";,\t");
    const bool tagged = separator != std::string::npos;
    if (!request.serials().empty() && tagged != !request.asset_tags().empty()) {
      return MakeError(absl::StatusCode::kInvalidArgument, "BAD_ASSET_TAGS",
                       fmt::format("\"{}\": give every serial an asset tag, or none", entry));
    }
    request.add_serials(entry.substr(0, separator));
    if (tagged) request.add_asset_tags(entry.substr(separator + 1));
    return absl::OkStatus();
  }

  std::string line_;
  std::vector<std::string> serials_;
  bool blank_lines_ = false;
  std::string file_;
  std::string model_;
  std::string manufacturer_;
  std::string site_;
  bool over_delivery_ = false;
  ChangeFlags change_;
  FormatFlag format_;
};

}  // namespace

std::unique_ptr<Command> MakeReceive() { return std::make_unique<Receive>(); }

}  // namespace parc::client
