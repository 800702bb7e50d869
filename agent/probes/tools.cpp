#include "agent/probes/tools.h"

#include <algorithm>
#include <array>
#include <map>

namespace parc::agent {
namespace {

struct Tool {
  std::string_view tool;
  std::string_view package;
  std::string_view program;  // where no package manager can be asked; may be empty
};

// What an office works with. Packages of Debian, Ubuntu and Fedora and of the vendors themselves.
constexpr std::array<Tool, 36> kKnown = {{
    {"chrome", "google-chrome-stable", "usr/bin/google-chrome-stable"},
    {"chromium", "chromium", "usr/bin/chromium"},
    {"citrix-workspace", "icaclient", "opt/Citrix/ICAClient/wfica"},
    {"citrix-workspace", "ICAClient", ""},
    {"clamav", "clamav-freshclam", "usr/bin/freshclam"},
    {"clamav", "clamav-update", ""},
    {"edge", "microsoft-edge-stable", "usr/bin/microsoft-edge-stable"},
    {"element", "element-desktop", "usr/bin/element-desktop"},
    {"evolution", "evolution", "usr/bin/evolution"},
    {"firefox", "firefox", "usr/bin/firefox"},
    {"firefox", "firefox-esr", "usr/bin/firefox-esr"},
    {"freerdp", "freerdp2-x11", "usr/bin/xfreerdp"},
    {"freerdp", "freerdp", ""},
    {"horizon", "vmware-horizon-client", "usr/bin/vmware-view"},
    {"keepassxc", "keepassxc", "usr/bin/keepassxc"},
    {"libreoffice", "libreoffice-core", "usr/bin/soffice"},
    {"networkmanager", "network-manager", "usr/sbin/NetworkManager"},
    {"networkmanager", "NetworkManager", ""},
    {"nextcloud", "nextcloud-desktop", "usr/bin/nextcloud"},
    {"nextcloud", "nextcloud-client", ""},
    {"onedrive", "onedrive", "usr/bin/onedrive"},
    {"onlyoffice", "onlyoffice-desktopeditors", "usr/bin/onlyoffice-desktopeditors"},
    {"openconnect", "openconnect", "usr/sbin/openconnect"},
    {"openfortivpn", "openfortivpn", "usr/bin/openfortivpn"},
    {"openvpn", "openvpn", "usr/sbin/openvpn"},
    {"remmina", "remmina", "usr/bin/remmina"},
    {"strongswan", "strongswan-starter", "usr/sbin/ipsec"},
    {"strongswan", "strongswan", ""},
    {"teams", "teams", "usr/bin/teams"},
    {"teams", "teams-for-linux", "usr/bin/teams-for-linux"},
    {"thunderbird", "thunderbird", "usr/bin/thunderbird"},
    {"webex", "webex", "opt/Webex/bin/CiscoCollabHost"},
    {"wireguard", "wireguard-tools", "usr/bin/wg"},
    {"zoom", "zoom", "usr/bin/zoom"},
    {"ansible", "ansible-core", ""},
    {"openssh-server", "openssh-server", "usr/sbin/sshd"},
}};

}  // namespace

std::string ToolOfPackage(std::string_view package, const World& world) {
  for (const Tool& known : kKnown) {
    if (known.package == package) return std::string(known.tool);
  }
  const bool named =
      std::find(world.tools.begin(), world.tools.end(), package) != world.tools.end();
  return named ? std::string(package) : std::string();
}

std::optional<v1::Tools> ProbeTools(const World& world, const InstalledPackages& packages,
                                    Notes& notes) {
  if (!packages.failure.ok()) {
    notes.Unreadable("tools.installed", packages.failure);
    notes.Unreadable("tools.versions", packages.failure);
    return std::nullopt;
  }
  if (!packages.known && !world.root.Exists("usr/bin")) return std::nullopt;
  std::map<std::string, std::string> found;
  for (const auto& [package, version] : packages.versions) {
    if (std::string tool = ToolOfPackage(package, world); !tool.empty()) {
      found.emplace(std::move(tool), version);
    }
  }
  if (!packages.known) {
    for (const Tool& known : kKnown) {
      if (!known.program.empty() && world.root.Exists(known.program)) {
        found.emplace(known.tool, "");
      }
    }
  }
  v1::Tools tools;
  for (const auto& [name, version] : found) {
    v1::Tool& tool = *tools.add_tools();
    tool.set_name(name);
    tool.set_version(version);
  }
  return tools;
}

}  // namespace parc::agent
