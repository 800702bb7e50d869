#include "absl/strings/numbers.h"
#include "client/answer.h"
#include "client/commands/laptop_fields.h"
#include "client/commands/make.h"
#include "client/commands/server_fields.h"
#include "client/connection.h"
#include "client/proto_text.h"
#include "client/render/record.h"
#include "client/render/width.h"
#include "fmt/format.h"
#include "parc/v1/laptops.grpc.pb.h"

namespace parc::client {
namespace {

class LaptopShow final : public Command {
 public:
  void Declare(Options& options) override {
    options.Positional("LAPTOP", laptop_, {"Asset tag or serial", "Étiquette ou numéro de série"});
    moment_.Declare(options);
    format_.Declare(options);
  }

  absl::Status Run(Session& session) override {
    PARC_ASSIGN(Connection * connection, session.Connect());
    v1::GetLaptopRequest request;
    request.set_name(NameIn("laptops", laptop_));
    PARC_TRY(moment_.Fill(session, *request.mutable_moment()));
    PARC_ASSIGN(const v1::Laptop laptop,
                connection->Read(&v1::LaptopService::Stub::GetLaptop, request));
    if (format_.json()) {
      WriteJson(session, laptop);
      return absl::OkStatus();
    }
    const std::vector<render::RecordGroup> groups = {
        RecordGroup(session, laptop), ExtraGroup(session, laptop), FactGroup(session, laptop)};
    session.terminal().Write(
        render::Record(groups, session.terminal().width(), session.terminal().colour()));
    return absl::OkStatus();
  }

 private:
  static render::RecordGroup RecordGroup(const Session& session, const v1::Laptop& laptop) {
    render::RecordGroup group;
    for (const LaptopField& field : LaptopFields()) {
      if (field.name == "currency") continue;  // beside the price
      render::Value value = field.get(laptop);
      value.kind = field.kind;
      std::string text = render::ForTable(value, session.language());
      if (field.name == "price" && !text.empty()) {
        text += " " + render::Printable(laptop.price().currency_code());
      }
      group.rows.emplace_back(session.Say(field.header),
                              render::Cell{std::move(text), value.style});
    }
    return group;
  }

  static render::RecordGroup ExtraGroup(const Session& session, const v1::Laptop& laptop) {
    render::RecordGroup group{.title = std::string(session.Say({"Also imported", "Aussi importé"})),
                              .rows = {}};
    for (const auto& [name, value] : laptop.extra()) {
      group.rows.emplace_back(render::ForTable({{}, name}, session.language()),
                              render::Cell{render::ForTable({{}, value}, session.language())});
    }
    std::sort(group.rows.begin(), group.rows.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    return group;
  }

  // In the order of the catalogue, which keeps together what belongs together.
  static render::RecordGroup FactGroup(Session& session, const v1::Laptop& laptop) {
    render::RecordGroup group{
        .title =
            std::string(session.Say({"Facts of the newest report", "Faits du dernier rapport"})),
        .rows = {}};
    if (laptop.facts().empty()) return group;
    const auto fields = ServerFields(session, "laptops");
    if (!fields.ok()) return group;
    for (const ServerField& field : *fields) {
      const auto found = laptop.facts().find(field.name);
      if (found == laptop.facts().end()) continue;
      group.rows.emplace_back(field.name, render::Cell{FactText(session, field, found->second)});
    }
    return group;
  }

  static std::string FactText(const Session& session, const ServerField& field,
                              const std::string& value) {
    const bool bytes = field.name.size() > 5 && field.name.substr(field.name.size() - 5) == "bytes";
    std::int64_t number = 0;
    if (bytes && absl::SimpleAtoi(value, &number)) return render::Bytes(number, session.language());
    return render::ForTable({field.kind, value}, session.language());
  }

  std::string laptop_;
  MomentFlags moment_;
  FormatFlag format_;
};

}  // namespace

std::unique_ptr<Command> MakeLaptopShow() { return std::make_unique<LaptopShow>(); }

}  // namespace parc::client
