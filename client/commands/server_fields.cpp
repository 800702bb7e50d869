#include "client/commands/server_fields.h"

#include "client/connection.h"
#include "parc/v1/fleet.grpc.pb.h"

namespace parc::client {
namespace {

render::Kind KindOf(const std::string& kind) {
  if (kind == "int") return render::Kind::kNumber;
  if (kind == "bool") return render::Kind::kBool;
  if (kind == "date") return render::Kind::kDate;
  if (kind == "time") return render::Kind::kTime;
  if (kind == "list") return render::Kind::kList;
  return render::Kind::kText;
}

}  // namespace

absl::StatusOr<std::vector<ServerField>> ServerFields(Session& session,
                                                      const std::string& resource) {
  PARC_ASSIGN(Connection * connection, session.Connect());
  v1::ListFieldsRequest request;
  request.set_resource(resource);
  PARC_ASSIGN(const v1::ListFieldsResponse response,
              connection->Read(&v1::FleetService::Stub::ListFields, request));
  std::vector<ServerField> fields;
  for (const v1::Field& field : response.fields()) {
    fields.push_back({field.name(), KindOf(field.kind()), field.masked()});
  }
  return fields;
}

}  // namespace parc::client
