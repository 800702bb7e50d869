#include "daemon/rpc/import_call.h"

#include <atomic>
#include <memory>

#include "daemon/access/digest.h"
#include "daemon/fleet/import.h"
#include "daemon/fleet/world.h"
#include "daemon/inventory/reason.h"
#include "daemon/rpc/convert_common.h"
#include "daemon/rpc/convert_fleet.h"
#include "daemon/rpc/status_details.h"
#include "grpc/support/time.h"
#include "grpcpp/alarm.h"
#include "parc/v1/fleet.pb.h"

namespace parc::rpc {
namespace {

using access::Permission;
using google::protobuf::Message;

constexpr std::size_t kMaxChunk = 256u << 10;
constexpr std::size_t kMaxFile = 128u << 20;
// Whole files are kept in memory until they are applied: up to 320 MiB while one is decoded.
constexpr int kMaxImports = 1;

absl::Status Invalid(std::string_view reason, std::string_view message, std::string_view field) {
  return Refuse(absl::StatusCode::kInvalidArgument, reason, message, field);
}

// What an importer of `role` may not touch. Who may not see a value cannot set it either.
fleet::BarredFields BarredFor(access::Role role, fleet::ImportKind kind) {
  fleet::BarredFields barred;
  const bool equipment = kind == fleet::ImportKind::kLaptops || kind == fleet::ImportKind::kOrders;
  if (equipment && !access::Allowed(role, Permission::kReadProcurement)) {
    barred.insert(barred.end(), {"price", "currency", "order_line"});
  }
  if (kind == fleet::ImportKind::kLaptops && !access::Allowed(role, Permission::kReadPeople)) {
    barred.insert(barred.end(), {"holder", "extra"});
  }
  return barred;
}

// What a stream of ImportFileRequest brought.
struct Upload {
  parc::v1::ImportHeader header;
  fleet::ImportKind kind = fleet::ImportKind::kPeople;
  fleet::Encoding encoding = fleet::Encoding::kAuto;
  std::string bytes;
  std::vector<fleet::WorldFile> files;  // of a world; then `bytes` stays empty
};

class ImportCall final : public Call, public grpc::ServerReadReactor<grpc::ByteBuffer> {
 public:
  ImportCall(std::shared_ptr<People> people, std::shared_ptr<CallPath> path, const Method& method,
             grpc::CallbackServerContext& context, grpc::ByteBuffer& response)
      : Call(std::move(path), method, context), people_(std::move(people)), response_(response) {}

  ~ImportCall() override { LeaveSlot(); }

  void Start() {
    self_ = std::static_pointer_cast<ImportCall>(shared_from_this());
    const std::shared_ptr<ImportCall> alive = self_;
    if (const absl::Status status = Enter(); !status.ok()) {
      Answer(status);
    } else {
      ReadNext();
    }
  }

 private:
  void ReadNext() {
    // A client that opens a stream and says no more keeps others from importing: not for long.
    idle_ = std::make_unique<grpc::Alarm>();
    idle_->Set(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                            gpr_time_from_millis(people_->parts.import_idle.count(), GPR_TIMESPAN)),
               [call = weak_from_this()](bool expired) {
                 if (!expired) return;
                 if (const auto alive = call.lock()) alive->Answer(TooQuiet());
               });
    StartRead(&message_);
  }

  static absl::Status TooQuiet() {
    return Refuse(absl::StatusCode::kDeadlineExceeded, "IMPORT_IDLE",
                  "The file did not arrive: nothing came for too long. Send it again.");
  }

  // From the first bytes of the file, which are kept in memory, until the answer.
  absl::Status TakeSlot() {
    if (in_slot_.exchange(true)) return absl::OkStatus();
    if (people_->imports.fetch_add(1, std::memory_order_relaxed) >= kMaxImports) {
      return Refuse(absl::StatusCode::kResourceExhausted, "BUSY",
                    "Another file is being imported; try again later.");
    }
    return absl::OkStatus();
  }

  void LeaveSlot() {
    if (in_slot_.exchange(false)) people_->imports.fetch_sub(1, std::memory_order_relaxed);
  }

  void OnReadDone(bool ok) override {
    const std::shared_ptr<ImportCall> alive = self_;
    idle_.reset();
    if (!ok) {
      if (const absl::Status status = Apply(); !status.ok()) Answer(status);
    } else if (const absl::Status status = Take(); !status.ok()) {
      Answer(status);
    } else if (Wanted()) {
      ReadNext();
    }
  }

  absl::Status Take() {
    parc::v1::ImportFileRequest part;
    PARC_TRY(Parse(message_, part));
    if (part.has_header()) return TakeHeader(part.header());
    if (!has_header_) return Invalid("BAD_IMPORT", "The header comes first.", "header");
    if (!part.next_file().empty()) return BeginFile(part.next_file());
    if (part.chunk().size() > kMaxChunk) {
      return Invalid("CHUNK_TOO_LARGE", "A chunk has at most 256 KiB.", "chunk");
    }
    size_ += part.chunk().size();
    if (size_ > kMaxFile) {
      return Invalid("FILE_TOO_LARGE", "A file has at most 128 MiB.", "chunk");
    }
    if (!Wanted()) return absl::CancelledError("The call is over.");
    PARC_TRY(TakeSlot());
    if (upload_.kind != fleet::ImportKind::kWorld) {
      upload_.bytes += part.chunk();
    } else if (upload_.files.empty()) {
      return Invalid("BAD_IMPORT", "Of a world, the name of a file comes before its bytes.",
                     "next_file");
    } else {
      upload_.files.back().bytes += part.chunk();
    }
    return absl::OkStatus();
  }

  absl::Status BeginFile(const std::string& name) {
    constexpr std::size_t kMostFiles = 32;  // a world has nine
    if (upload_.kind != fleet::ImportKind::kWorld || upload_.files.size() == kMostFiles) {
      return Invalid("BAD_IMPORT", "Only a world has more than one file, and it has nine.",
                     "next_file");
    }
    upload_.files.push_back({Shown(name), {}});
    return absl::OkStatus();
  }

  absl::Status TakeHeader(const parc::v1::ImportHeader& header) {
    if (has_header_) return Invalid("BAD_IMPORT", "There is one header only.", "header");
    has_header_ = true;
    upload_.header = header;
    PARC_ASSIGN(upload_.kind, ImportKindFrom(header.kind()));
    PARC_ASSIGN(upload_.encoding, EncodingFrom(header.encoding()));
    using fleet::ImportKind;
    const ImportKind kind = upload_.kind;
    const bool world = kind == ImportKind::kWorld;
    if (kind == ImportKind::kPeople || world)
      PARC_TRY(access::Require(person().role, Permission::kReadPeople));
    if (kind == ImportKind::kOrders || kind == ImportKind::kReceipts || world)
      PARC_TRY(access::Require(person().role, Permission::kChangeProcurement));
    if (kind == ImportKind::kOrders || kind == ImportKind::kReceipts) return absl::OkStatus();
    return access::Require(person().role, Permission::kChangeFleet);
  }

  // The client has sent everything. Reading 128 MiB takes seconds: not on gRPC's thread.
  absl::Status Apply() {
    if (!Wanted() || server_context().IsCancelled()) {
      return absl::CancelledError("The client gave up.");
    }
    if (!has_header_) return Invalid("BAD_IMPORT", "The header is missing.", "header");
    return people_->files->Submit([call = self_] {
      if (const absl::Status status = call->ReadAndSubmit(); !status.ok()) call->Answer(status);
    });
  }

  absl::Status ReadAndSubmit() {
    if (upload_.kind == fleet::ImportKind::kWorld) return ReadAndSubmitWorld();
    const parc::v1::ImportHeader& header = upload_.header;
    std::string digest = access::Sha256(header.SerializeAsString() + access::Sha256(upload_.bytes));
    PARC_ASSIGN(fleet::ImportFile file,
                fleet::ReadImportFile(upload_.kind, std::move(upload_.bytes), upload_.encoding));
    const std::size_t bytes = file.text.size();
    const bool dry = header.options().validate_only();
    return SubmitRead(std::move(digest), bytes,
                      [file = std::make_shared<fleet::ImportFile>(std::move(file)),
                       partial = header.partial(), barred = BarredFor(person().role, upload_.kind),
                       dry](Edit& edit) -> absl::StatusOr<std::string> {
                        PARC_ASSIGN(fleet::ImportResult result,
                                    edit.change.Import(*file, partial, barred));
                        result.applied = result.applied && !dry;
                        return ToProto(result).SerializeAsString();
                      });
  }

  absl::Status ReadAndSubmitWorld() {
    std::string digests = upload_.header.SerializeAsString();
    for (const fleet::WorldFile& file : upload_.files)
      digests += file.name + "\n" + access::Sha256(file.bytes);
    PARC_ASSIGN(fleet::World world, fleet::ReadWorld(std::move(upload_.files)));
    const bool dry = upload_.header.options().validate_only();
    return SubmitRead(access::Sha256(digests), size_,
                      [world = std::make_shared<fleet::World>(std::move(world)),
                       dry](Edit& edit) -> absl::StatusOr<std::string> {
                        PARC_ASSIGN(fleet::ImportResult result, edit.change.ImportWorld(*world));
                        result.applied = result.applied && !dry;
                        return ToProto(result).SerializeAsString();
                      });
  }

  absl::Status SubmitRead(std::string digest, std::size_t bytes, MakeChange make) {
    return SubmitChange(
        people_, shared_from_this(), upload_.header.options(),
        {.body_digest = std::move(digest),
         .make = std::move(make),
         .answer =
             [call = shared_from_this()](const std::string& answer, const std::string&) {
               parc::v1::ImportFileResponse response;
               response.ParseFromString(answer);
               call->Answer(response);
             },
         .bytes = bytes});
  }

  void Send(const grpc::Status& status, const grpc::ByteBuffer* response) override {
    if (response != nullptr) response_ = *response;
    LeaveSlot();  // before the client can know: its next file finds the place free
    Finish(status);
  }
  void OnCancel() override { NoteCancel(); }
  void OnDone() override { self_.reset(); }

  const std::shared_ptr<People> people_;
  grpc::ByteBuffer& response_;
  grpc::ByteBuffer message_;
  Upload upload_;
  std::size_t size_ = 0;  // of all chunks
  bool has_header_ = false;
  std::atomic<bool> in_slot_{false};
  std::unique_ptr<grpc::Alarm> idle_;  // while a read is under way
  std::shared_ptr<ImportCall> self_;   // until gRPC is done with the call
};

}  // namespace

grpc::ServerReadReactor<grpc::ByteBuffer>* StartImport(const std::shared_ptr<People>& people,
                                                       const std::shared_ptr<CallPath>& path,
                                                       const Method& method,
                                                       grpc::CallbackServerContext& context,
                                                       grpc::ByteBuffer& response) {
  const auto call = std::make_shared<ImportCall>(people, path, method, context, response);
  call->Start();
  return call.get();
}

}  // namespace parc::rpc
