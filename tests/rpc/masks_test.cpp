#include "daemon/rpc/masks.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <functional>
#include <memory>
#include <set>

#include "daemon/inventory/reason.h"
#include "daemon/rpc/methods.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/dynamic_message.h"
#include "parc/v1/devices.pb.h"
#include "parc/v1/fleet.pb.h"
#include "parc/v1/forecasts.pb.h"
#include "parc/v1/laptops.pb.h"
#include "parc/v1/orders.pb.h"
#include "parc/v1/people.pb.h"
#include "parc/v1/planning.pb.h"
#include "parc/v1/policies.pb.h"
#include "parc/v1/readiness.pb.h"
#include "parc/v1/reports.pb.h"
#include "parc/v1/tokens.pb.h"

namespace parc::rpc {
namespace {

using access::Role;
using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

void Collect(const Descriptor& type, std::set<std::string>& fields) {
  if (type.file()->package() != "parc.v1") return;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    if (!fields.insert(field->full_name()).second) continue;
    if (field->message_type() != nullptr && !field->is_map())
      Collect(*field->message_type(), fields);
  }
}

// Every field that an answer of the people port may hold.
std::set<std::string> AnsweredFields() {
  // Named, so that the linker keeps their files.
  for (const Descriptor* type :
       {v1::Laptop::descriptor(), v1::Person::descriptor(), v1::Order::descriptor(),
        v1::GetStatusResponse::descriptor(), v1::Device::descriptor(), v1::Token::descriptor(),
        v1::Forecast::descriptor(), v1::FlashReport::descriptor(), v1::Planning::descriptor(),
        v1::Policy::descriptor(), v1::ReadinessReport::descriptor()}) {
    REQUIRE(type != nullptr);
  }
  std::set<std::string> fields;
  for (const Method& row : PeopleMethods()) {
    std::string name(row.name.substr(1));
    name[name.find('/')] = '.';
    if (!name.starts_with("parc.")) continue;  // the standard services tell nothing of the fleet
    const auto* method = DescriptorPool::generated_pool()->FindMethodByName(name);
    REQUIRE(method != nullptr);
    Collect(*method->output_type(), fields);
  }
  return fields;
}

// Sets something in every field, one element in every list.
void Fill(Message& message) {
  const auto* reflection = message.GetReflection();
  const Descriptor* type = message.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        Fill(*(field->is_repeated() ? reflection->AddMessage(&message, field)
                                    : reflection->MutableMessage(&message, field)));
        break;
      case FieldDescriptor::CPPTYPE_STRING:
        if (field->is_repeated()) {
          reflection->AddString(&message, field, "x");
        } else {
          reflection->SetString(&message, field, "x");
        }
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        reflection->SetEnumValue(&message, field, 1);
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        reflection->SetBool(&message, field, true);
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        reflection->SetInt32(&message, field, 1);
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        reflection->SetInt64(&message, field, 1);
        break;
      default:
        break;
    }
  }
}

// Fields that are set, at any depth, by their full names.
void SetFields(const Message& message, std::set<std::string>& names) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    names.insert(field->full_name());
    if (field->message_type() == nullptr || field->is_map()) continue;
    if (field->is_repeated()) {
      SetFields(message.GetReflection()->GetRepeatedMessage(message, field, 0), names);
    } else {
      SetFields(message.GetReflection()->GetMessage(message, field), names);
    }
  }
}

}  // namespace

TEST_CASE("every field of an answer is classified: masked for some, or open to whoever may ask") {
  std::set<std::string> open;
  std::ifstream file("tests/rpc/golden/open_fields.txt");
  REQUIRE(file.good());
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line[0] != '#') open.insert(line);
  }
  const std::set<std::string> answered = AnsweredFields();
  std::set<std::string> masked;
  for (const MaskedField& field : MaskedFields()) masked.insert(std::string(field.field));
  for (const std::string& field : answered) {
    INFO(field << ": a new field? Put it into kMasked of masks.cpp, or into open_fields.txt");
    CHECK(open.contains(field) != masked.contains(field));
  }
  for (const auto* classified : {&open, &masked}) {
    for (const std::string& field : *classified) {
      INFO(field << " is no field of an answer any more");
      CHECK(answered.contains(field));
    }
  }
}

TEST_CASE("a role sees every field but those that it lacks the permission for") {
  const Message* const prototypes[] = {&v1::Laptop::default_instance(),
                                       &v1::ListLaptopsResponse::default_instance(),
                                       &v1::SwapLaptopResponse::default_instance(),
                                       &v1::ExplainLaptopResponse::default_instance(),
                                       &v1::ListEventsResponse::default_instance(),
                                       &v1::ReceiveLaptopsResponse::default_instance(),
                                       &v1::ListOrdersResponse::default_instance(),
                                       &v1::GetStatusResponse::default_instance(),
                                       &v1::FlashReport::default_instance()};
  for (const Role role : {Role::kAdmin, Role::kTechnician, Role::kProcurement, Role::kAuditor}) {
    for (const Message* prototype : prototypes) {
      INFO(access::RoleName(role) << ", " << prototype->GetTypeName());
      const std::unique_ptr<Message> message(prototype->New());
      Fill(*message);
      std::set<std::string> before;
      SetFields(*message, before);
      Mask(role, *message);
      std::set<std::string> after;
      SetFields(*message, after);
      for (const MaskedField& field : MaskedFields()) {
        const std::string name(field.field);
        if (before.contains(name)) {
          CHECK(after.contains(name) == access::Allowed(role, field.permission));
        }
      }
      if (role == Role::kAdmin) CHECK(before == after);
    }
  }
}

TEST_CASE("what is masked in answers cannot be filtered, sorted or asked for by facts") {
  using inventory::Resource;
  struct Row {
    Role role;
    const char* filter;
    const char* order;
    std::vector<std::string> fields;
    bool ok;
  };
  const Row rows[] = {
      {Role::kProcurement, "state = PREPARED AND price > 800", "", {}, true},
      {Role::kProcurement, "", "model, price desc", {}, true},
      {Role::kProcurement, "holder = p-1", "", {}, false},
      {Role::kProcurement, "NOT (model = x OR -holder.tier = 1)", "", {}, false},
      {Role::kProcurement, "", "last_seen desc", {}, false},
      {Role::kProcurement, "readiness = READY", "", {}, false},
      {Role::kProcurement, "", "", {"os.version"}, false},
      {Role::kAuditor, "readiness = READY AND os.version < 12", "", {"os.version"}, true},
      {Role::kAuditor, "", "", {"holder.name"}, false},
      {Role::kTechnician, "holder.name = x AND readiness = READY", "last_seen", {}, true},
      {Role::kTechnician, "price > 1", "", {}, false},
      {Role::kTechnician, "", "order_line", {}, false},
      {Role::kAdmin, "holder = x AND price > 1", "order_line, last_seen", {"holder.name"}, true},
  };
  for (const Row& row : rows) {
    INFO(access::RoleName(row.role) << ": " << row.filter << " / " << row.order);
    const absl::Status status =
        CheckFields(row.role, Resource::kLaptops, row.filter, row.order, row.fields);
    INFO(status);
    CHECK(status.ok() == row.ok);
    if (!row.ok) CHECK(ReasonOf(status) == "ROLE_DENIED");
  }
}

}  // namespace parc::rpc
