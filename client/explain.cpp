#include "client/explain.h"

#include <algorithm>
#include <cstdlib>

#include "client/exit.h"
#include "client/lib/errors.h"
#include "client/render/width.h"
#include "fmt/format.h"

namespace parc::client {
namespace {

// What is wrong in French (English is the server's own sentence, which names the values), and what
// to do next in both.
struct Phrase {
  std::string_view reason;
  std::string_view fr;
  Text next;
};

// Each run of parc is a request of its own to the server: said again, a change is made again.
constexpr Text kTryAgain = {
    "look whether a change was made (parc history) before you repeat it; parcd's log tells what "
    "keeps it busy",
    "vérifier qu'un changement n'est pas déjà fait (parc history) avant de le répéter ; le journal "
    "de parcd dit ce qui l'occupe"};

constexpr Phrase kPhrases[] = {
    {"NOT_LOGGED_IN",
     "pas de connexion à un serveur Parc",
     {"log in: parc login --server HOST:8445 --ca root.pem --token-file FILE",
      "se connecter : parc login --server HÔTE:8445 --ca root.pem --token-file FICHIER"}},
    {"SECRET_FILE_EXPOSED", "le fichier du jeton est lisible par d'autres", {}},
    {"SECRET_FILE_UNREADABLE", "le fichier du jeton ne peut pas être lu", {}},
    {"NO_SECRET_FILE", "le fichier du jeton n'existe pas", {}},
    {"NO_FILE", "le fichier ne peut pas être lu", {}},
    {"BAD_API_TOKEN", "le jeton est refusé", {}},
    {"TOKEN_REJECTED", "le jeton est refusé", {}},
    {"NOTHING_CALLED",
     "ni un portable ni une personne ne s'appelle ainsi",
     {"parc laptops WORD and parc people WORD search for them",
      "parc laptops MOT et parc people MOT les cherchent"}},
    {"BAD_CONFIGURATION",
     "la configuration est fausse",
     {"mend the file, or log in again", "corriger le fichier, ou se reconnecter"}},
    {"NEEDS_YES", "", {"say --yes", "ajouter --yes"}},
    {"NOT_CONFIRMED", "", {}},
    {"UNKNOWN_COLUMN",
     "colonne inconnue",
     {"parc fields lists the names", "parc fields donne les noms"}},
    {"LAPTOP_NOT_FOUND",
     "ce portable n'existe pas",
     {"parc laptops WORD searches tags, serials, models and holders",
      "parc laptops MOT cherche dans les étiquettes, séries, modèles et détenteurs"}},
    {"PERSON_NOT_FOUND",
     "cette personne n'existe pas",
     {"parc people WORD searches names and numbers", "parc people MOT cherche une personne"}},
    {"SITE_NOT_FOUND", "ce site n'existe pas", {"parc sites lists them", "parc sites les donne"}},
    {"ORDER_NOT_FOUND",
     "cette commande n'existe pas",
     {"parc orders lists them", "parc orders les donne"}},
    {"ORDER_LINE_NOT_FOUND",
     "cette ligne de commande n'existe pas",
     {"write it as ORDER/NUMBER; parc order show ORDER lists the lines",
      "l'écrire COMMANDE/NUMÉRO ; parc order show COMMANDE donne les lignes"}},
    {"DEVICE_NOT_FOUND",
     "cet appareil n'existe pas",
     {"parc devices lists them", "parc devices les donne"}},
    {"LAPTOP_EXISTS", "ce portable existe déjà", {}},
    {"PERSON_EXISTS", "cette personne existe déjà", {}},
    {"SITE_EXISTS", "ce site existe déjà", {}},
    {"ORDER_EXISTS", "cette commande existe déjà", {}},
    {"ILLEGAL_MOVE", "impossible dans l'état actuel du portable", {}},
    {"PERSON_ALREADY_EQUIPPED",
     "cette personne a déjà un portable",
     {"parc swap OLD NEW replaces it; --additional gives a second one",
      "parc swap ANCIEN NOUVEAU le remplace ; --additional en donne un second"}},
    {"PERSON_HAS_LEFT",
     "cette personne est partie avant ce jour",
     {"--on DAY records what was handed out earlier; parc person update corrects the last day",
      "--on JOUR enregistre une remise plus ancienne ; parc person update corrige la date de "
      "fin"}},
    {"EFFECTIVE_DATE_TOO_EARLY", "la date d'effet précède le dernier événement", {}},
    {"EFFECTIVE_DATE_IN_FUTURE", "la date d'effet est dans le futur", {}},
    {"AS_OF_IN_FUTURE", "la date demandée est dans le futur", {}},
    {"ETAG_MISMATCH",
     "la fiche a changé entre-temps",
     {"look at it again, then repeat", "la relire, puis recommencer"}},
    {"OVER_DELIVERY",
     "plus d'unités que la ligne n'en attend",
     {"--over-delivery accepts them", "--over-delivery les accepte"}},
    {"BAD_SERIALS", "des numéros de série sont refusés", {}},
    {"BAD_FILTER", "le filtre est faux", {}},
    {"BAD_ORDER", "le tri est faux", {"parc fields lists the names", "parc fields les donne"}},
    {"BAD_HEADER", "les colonnes du fichier ne conviennent pas", {}},
    {"BAD_CSV", "le fichier n'est pas un CSV lisible", {}},
    {"BAD_DATE", "date illisible", {}},
    {"BAD_TIME", "heure illisible", {}},
    {"ROLE_DENIED",
     "ce jeton n'a pas ce droit",
     {"parc whoami tells your role; an administrator gives others",
      "parc whoami donne votre rôle ; un administrateur en donne d'autres"}},
    {"LAST_ADMIN",
     "c'est le dernier jeton d'administrateur",
     {"make another first: parc token new --role admin --owner NAME",
      "en créer un autre d'abord : parc token new --role admin --owner NOM"}},
    {"DEADLINE_EXCEEDED",
     "le serveur n'a pas répondu à temps ; un changement a pu être fait quand même", kTryAgain},
    {"BUSY", "le serveur est surchargé", {"try again in a minute", "réessayer dans une minute"}},
    {"STOPPING", "le serveur s'arrête", {"try again in a minute", "réessayer dans une minute"}},
    {"STORAGE_FULL",
     "le disque du serveur est plein",
     {"an administrator must make room", "un administrateur doit faire de la place"}},
    {"STORAGE_FAILED",
     "le stockage du serveur est en panne",
     {"an administrator must look at parcd's log", "un administrateur doit lire le journal"}},
};

const Phrase* Find(std::string_view reason) {
  for (const Phrase& phrase : kPhrases) {
    if (phrase.reason == reason) return &phrase;
  }
  return nullptr;
}

std::string_view Say(Language language, Text text) { return text.In(language); }

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// A certificate that does not fit and no answer at all both come of the agents' port, too.
std::string PortHint(Language language) {
  return std::string(Say(language, {"people have a port of their own: 8445 unless parcd.toml says "
                                    "otherwise",
                                    "les personnes ont leur port : 8445 sauf si parcd.toml en "
                                    "dit un autre"}));
}

// Errors that gRPC's transport made: its words are for programmers.
std::vector<std::string> ExplainTransport(const absl::Status& status, const ErrorContext& context) {
  const std::string_view message(status.message().data(), status.message().size());
  const auto say = [&](Text text) { return Say(context.language, text); };
  if (status.code() == absl::StatusCode::kDeadlineExceeded) {
    return {fmt::format("{} {}", context.server,
                        say({"did not answer in time", "n'a pas répondu à temps"})),
            std::string(say(kTryAgain))};
  }
  const std::string cannot =
      fmt::format("{} {}", say({"cannot reach the Parc server at", "serveur Parc injoignable :"}),
                  context.server);
  if (Contains(message, "CERTIFICATE_VERIFY_FAILED") || Contains(message, "certificate verify") ||
      Contains(message, "andshak") || Contains(message, "Peer name")) {
    return {cannot + std::string(say({": its certificate is not the one that login trusted",
                                      " : son certificat n'est pas celui de la connexion"})),
            std::string(say({"if the server was installed anew, log in again with its root "
                             "certificate; else tell its administrator",
                             "si le serveur a été réinstallé, se reconnecter avec son certificat "
                             "racine ; sinon, prévenir son administrateur"})),
            PortHint(context.language)};
  }
  if (Contains(message, "DNS") || Contains(message, "resolv")) {
    return {cannot + std::string(say({": no such host name", " : nom de machine inconnu"})),
            std::string(say({"check the name, and that you are on the internal network",
                             "vérifier le nom, et la présence sur le réseau interne"}))};
  }
  return {cannot,
          std::string(say({"is parcd running there, and are you on the internal network?",
                           "parcd y fonctionne-t-il, et êtes-vous sur le réseau interne ?"})),
          PortHint(context.language)};
}

// The filter with a mark under what is wrong.
void AddCaret(const ErrorDetails& details, const ErrorContext& context,
              std::vector<std::string>& lines) {
  const auto column = details.metadata.find("column");
  if (column == details.metadata.end() || context.filter.empty()) return;
  const int at = std::atoi(column->second.c_str());
  if (at < 1) return;
  // Of a line that no screen holds, what stands around the mark.
  constexpr int kAround = 60;
  std::string filter = render::Printable(context.filter);
  const std::string_view head = render::Characters(filter, at - 1);
  int before = render::WidthOf(head);
  if (render::WidthOf(filter) > 2 * kAround) {
    const int skipped = std::max(0, at - 1 - kAround);
    const std::string_view left = render::Characters(filter, skipped);
    const std::string sign = skipped > 0 ? "…" : "";
    before = render::WidthOf(head) - render::WidthOf(left) + render::WidthOf(sign);
    filter = sign + render::Shorten(std::string_view(filter).substr(left.size()), 2 * kAround);
  }
  lines.push_back("  " + filter);
  lines.push_back("  " + std::string(static_cast<std::size_t>(before), ' ') + "^");
}

void AddNext(const ErrorDetails& details, const ErrorContext& context, const Phrase* phrase,
             std::vector<std::string>& lines) {
  const auto events = details.metadata.find("possible_events");
  if (events != details.metadata.end() && !Contains(lines.front(), events->second)) {
    lines.push_back(fmt::format("{} {}", Say(context.language, {"possible now:", "possible :"}),
                                events->second));
  }
  if (phrase != nullptr && !Say(context.language, phrase->next).empty()) {
    lines.emplace_back(Say(context.language, phrase->next));
  }
}

}  // namespace

Exit ExitFor(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return Exit::kOk;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return Exit::kUsage;
    case absl::StatusCode::kNotFound:
      return Exit::kNotFound;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAborted:
      return Exit::kConflict;
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return Exit::kAccess;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
      return Exit::kUnavailable;
    default:
      return Exit::kFailure;
  }
}

std::vector<std::string> Explain(const absl::Status& status, const ErrorContext& context) {
  const ErrorDetails details = DetailsOf(status);
  if (details.reason.empty() && ExitFor(status) == Exit::kUnavailable && !context.server.empty()) {
    return ExplainTransport(status, context);
  }
  const Phrase* const phrase = Find(details.reason);
  const std::string message =
      render::Printable(std::string_view(status.message().data(), status.message().size()));
  std::vector<std::string> lines;
  if (context.language == Language::kFrench && phrase != nullptr && !phrase->fr.empty()) {
    lines.push_back(fmt::format("{} ({})", phrase->fr, message));
  } else {
    lines.push_back(message.empty() ? absl::StatusCodeToString(status.code()) : message);
  }
  AddCaret(details, context, lines);
  AddNext(details, context, phrase, lines);
  if (status.code() == absl::StatusCode::kUnauthenticated && !context.token_file.empty()) {
    lines.push_back(
        fmt::format("{} {}{}", Say(context.language, {"the token is in", "le jeton est dans"}),
                    context.token_file,
                    Say(context.language, {"; ask for a new one: parc token new",
                                           " ; en demander un nouveau : parc token new"})));
  }
  return lines;
}

}  // namespace parc::client
