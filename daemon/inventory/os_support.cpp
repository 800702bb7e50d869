#include "daemon/inventory/os_support.h"

#include "daemon/inventory/civil_date.h"

namespace parc::inventory {
namespace {

constexpr std::int64_t kDay = std::int64_t{86'400} * 1'000'000;

struct Release {
  std::string_view id;
  std::string_view version;
  CivilDate last_day;
};

// Debian: end of LTS; Ubuntu: end of standard support (both as in Debian's distro-info-data);
// others: end of maintenance. The default policy's version rises with every change here, so that
// stored verdicts are judged again.
constexpr Release kReleases[] = {
    {"debian", "8", {2020, 6, 30}},     {"debian", "9", {2022, 6, 30}},
    {"debian", "10", {2024, 6, 30}},    {"debian", "11", {2026, 8, 31}},
    {"debian", "12", {2028, 6, 30}},    {"debian", "13", {2030, 6, 30}},
    {"ubuntu", "14.04", {2019, 4, 25}}, {"ubuntu", "16.04", {2021, 4, 30}},
    {"ubuntu", "18.04", {2023, 5, 31}}, {"ubuntu", "18.10", {2019, 7, 18}},
    {"ubuntu", "19.04", {2020, 1, 23}}, {"ubuntu", "19.10", {2020, 7, 17}},
    {"ubuntu", "20.04", {2025, 5, 29}}, {"ubuntu", "20.10", {2021, 7, 22}},
    {"ubuntu", "21.04", {2022, 1, 20}}, {"ubuntu", "21.10", {2022, 7, 14}},
    {"ubuntu", "22.04", {2027, 6, 1}},  {"ubuntu", "22.10", {2023, 7, 20}},
    {"ubuntu", "23.04", {2024, 1, 25}}, {"ubuntu", "23.10", {2024, 7, 11}},
    {"ubuntu", "24.04", {2029, 5, 31}}, {"ubuntu", "24.10", {2025, 7, 10}},
    {"ubuntu", "25.04", {2026, 1, 15}}, {"ubuntu", "25.10", {2026, 7, 9}},
    {"ubuntu", "26.04", {2031, 5, 29}}, {"linuxmint", "20", {2025, 4, 30}},
    {"linuxmint", "21", {2027, 4, 30}}, {"linuxmint", "22", {2029, 4, 30}},
    {"fedora", "38", {2024, 5, 21}},    {"fedora", "39", {2024, 11, 26}},
    {"fedora", "40", {2025, 5, 13}},    {"fedora", "41", {2025, 12, 15}},
    {"rhel", "7", {2024, 6, 30}},       {"rhel", "8", {2029, 5, 31}},
    {"rhel", "9", {2032, 5, 31}},       {"rhel", "10", {2035, 5, 31}},
    {"centos", "7", {2024, 6, 30}},     {"almalinux", "8", {2029, 3, 1}},
    {"almalinux", "9", {2032, 5, 31}},  {"rocky", "8", {2029, 5, 31}},
    {"rocky", "9", {2032, 5, 31}},
};

bool IsOf(std::string_view version, std::string_view release) {
  return version == release ||
         (version.starts_with(release) && version.substr(release.size()).starts_with('.'));
}

}  // namespace

std::optional<std::int64_t> SupportEnds(std::string_view id, std::string_view version) {
  for (const Release& release : kReleases) {
    if (release.id == id && IsOf(version, release.version)) {
      return (ToDays(release.last_day) + 1) * kDay - 1;
    }
  }
  return std::nullopt;
}

}  // namespace parc::inventory
