#pragma once

#include <sys/types.h>

#include <filesystem>
#include <set>
#include <string>

#include "parc/v1/people.grpc.pb.h"
#include "tests/app/running_parcd.h"

// What the tests of the daemon ask of it, and of its files.
namespace parc::app {

bool Holds(const std::string& text, const std::string& part);

// The permission bits; 0 when there is nothing.
mode_t ModeOf(const std::filesystem::path& path);

// The answer of the port of metrics, head and all.
std::string Get(const Parcd& parcd, const std::string& path);

// Whether the API answers an authenticated call.
bool Answers(const Parcd& parcd);

grpc::Status CreateSite(v1::SiteService::Stub& stub, const std::string& code);

// Those of every page.
std::set<std::string> SiteCodes(const Parcd& parcd);

// By SIGTERM; the exit code.
int StopGently(Parcd& parcd);

// In the database of a daemon that is stopped.
void ExecuteSql(const std::filesystem::path& file, const std::string& sql);

}  // namespace parc::app
