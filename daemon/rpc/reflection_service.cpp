#include "daemon/rpc/reflection_service.h"

#include <set>

#include "daemon/inventory/reason.h"
#include "daemon/inventory/try.h"
#include "daemon/rpc/status_details.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "grpc/reflection/v1alpha/reflection.pb.h"

namespace parc::rpc {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;
// The bytes of v1 are those of v1alpha.
using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;

using ServiceNames = std::shared_ptr<const std::vector<std::string>>;

// The file, and before it all that it imports, each once.
void AddFile(const FileDescriptor& file, std::set<const FileDescriptor*>& seen,
             grpc::reflection::v1::FileDescriptorResponse& response) {
  if (!seen.insert(&file).second) return;
  google::protobuf::FileDescriptorProto proto;
  file.CopyTo(&proto);
  response.add_file_descriptor_proto(proto.SerializeAsString());
  for (int i = 0; i < file.dependency_count(); ++i) AddFile(*file.dependency(i), seen, response);
}

void PutFile(const FileDescriptor* file, ServerReflectionResponse& response) {
  if (file == nullptr) {
    auto* error = response.mutable_error_response();
    error->set_error_code(static_cast<int>(absl::StatusCode::kNotFound));
    error->set_error_message("There is no such file or symbol here.");
    return;
  }
  std::set<const FileDescriptor*> seen;
  AddFile(*file, seen, *response.mutable_file_descriptor_response());
}

ServerReflectionResponse Reflect(const ServerReflectionRequest& request,
                                 const std::vector<std::string>& services) {
  const DescriptorPool& pool = *DescriptorPool::generated_pool();
  ServerReflectionResponse response;
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  switch (request.message_request_case()) {
    case ServerReflectionRequest::kListServices:
      for (const std::string& name : services) {
        response.mutable_list_services_response()->add_service()->set_name(name);
      }
      break;
    case ServerReflectionRequest::kFileByFilename:
      PutFile(pool.FindFileByName(request.file_by_filename()), response);
      break;
    case ServerReflectionRequest::kFileContainingSymbol:
      PutFile(pool.FindFileContainingSymbol(request.file_containing_symbol()), response);
      break;
    default: {  // proto3 has no extensions to ask for
      auto* error = response.mutable_error_response();
      error->set_error_code(static_cast<int>(absl::StatusCode::kUnimplemented));
      error->set_error_message("Ask for services, files or symbols.");
    }
  }
  return response;
}

class ReflectionCall final : public Call,
                             public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  ReflectionCall(std::shared_ptr<CallPath> path, const Method& method,
                 grpc::CallbackServerContext& context, ServiceNames services)
      : Call(std::move(path), method, context), services_(std::move(services)) {}

  void Start() {
    self_ = std::static_pointer_cast<ReflectionCall>(shared_from_this());
    const std::shared_ptr<ReflectionCall> alive = self_;
    if (const absl::Status status = Enter(); !status.ok()) {
      Answer(status);
    } else {
      StartRead(&request_);
    }
  }

 private:
  void OnReadDone(bool ok) override {
    const std::shared_ptr<ReflectionCall> alive = self_;
    ServerReflectionRequest request;
    if (!ok) {
      Answer(absl::OkStatus());
    } else if (const absl::Status status = Parse(request_, request); !status.ok()) {
      Answer(status);
    } else {
      response_ = ToBytes(Reflect(request, *services_));
      StartWrite(&response_);
    }
  }
  void OnWriteDone(bool ok) override {
    const std::shared_ptr<ReflectionCall> alive = self_;
    if (ok) {
      StartRead(&request_);
    } else {
      Answer(absl::CancelledError("The client gave up."));
    }
  }
  void Send(const grpc::Status& status, const grpc::ByteBuffer*) override { Finish(status); }
  void OnCancel() override { NoteCancel(); }
  void OnDone() override { self_.reset(); }

  const ServiceNames services_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  std::shared_ptr<ReflectionCall> self_;  // until gRPC is done with the call
};

}  // namespace

void RegisterReflection(Handlers& handlers, std::vector<std::string> services) {
  // Nothing else names v1alpha, and the linker leaves out what nobody names, descriptors included.
  (void)grpc::reflection::v1alpha::ServerReflectionRequest::descriptor();
  const auto names = std::make_shared<const std::vector<std::string>>(std::move(services));
  const auto open = [names](const std::shared_ptr<CallPath>& path, const Method& method,
                            grpc::CallbackServerContext& context)
      -> grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* {
    const auto call = std::make_shared<ReflectionCall>(path, method, context, names);
    call->Start();
    return call.get();
  };
  handlers.Bidi("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", open);
  handlers.Bidi("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", open);
}

}  // namespace parc::rpc
