#pragma once

#include <array>
#include <string_view>

// Every key of parcd.toml: one declaration, from which the file's reader, the environment's names
// (`listen.agent` is PARC_LISTEN_AGENT) and `parcd config explain` are derived.
namespace parc::app {

enum class SettingKind { kText, kNumber, kList };

struct Setting {
  std::string_view key;  // "listen.agent": key `agent` of table `listen`
  SettingKind kind;
  std::string_view fallback;  // as one would write it in the environment; a list by commas
  std::string_view help;
};

inline constexpr auto kSettings = std::to_array<Setting>({
    {"state_dir", SettingKind::kText, "",
     "Where the database, the CA and the TLS files live (default: $XDG_STATE_HOME/parc, or "
     "/var/lib/parc for root)"},
    {"zone", SettingKind::kText, "Europe/Paris", "Time zone of civil dates"},
    {"log.level", SettingKind::kText, "info", "debug, info, warn or error"},
    {"log.format", SettingKind::kText, "text", "text or json"},
    {"listen.agent", SettingKind::kText, "127.0.0.1:8443",
     "Agents: gRPC, client certificate required; may face the Internet"},
    {"listen.gateway", SettingKind::kText, "127.0.0.1:8444",
     "Enrolment over HTTPS; empty: switched off"},
    {"listen.people", SettingKind::kText, "127.0.0.1:8445",
     "People: gRPC with API tokens; internal network only"},
    {"listen.metrics", SettingKind::kText, "127.0.0.1:8446",
     "Health and metrics over plain HTTP; a loopback address"},
    {"public.host_names", SettingKind::kList, "",
     "Names by which laptops and people reach this daemon; they stand in its certificate"},
    {"public.addresses", SettingKind::kList, "", "The same for IP addresses"},
    {"public.agent_endpoint", SettingKind::kText, "",
     "host:port where laptops report (default: the first name, or localhost, and the agent port)"},
    {"public.enrolment_endpoint", SettingKind::kText, "",
     "host:port that enrolment URLs name (default: the same with the gateway's port)"},
    {"ca.directory", SettingKind::kText, "",
     "root.pem, issuing.pem and issuing.key (default: <state_dir>/ca, made for a trial when it is "
     "missing)"},
    {"ca.trust_domain", SettingKind::kText, "parc", "Of the names in laptops' certificates"},
    {"ca.device_lifetime_seconds", SettingKind::kNumber, "5184000",
     "How long a laptop's certificate is valid; it is renewed after half of it, and a laptop that "
     "was away for longer is enrolled again"},
    {"checkin.interval_seconds", SettingKind::kNumber, "900", "Between two contacts of a laptop"},
    {"checkin.least_seconds", SettingKind::kNumber, "5",
     "What comes more often from one laptop, after 20 at once, is turned away; 0: nothing is"},
    {"readiness.stale_after_hours", SettingKind::kNumber, "0",
     "Without a report for so long, a verdict is STALE; 0: as the policy says"},
    {"alerts.ready_drop", SettingKind::kNumber, "20",
     "So many fewer READY laptops than alerts.window_minutes ago raise an alert; 0: never"},
    {"alerts.window_minutes", SettingKind::kNumber, "60",
     "What a drop of readiness is seen against"},
    {"alerts.application_laptops", SettingKind::kNumber, "20",
     "So many laptops that cannot reach one application raise an alert; 0: never"},
    {"alerts.certificate_laptops", SettingKind::kNumber, "20",
     "So many laptops whose VPN certificate ends within alerts.certificate_days raise an alert; 0: "
     "never"},
    {"alerts.certificate_days", SettingKind::kNumber, "14", "See alerts.certificate_laptops"},
    {"alerts.language", SettingKind::kText, "en", "Of the log and of mail: en or fr"},
    {"alerts.webhook_url", SettingKind::kText, "",
     "https://…: alerts are POSTed there as JSON; empty: nowhere"},
    {"alerts.webhook_secret_file", SettingKind::kText, "",
     "A file, for the daemon's user alone, whose text signs what is POSTed (HMAC-SHA256); empty: "
     "not "
     "signed"},
    {"alerts.webhook_ca_file", SettingKind::kText, "",
     "PEM of what the receiver's certificate must lead to; empty: what this system trusts"},
    {"alerts.mail_to", SettingKind::kList, "", "Who gets alerts by mail; empty: nobody"},
    {"alerts.mail_from", SettingKind::kText, "parcd@localhost", "The sender of that mail"},
    {"alerts.sendmail", SettingKind::kText, "/usr/sbin/sendmail",
     "The program that takes mail, run as `sendmail -t -i`"},
    {"backup.keep_days", SettingKind::kNumber, "35",
     "How long the daily copies in <state_dir>/backups are kept; 0: none are made"},
    {"storage.reserve_mib", SettingKind::kNumber, "64",
     "Held free on the disk, for revocations and renewals when it is full; 0: nothing"},
    {"limits.agent_connections", SettingKind::kNumber, "8192", "Connections of agents at once"},
    {"limits.agent_connections_per_address", SettingKind::kNumber, "1024",
     "Of one address; an office behind one address is one"},
    {"limits.gateway_connections", SettingKind::kNumber, "64", "Enrolments at once"},
    {"limits.gateway_connections_per_address", SettingKind::kNumber, "16", "Of one address"},
    {"limits.people_connections", SettingKind::kNumber, "256", "Connections of people at once"},
    {"limits.people_connections_per_address", SettingKind::kNumber, "64", "Of one address"},
    {"limits.queued_writes", SettingKind::kNumber, "4096",
     "Writes that may wait; more are turned away"},
    {"limits.reader_threads", SettingKind::kNumber, "2", "Threads that answer questions"},
});

}  // namespace parc::app
