#include <algorithm>

#include "daemon/fleet/world.h"
#include "daemon/inventory/reason.h"
#include "daemon/rpc/convert_common.h"
#include "daemon/rpc/convert_fleet.h"
#include "daemon/rpc/import_call.h"
#include "daemon/rpc/masks.h"
#include "daemon/rpc/people_handlers.h"
#include "daemon/rpc/status_details.h"
#include "fmt/format.h"
#include "parc/v1/fleet.pb.h"

namespace parc::rpc {
namespace {

constexpr std::size_t kMaxFileName = 128;

absl::StatusOr<v1::GetStatusResponse> GetStatus(const Question& question,
                                                const v1::GetStatusRequest& request) {
  PARC_TRY(CheckTotalsFilter(question.role(), request.filter()));
  PARC_ASSIGN(const inventory::Moment moment, MomentFrom(request.moment()));
  PARC_ASSIGN(const fleet::Status status, question.view.GetStatus(request.filter(), moment));
  return ToProto(status);
}

absl::Status ListFields(const std::shared_ptr<Call>& call, const grpc::ByteBuffer& bytes) {
  v1::ListFieldsRequest request;
  PARC_TRY(Parse(bytes, request));
  v1::ListFieldsResponse response;
  for (const inventory::Field& field : inventory::Fields()) {
    const bool wanted =
        request.resource().empty() || inventory::ToString(field.resource) == request.resource();
    if (!wanted) continue;
    v1::Field& wire = *response.add_fields();
    wire = ToProto(field);
    wire.set_masked(!MayLookAt(call->person().role, field.id));
  }
  if (response.fields().empty()) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_RESOURCE",
                  fmt::format("resource: \"{}\" is none of laptops, people, orders, devices, sites",
                              Shown(request.resource())),
                  "resource");
  }
  call->Answer(response);
  return absl::OkStatus();
}

// One file at a time, and of it one chunk: each is made anew, for the same moment.
absl::StatusOr<v1::ExportWorldResponse> ExportWorld(const Question& question,
                                                    const v1::ExportWorldRequest& request) {
  constexpr std::size_t kChunk = 1u << 20;
  PARC_TRY(access::Require(question.role(), access::Permission::kReadPeople));
  PARC_ASSIGN(inventory::Moment moment, MomentFrom(request.moment()));
  if (!moment.as_of.has_value()) moment.as_of = question.view.context().today;
  if (!moment.known_at.has_value()) moment.known_at = question.view.context().now;
  fleet::WorldExport options;
  options.id = request.world_id();
  if (request.horizon_days() != 0) options.horizon_days = request.horizon_days();
  if (request.step_days() != 0) options.step_days = request.step_days();
  PARC_ASSIGN(const auto files, fleet::ExportWorld(question.view, options, moment));
  const auto file = std::ranges::find(files, request.file_name(), &fleet::WorldFile::name);
  const auto offset = static_cast<std::size_t>(request.offset());
  if (file == files.end() || request.offset() < 0 || offset > file->bytes.size()) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_FILE_NAME",
                  fmt::format("file_name: \"{}\" is no file of a world, or ends before the offset",
                              Shown(request.file_name())),
                  "file_name");
  }
  v1::ExportWorldResponse response;
  response.set_chunk(file->bytes.substr(offset, kChunk));
  response.set_size_bytes(static_cast<std::int64_t>(file->bytes.size()));
  *response.mutable_moment()->mutable_as_of_date() = ToProto(*moment.as_of);
  *response.mutable_moment()->mutable_known_at_time() = TimeToProto(*moment.known_at);
  return response;
}

bool IsFileName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxFileName && name.front() != '.' &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '-' || c == '_';
         });
}

absl::Status CreateBackup(People& people, const std::shared_ptr<Call>& call,
                          const grpc::ByteBuffer& bytes) {
  v1::CreateBackupRequest request;
  PARC_TRY(Parse(bytes, request));
  if (!IsFileName(request.file_name())) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_FILE_NAME",
                  "file_name: give a name of letters, digits, dots, dashes and underscores, "
                  "without a folder",
                  "file_name");
  }
  const std::filesystem::path path = people.parts.backup_directory / request.file_name();
  return people.files->Submit([call, path, backup = people.parts.backup] {
    const absl::StatusOr<std::int64_t> size = backup(path);
    if (!size.ok()) return call->Answer(size.status());
    v1::CreateBackupResponse response;
    response.set_path(path.string());
    response.set_size_bytes(*size);
    *response.mutable_create_time() = TimeToProto(call->now());
    call->Answer(response);
  });
}

}  // namespace

void RegisterFleet(PeopleHandlers& handlers) {
  handlers.Ask("/parc.v1.FleetService/GetStatus", GetStatus);
  handlers.Ask("/parc.v1.FleetService/ExportWorld", ExportWorld);
  handlers.handlers().Unary("/parc.v1.FleetService/ListFields", ListFields);
  handlers.handlers().Unary("/parc.v1.FleetService/CreateBackup",
                            [people = handlers.people()](const std::shared_ptr<Call>& call,
                                                         const grpc::ByteBuffer& bytes) {
                              return CreateBackup(*people, call, bytes);
                            });
  handlers.handlers().ClientStream(
      "/parc.v1.FleetService/ImportFile",
      [people = handlers.people()](const std::shared_ptr<CallPath>& path, const Method& method,
                                   grpc::CallbackServerContext& context,
                                   grpc::ByteBuffer& response) {
        return StartImport(people, path, method, context, response);
      });
}

}  // namespace parc::rpc
