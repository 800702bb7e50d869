#include "daemon/posture/policy.h"

namespace parc::posture {
namespace {

constexpr std::int64_t kHour = std::int64_t{3'600} * 1'000'000;
constexpr std::int64_t kOneDay = 24 * kHour;
// One lost probe of a gateway degrades; only a second one, at the next report, blocks.
constexpr std::int64_t kHalfHour = kHour / 2;

struct Row {
  const char* id;
  Severity severity;
  const char* expression;
  const char* applies;
  std::int64_t grace;
  const char* title_en;
  const char* title_fr;
  const char* remedy_en;
  const char* remedy_fr;
  const char* source;
};

// In the order in which a technician climbs. What only root can read never blocks: it is UNKNOWN on
// a laptop without the root collector.
constexpr Row kRows[] = {
    {"vpn-client-installed", Severity::kBlocker, "vpn.clients:*", "", 0,
     "A VPN client is installed", "Un client VPN est installé",
     "Install or upgrade the VPN client.", "Installer ou mettre à jour le client VPN.",
     "ANSSI hygiene guide, measure 32"},
    {"vpn-profile-present", Severity::kDegrades, "vpn.profile.count >= 1", "", 0,
     "A VPN profile is present", "Un profil VPN est présent",
     "Install the VPN profile from the software centre.",
     "Installer le profil VPN depuis le centre logiciel.", "ANSSI hygiene guide, measure 32"},
    {"vpn-profile-parse", Severity::kDegrades, "vpn.profile.valid >= 1", "vpn.profile.count != 0",
     0, "A VPN profile can be read and names a gateway",
     "Un profil VPN est lisible et nomme une passerelle", "Re-deploy the profile: it is damaged.",
     "Redéployer le profil : fichier endommagé.", "ANSSI hygiene guide, measure 32"},
    {"vpn-cert-valid", Severity::kDegrades,
     "vpn.certificate.days_left >= 0 AND vpn.certificate.age_days >= 0",
     "vpn.certificate.expires:*", 0, "The VPN certificate is within its dates",
     "Le certificat VPN est dans ses dates de validité", "Renew the VPN certificate.",
     "Renouveler le certificat VPN.", "ANSSI hygiene guide, measure 32"},
    {"vpn-cert-expiry", Severity::kDegrades, "vpn.certificate.days_left >= 15",
     "vpn.certificate.expires:*", 0, "The VPN certificate is valid for 15 days or more",
     "Le certificat VPN est valable encore 15 jours au moins",
     "Certificate expires soon: start renewal.",
     "Certificat bientôt expiré : lancer le renouvellement.", "ANSSI hygiene guide, measure 32"},
    {"net-online", Severity::kBlocker, "network.online = true", "", 0,
     "The laptop has a way to the Internet", "Le poste a un chemin vers Internet",
     "Connect to a network.", "Se connecter à un réseau.", "CISA AA20-073A"},
    {"vpn-gateway-dns", Severity::kBlocker, "vpn.gateway.resolved = true", "", kHalfHour,
     "The name of the VPN gateway resolves", "Le nom de la passerelle VPN est résolu",
     "Check DNS and Internet access.", "Vérifier le DNS et l'accès Internet.", "CISA AA20-073A"},
    {"vpn-gateway-reach", Severity::kBlocker,
     "vpn.gateway.answer = AUTHENTICATED OR vpn.gateway.answer = REACHABLE", "", kHalfHour,
     "The VPN gateway answers", "La passerelle VPN répond",
     "Gateway unreachable: try another network, then call.",
     "Passerelle injoignable : essayer un autre réseau puis appeler.", "CISA AA20-073A"},
    {"time-sync", Severity::kBlocker,
     "clock.synchronised = true AND clock.max_error_micros < 16000000", "", 0,
     "The clock is synchronised", "L'heure est synchronisée", "Enable time synchronisation.",
     "Activer la synchronisation de l'heure.", "NIST SP 800-46"},
    {"time-sane", Severity::kBlocker, "clock.skew_seconds > -300 AND clock.skew_seconds < 300", "",
     0, "The clock shows the right time", "L'horloge est à l'heure",
     "Set date and time; replace the CMOS battery if it recurs.",
     "Régler la date ; changer la pile CMOS si récurrent.", "NIST SP 800-46"},
    {"disk-encryption", Severity::kBlocker, "disk.root_encrypted = true AND disk.encrypted = true",
     "", 0, "The disks are encrypted", "Les disques sont chiffrés",
     "Re-install with disk encryption.", "Réinstaller avec chiffrement du disque.",
     "ANSSI hygiene guide, measure 31"},
    {"os-supported", Severity::kBlocker, "os.support_days_left >= 0", "", 0,
     "The system still gets security updates",
     "Le système reçoit encore des mises à jour de sécurité", "Plan the system upgrade.",
     "Planifier la mise à niveau du système.", "ANSSI GNU/Linux guide, R61"},
    {"firewall-active", Severity::kDegrades, "firewall.enabled = true", "", 0, "The firewall is on",
     "Le pare-feu est actif", "Turn the firewall on.", "Activer le pare-feu.",
     "ANSSI hygiene guide, measure 17"},
    {"updates-security", Severity::kDegrades, "updates.security_pending = 0", "", 30 * kOneDay,
     "Security updates are installed within 30 days",
     "Les mises à jour de sécurité sont installées sous 30 jours", "Install updates and restart.",
     "Installer les mises à jour et redémarrer.", "ANSSI hygiene guide, measure 34"},
    {"updates-fresh", Severity::kDegrades, "updates.age_days < 7", "", 0,
     "Updates were looked for within 7 days",
     "Les mises à jour ont été recherchées depuis moins de 7 jours", "Run the update check.",
     "Lancer la recherche de mises à jour.", "ANSSI hygiene guide, measure 34"},
    {"reboot-required", Severity::kDegrades, "reboot_required = false", "", 7 * kOneDay,
     "No restart is waiting", "Aucun redémarrage n'est en attente", "Restart the laptop.",
     "Redémarrer le poste.", "ANSSI hygiene guide, measure 34"},
    {"disk-space", Severity::kDegrades, "disk.free_percent >= 5", "", 0, "The disk has free space",
     "Le disque a de la place libre", "Free disk space.", "Libérer de l'espace disque.", ""},
    {"secure-boot", Severity::kDegrades, "secure_boot = true", "secure_boot:*", 0,
     "Secure Boot is on", "Secure Boot est actif", "Enable Secure Boot in firmware.",
     "Activer Secure Boot dans le firmware.", "ANSSI GNU/Linux guide, R3"},
    {"tpm-present", Severity::kInfo, "tpm2 = true", "", 0, "A TPM 2.0 is present",
     "Un TPM 2.0 est présent", "Enable the TPM.", "Activer le TPM.", ""},
    {"kernel-uptime", Severity::kInfo, "os.uptime_hours < 720", "", 0,
     "The laptop was started within 30 days", "Le poste a démarré depuis moins de 30 jours",
     "Restart weekly.", "Redémarrer chaque semaine.", "ANSSI hygiene guide, measure 34"},
    {"battery-health", Severity::kInfo, "battery.health >= 60", "battery.health:*", 0,
     "The battery holds 60 % of its design charge", "La batterie garde 60 % de sa charge d'origine",
     "Order a battery.", "Commander une batterie.", ""},
    {"hw-identity", Severity::kInfo, "hardware.serial:*", "", 0,
     "The machine's serial number can be read", "Le numéro de série de la machine est lisible",
     "Contact IT: identity unreadable.", "Contacter la DSI : identité illisible.", ""},
};

}  // namespace

const Policy& DefaultPolicy() {
  static const Policy kPolicy = [] {
    std::vector<Check> checks;
    for (const Row& row : kRows) {
      Check check;
      check.id = row.id;
      check.severity = row.severity;
      check.expression = row.expression;
      check.applies = row.applies;
      check.grace = row.grace;
      check.title_en = row.title_en;
      check.title_fr = row.title_fr;
      check.remedy_en = row.remedy_en;
      check.remedy_fr = row.remedy_fr;
      check.source = row.source;
      checks.push_back(std::move(check));
    }
    return MakePolicy(1, kOneDay, std::move(checks)).value();
  }();
  return kPolicy;
}

}  // namespace parc::posture
