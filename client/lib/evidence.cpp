#include "client/lib/evidence.h"

#include <string_view>
#include <utility>

namespace parc::client {
namespace {

struct Sentence {
  std::string_view english;
  std::string_view french;
};

// A sentence that begins like another stands before it.
constexpr Sentence kSentences[] = {
    {"no VPN gateway is known: no readable profile names one, nor does agent.toml",
     "aucune passerelle VPN n'est connue : aucun profil lisible n'en nomme, agent.toml non plus"},
    {"cannot be told without a key that the agent does not have",
     "ne peut être su sans une clé que l'agent n'a pas"},
    {"needs the root collector", "demande le collecteur de root"},
    {"the root collector did not answer in time", "le collecteur de root n'a pas répondu à temps"},
    {"the root collector did not answer", "le collecteur de root n'a pas répondu"},
    {"the package manager did not answer in time",
     "le gestionnaire de paquets n'a pas répondu à temps"},
    {"a file system did not answer in time", "un système de fichiers n'a pas répondu à temps"},
    {"there was no time left to ask", "le temps a manqué pour le demander"},
    {"not reported", "non rapporté"},
    {"no policy is set, and users' own settings are not read",
     "aucune règle n'est posée, et les réglages des usagers ne sont pas lus"},
    {"there is no NVMe disk to ask", "aucun disque NVMe à interroger"},
    {"the key is on a token, which is not asked",
     "la clé est sur un jeton, qui n'est pas interrogé"},
    {"a key is locked with a passphrase", "une clé est protégée par une phrase de passe"},
    {"a revocation list is damaged", "une liste de révocation est endommagée"},
    {"the kernel's rules cannot be read", "les règles du noyau sont illisibles"},
    {"rules of iptables-legacy are not read", "les règles d'iptables-legacy ne sont pas lues"},
    {"the header of an encrypted disk is not understood",
     "l'en-tête d'un disque chiffré n'est pas compris"},
    {"dnf is asked for security updates only",
     "dnf n'est interrogé que sur les mises à jour de sécurité"},
    {"dnf could not tell by what it has at hand", "dnf ne pouvait répondre avec ce qu'il a"},
    {"it accepts any certificate of the gateway (insecure-ssl)",
     "il accepte tout certificat de la passerelle (insecure-ssl)"},
    {"it names no authority (ca) to know the gateway by",
     "il ne nomme aucune autorité (ca) pour reconnaître la passerelle"},
    {"it names no gateway", "il ne nomme aucune passerelle"},
    {"it names no peer", "il ne nomme aucun pair"},
    {"it has no private key", "il n'a pas de clé privée"},
    {"it is larger than 256 KiB", "il dépasse 256 Kio"},
    {"it is no file of its folder", "ce n'est pas un fichier de son dossier"},
    {"it is not a text file", "ce n'est pas un fichier texte"},
    {"its authority's certificate (ca) is missing",
     "le certificat de son autorité (ca) est absent"},
    {"its authority's certificate is damaged", "le certificat de son autorité est endommagé"},
    {"its client certificate is damaged", "son certificat client est endommagé"},
    {"its client certificate is missing", "son certificat client est absent"},
    {"its client certificate cannot be read", "son certificat client est illisible"},
    {"its private key is missing", "sa clé privée est absente"},
    {"its private key is not 32 bytes in base64", "sa clé privée n'est pas 32 octets en base64"},
    {"its revocation list is damaged", "sa liste de révocation est endommagée"},
    {"its gateway is no host name and port",
     "sa passerelle n'est pas un nom de machine et un port"},
    {"its gateway is no host name", "sa passerelle n'est pas un nom de machine"},
    {"its kind of VPN is not known to this version",
     "son type de VPN est inconnu de cette version"},
    {"its trusted-cert is no SHA-256", "son trusted-cert n'est pas un SHA-256"},
    {"a peer's public key is not 32 bytes in base64",
     "la clé publique d'un pair n'est pas 32 octets en base64"},
    {"a preshared key is not 32 bytes in base64", "une clé partagée n'est pas 32 octets en base64"},
    {"a remote is no host name and port", "un remote n'est pas un nom de machine et un port"},
    {"an endpoint is no host name and port", "un Endpoint n'est pas un nom de machine et un port"},
    {"an inline block is not closed", "un bloc de texte n'est pas fermé"},
    {"is absent", "est absent"},
    // With the name of a file before it.
    {"a link leads out of its folder", "un lien mène hors de son dossier"},
    {"not a regular file", "pas un fichier ordinaire"},
    {"neither file nor block device", "ni fichier ni périphérique bloc"},
    {"larger than", "plus grand que"},
    {"the kernel has more rules than are read", "le noyau a plus de règles qu'il n'en est lu"},
    {"the disk refuses to tell", "le disque refuse de répondre"},
};

constexpr Sentence kTroubles[] = {
    {"the server cannot be reached", "le serveur est injoignable"},
    {"does not take connections now", "n'accepte pas de connexion pour l'instant"},
    {"what answers at ", "ce qui répond à "},
    {"is not the server of this laptop", "n'est pas le serveur de ce poste"},
    {"the server does not let this laptop in: its certificate was revoked, or another one took its "
     "place.",
     "le serveur n'accepte plus ce poste : son certificat est révoqué, ou un autre l'a remplacé."},
    {"so the server does not let it in: ask for a new enrolment code and run `parc-agent enrol`",
     "donc le serveur ne l'accepte plus : demander un nouveau code d'enrôlement et lancer "
     "« parc-agent enrol »"},
    {"the certificate of this laptop ended on", "le certificat de ce poste a expiré le"},
    {"the server sent no certificate", "le serveur n'a pas montré de certificat"},
    {"is not to be trusted", "n'est pas digne de confiance"},
    {"the certificate of", "le certificat de"},
    {"the server closed the connection", "le serveur a fermé la connexion"},
    {"the server broke the call off", "le serveur a rompu l'appel"},
    {"the server's address is damaged", "l'adresse du serveur est endommagée"},
    {"the server's answer is not understood", "la réponse du serveur n'est pas comprise"},
    {"TLS handshake: ", "négociation TLS : "},
    {"the connection was closed", "la connexion a été fermée"},
    {"does not resolve in time", "n'est pas résolu à temps"},
    {"does not resolve", "n'est pas résolu"},
    {"has no address", "n'a pas d'adresse"},
    {"does not connect to", "ne donne pas accès à"},
    {"the proxy", "le proxy"},
    {"connecting: refused", "connexion refusée"},
    {"no answer in time", "pas de réponse à temps"},
};

template <std::size_t kCount>
std::string InFrench(std::string text, const Sentence (&sentences)[kCount]) {
  for (const Sentence& sentence : sentences) {
    for (std::size_t at = text.find(sentence.english); at != std::string::npos;
         at = text.find(sentence.english, at + sentence.french.size())) {
      text.replace(at, sentence.english.size(), sentence.french);
    }
  }
  return text;
}

}  // namespace

std::string EvidenceInFrench(std::string evidence) {
  return InFrench(std::move(evidence), kSentences);
}

std::string TroubleInFrench(std::string trouble) { return InFrench(std::move(trouble), kTroubles); }

}  // namespace parc::client
