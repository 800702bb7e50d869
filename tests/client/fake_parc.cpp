#include "tests/client/fake_parc.h"

#include <chrono>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "tests/client/test_certificate.h"

namespace parc::client {
namespace {

constexpr int kLargestPage = 100;

grpc::Status Refusal(grpc::StatusCode code, const std::string& reason, const std::string& message,
                     const std::map<std::string, std::string>& metadata = {}) {
  google::rpc::ErrorInfo info;
  info.set_domain("parc");
  info.set_reason(reason);
  for (const auto& [key, value] : metadata) (*info.mutable_metadata())[key] = value;
  google::rpc::Status status;
  status.set_code(code);
  status.set_message(message);
  status.add_details()->PackFrom(info);
  return grpc::Status(code, message, status.SerializeAsString());
}

// The one filter that the fake knows, `state = WORD`, and the mistakes it tells.
grpc::Status CheckFilter(const std::string& filter) {
  const std::size_t wrong = filter.find("PREPRED");
  if (wrong == std::string::npos) return grpc::Status::OK;
  std::size_t column = 1;  // in characters
  for (std::size_t i = 0; i < wrong; ++i) {
    if ((static_cast<unsigned char>(filter[i]) & 0xC0) != 0x80) ++column;
  }
  return Refusal(grpc::StatusCode::INVALID_ARGUMENT, "BAD_FILTER",
                 "\"PREPRED\" is no value of state; did you mean PREPARED?",
                 {{"column", std::to_string(column)}, {"suggestion", "PREPARED"}});
}

std::string TagOf(const std::string& name) { return name.substr(name.find('/') + 1); }

}  // namespace

grpc::Status FakeParc::Enter(const grpc::ServerContext& context) {
  ++calls_;
  const auto header = context.client_metadata().find("authorization");
  const std::string expected = std::string("Bearer ") + kToken;
  if (header == context.client_metadata().end() ||
      std::string(header->second.data(), header->second.size()) != expected) {
    return Refusal(grpc::StatusCode::UNAUTHENTICATED, "TOKEN_REJECTED", "the token is not known");
  }
  return grpc::Status::OK;
}

grpc::Status FakeParc::Leave(const grpc::Status& status) {
  if (failures_ <= 0) return status;
  --failures_;
  return grpc::Status(grpc::StatusCode::UNAVAILABLE, "Socket closed");
}

class FakeParc::Laptops final : public v1::LaptopService::Service {
 public:
  explicit Laptops(FakeParc& fake) : fake_(fake) {}

  grpc::Status GetLaptop(grpc::ServerContext* context, const v1::GetLaptopRequest* request,
                         v1::Laptop* answer) override {
    if (auto status = fake_.Enter(*context); !status.ok()) return status;
    const std::lock_guard lock(fake_.mutex_);
    return fake_.Leave(Find(request->name(), answer));
  }

  // Pages are smaller than asked for, as a server may have them.
  grpc::Status ListLaptops(grpc::ServerContext* context, const v1::ListLaptopsRequest* request,
                           v1::ListLaptopsResponse* answer) override {
    if (auto status = fake_.Enter(*context); !status.ok()) return status;
    if (auto status = CheckFilter(request->filter()); !status.ok()) return status;
    ++fake_.pages_;
    const std::lock_guard lock(fake_.mutex_);
    const bool none = request->filter().starts_with("nothing");
    for (auto laptop = fake_.laptops_.upper_bound(request->page_token());
         !none && laptop != fake_.laptops_.end(); ++laptop) {
      if (answer->laptops_size() == kLargestPage) {
        answer->set_next_page_token(answer->laptops().rbegin()->asset_tag());
        break;
      }
      *answer->add_laptops() = laptop->second;
      for (const std::string& fact : request->fields()) {
        (*answer->mutable_laptops()->rbegin()->mutable_facts())[fact] = "24.04";
      }
    }
    answer->set_total_size(static_cast<std::int64_t>(fake_.laptops_.size()));
    return fake_.Leave(grpc::Status::OK);
  }

  grpc::Status ListEvents(grpc::ServerContext* context, const v1::ListEventsRequest* request,
                          v1::ListEventsResponse*) override {
    if (auto status = fake_.Enter(*context); !status.ok()) return status;
    const std::lock_guard lock(fake_.mutex_);
    if (request->parent().rfind("people/", 0) == 0) {
      return Refusal(grpc::StatusCode::NOT_FOUND, "PERSON_NOT_FOUND", "nobody has that id");
    }
    v1::Laptop laptop;
    return fake_.Leave(Find(request->parent(), &laptop));
  }

  grpc::Status AssignLaptop(grpc::ServerContext* context, const v1::AssignLaptopRequest* request,
                            v1::Laptop* answer) override {
    if (auto status = fake_.Enter(*context); !status.ok()) return status;
    return Change(request->options(), request->name(), answer, [&](v1::Laptop& laptop) {
      if (laptop.state() != v1::LAPTOP_STATE_PREPARED) return IllegalMove(laptop);
      laptop.set_state(v1::LAPTOP_STATE_ASSIGNED);
      laptop.set_holder(request->person());
      laptop.set_holder_name("Hélène Lefèvre");
      *laptop.mutable_state_since_date() = request->options().effective_date();
      return grpc::Status::OK;
    });
  }

  grpc::Status MoveLaptop(grpc::ServerContext* context, const v1::MoveLaptopRequest* request,
                          v1::Laptop* answer) override {
    if (auto status = fake_.Enter(*context); !status.ok()) return status;
    return Change(request->options(), request->name(), answer, [&](v1::Laptop& laptop) {
      if (laptop.state() == v1::LAPTOP_STATE_RETIRED) return IllegalMove(laptop);
      laptop.set_state(v1::LAPTOP_STATE_RETIRED);
      return grpc::Status::OK;
    });
  }

  grpc::Status ExplainLaptop(grpc::ServerContext* context, const v1::ExplainLaptopRequest* request,
                             v1::ExplainLaptopResponse* answer) override {
    if (auto status = fake_.Enter(*context); !status.ok()) return status;
    const std::lock_guard lock(fake_.mutex_);
    answer->mutable_readiness()->set_verdict(v1::VERDICT_NOT_READY);
    answer->mutable_readiness()->mutable_report_time()->set_seconds(1584517320);
    v1::CheckResult& check = *answer->mutable_readiness()->add_checks();
    check.set_check("vpn-profile-present");
    check.set_severity(v1::CHECK_SEVERITY_BLOCKER);
    check.set_outcome(v1::CHECK_OUTCOME_FAIL);
    check.set_title_en("A VPN profile is installed");
    check.set_title_fr("Un profil VPN est installé");
    check.set_remedy_en("Install the VPN profile from the software centre.");
    check.set_remedy_fr("Installer le profil VPN depuis le centre logiciel.");
    return fake_.Leave(Find(request->name(), answer->mutable_laptop()));
  }

 private:
  grpc::Status Find(const std::string& name, v1::Laptop* answer) {
    const auto found = fake_.laptops_.find(TagOf(name));
    if (found == fake_.laptops_.end()) {
      return Refusal(grpc::StatusCode::NOT_FOUND, "LAPTOP_NOT_FOUND",
                     "no laptop has the asset tag or serial \"" + TagOf(name) + "\"");
    }
    *answer = found->second;
    return grpc::Status::OK;
  }

  static grpc::Status IllegalMove(const v1::Laptop& laptop) {
    return Refusal(grpc::StatusCode::FAILED_PRECONDITION, "ILLEGAL_MOVE",
                   laptop.asset_tag() + " cannot take that", {{"possible_events", "RESTOCK"}});
  }

  // Idempotent by request id, and undone by a dry run.
  template <typename Body>
  grpc::Status Change(const v1::ChangeOptions& options, const std::string& name, v1::Laptop* answer,
                      Body body) {
    const std::lock_guard lock(fake_.mutex_);
    fake_.request_ids_.push_back(options.request_id());
    const auto earlier = fake_.answered_.find(options.request_id());
    if (earlier != fake_.answered_.end()) {
      *answer = earlier->second;
      return fake_.Leave(grpc::Status::OK);
    }
    if (auto status = Find(name, answer); !status.ok()) return status;
    if (auto status = body(*answer); !status.ok()) return status;
    if (!options.validate_only()) {
      fake_.laptops_[answer->asset_tag()] = *answer;
      fake_.answered_[options.request_id()] = *answer;
    }
    return fake_.Leave(grpc::Status::OK);
  }

  FakeParc& fake_;
};

class FakeParc::People final : public v1::PersonService::Service {
 public:
  explicit People(FakeParc& fake) : fake_(fake) {}

  grpc::Status ListPeople(grpc::ServerContext* context, const v1::ListPeopleRequest*,
                          v1::ListPeopleResponse* answer) override {
    if (auto status = fake_.Enter(*context); !status.ok()) return status;
    if (fake_.empty_) return fake_.Leave(grpc::Status::OK);
    v1::Person& person = *answer->add_people();
    person.set_id("p-00142");
    person.set_display_name("=HYPERLINK(\"http://evil\")");
    person.set_mail("+33 2 38 00 00 00");
    person.set_tier(1);
    person.set_needs_laptop(true);
    const std::lock_guard lock(fake_.mutex_);
    for (const v1::Person& added : fake_.people_) *answer->add_people() = added;
    return fake_.Leave(grpc::Status::OK);
  }

 private:
  FakeParc& fake_;
};

class FakeParc::Sites final : public v1::SiteService::Service {
 public:
  explicit Sites(FakeParc& fake) : fake_(fake) {}

  grpc::Status ListSites(grpc::ServerContext* context, const v1::ListSitesRequest*,
                         v1::ListSitesResponse* answer) override {
    if (auto status = fake_.Enter(*context); !status.ok()) return status;
    const std::lock_guard lock(fake_.mutex_);
    for (const v1::Site& site : fake_.sites_) *answer->add_sites() = site;
    return fake_.Leave(grpc::Status::OK);
  }

 private:
  FakeParc& fake_;
};

class FakeParc::Orders final : public v1::OrderService::Service {
 public:
  explicit Orders(FakeParc& fake) : fake_(fake) {}

  grpc::Status ListOrders(grpc::ServerContext* context, const v1::ListOrdersRequest*,
                          v1::ListOrdersResponse* answer) override {
    if (auto status = fake_.Enter(*context); !status.ok()) return status;
    const std::lock_guard lock(fake_.mutex_);
    for (const v1::Order& order : fake_.orders_) *answer->add_orders() = order;
    return fake_.Leave(grpc::Status::OK);
  }

  grpc::Status GetOrder(grpc::ServerContext* context, const v1::GetOrderRequest* request,
                        v1::Order* answer) override {
    if (auto status = fake_.Enter(*context); !status.ok()) return status;
    const std::lock_guard lock(fake_.mutex_);
    for (const v1::Order& order : fake_.orders_) {
      if (order.name() == request->name()) *answer = order;
    }
    return fake_.Leave(grpc::Status::OK);
  }

 private:
  FakeParc& fake_;
};

class FakeParc::Fleet final : public v1::FleetService::Service {
 public:
  explicit Fleet(FakeParc& fake) : fake_(fake) {}

  grpc::Status GetStatus(grpc::ServerContext* context, const v1::GetStatusRequest* request,
                         v1::GetStatusResponse* answer) override {
    if (auto status = fake_.Enter(*context); !status.ok()) return status;
    if (fake_.empty_) return fake_.Leave(grpc::Status::OK);
    v1::Coverage& row = *answer->add_coverage();
    row.set_population("headquarters");
    row.set_needed(900);
    row.set_equipped(request->moment().as_of_date().day() == 12 ? 620 : 720);
    row.set_waiting(row.needed() - row.equipped());
    *answer->mutable_total() = row;
    *answer->mutable_as_of_date() = request->moment().as_of_date();
    return fake_.Leave(grpc::Status::OK);
  }

  grpc::Status ListFields(grpc::ServerContext* context, const v1::ListFieldsRequest*,
                          v1::ListFieldsResponse* answer) override {
    if (auto status = fake_.Enter(*context); !status.ok()) return status;
    const std::lock_guard lock(fake_.mutex_);
    for (const std::string name : {"asset_tag", "holder", "price", "os.version", "os.name"}) {
      v1::Field& field = *answer->add_fields();
      field.set_resource("laptops");
      field.set_name(name);
      field.set_kind("text");
      field.set_masked(fake_.masked_.contains(name));
    }
    return fake_.Leave(grpc::Status::OK);
  }

  grpc::Status ImportFile(grpc::ServerContext* context,
                          grpc::ServerReader<v1::ImportFileRequest>* reader,
                          v1::ImportFileResponse* answer) override {
    if (auto status = fake_.Enter(*context); !status.ok()) return status;
    const std::lock_guard lock(fake_.mutex_);
    fake_.imported_.clear();
    v1::ImportFileRequest request;
    while (reader->Read(&request)) {
      if (request.has_header()) fake_.import_header_ = request.header();
      fake_.imported_ += request.chunk();
    }
    fake_.request_ids_.push_back(fake_.import_header_.options().request_id());
    answer->set_dialect("windows-1252, separator ';', 3 columns");
    const int created = fake_.created_;
    answer->set_created(created);
    answer->set_refused(fake_.refused_);
    answer->set_applied(!fake_.import_header_.options().validate_only() &&
                        (fake_.refused_ == 0 || fake_.import_header_.partial()));
    for (int i = 0; i < created + fake_.refused_; ++i) {
      v1::ImportRow& row = *answer->add_rows();
      row.set_line(i + 2);
      row.set_key("p-" + std::to_string(i));
      row.set_outcome(i < created ? v1::ROW_OUTCOME_CREATED : v1::ROW_OUTCOME_REFUSED);
      if (i >= created) row.set_message("Site: \"Bourges\" is no known site");
    }
    return fake_.Leave(grpc::Status::OK);
  }

 private:
  FakeParc& fake_;
};

class FakeParc::Tokens final : public v1::TokenService::Service {
 public:
  explicit Tokens(FakeParc& fake) : fake_(fake) {}

  grpc::Status WhoAmI(grpc::ServerContext* context, const v1::WhoAmIRequest*,
                      v1::Token* answer) override {
    if (auto status = fake_.Enter(*context); !status.ok()) return status;
    answer->set_name("tokens/1");
    answer->set_owner("Zoé Ménard");
    answer->set_role(v1::ROLE_TECHNICIAN);
    return fake_.Leave(grpc::Status::OK);
  }

 private:
  FakeParc& fake_;
};

FakeParc::FakeParc()
    : laptop_service_(std::make_unique<Laptops>(*this)),
      person_service_(std::make_unique<People>(*this)),
      site_service_(std::make_unique<Sites>(*this)),
      order_service_(std::make_unique<Orders>(*this)),
      fleet_service_(std::make_unique<Fleet>(*this)),
      token_service_(std::make_unique<Tokens>(*this)) {
  const TestCertificate certificate = MakeTestCertificate();
  root_pem_ = certificate.root_pem;
  grpc::SslServerCredentialsOptions tls;
  tls.pem_key_cert_pairs.push_back({certificate.key_pem, certificate.chain_pem});
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(tls), &port);
  builder.RegisterService(laptop_service_.get());
  builder.RegisterService(person_service_.get());
  builder.RegisterService(site_service_.get());
  builder.RegisterService(order_service_.get());
  builder.RegisterService(fleet_service_.get());
  builder.RegisterService(token_service_.get());
  server_ = builder.BuildAndStart();
  address_ = "localhost:" + std::to_string(port);
}

FakeParc::~FakeParc() {
  server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
}

std::vector<std::string> FakeParc::request_ids() {
  const std::lock_guard lock(mutex_);
  return request_ids_;
}

v1::Laptop FakeParc::Laptop(const std::string& tag) {
  const std::lock_guard lock(mutex_);
  return laptops_[tag];
}

std::string FakeParc::imported() {
  const std::lock_guard lock(mutex_);
  return imported_;
}

v1::ImportHeader FakeParc::import_header() {
  const std::lock_guard lock(mutex_);
  return import_header_;
}

void FakeParc::AddPerson(const v1::Person& person) {
  const std::lock_guard lock(mutex_);
  people_.push_back(person);
}

void FakeParc::AddSite(const std::string& code, const std::string& parent) {
  v1::Site site;
  site.set_code(code);
  site.set_name("sites/" + code);
  if (!parent.empty()) site.set_parent("sites/" + parent);
  const std::lock_guard lock(mutex_);
  sites_.push_back(site);
}

void FakeParc::AddOrder(const v1::Order& order) {
  const std::lock_guard lock(mutex_);
  orders_.push_back(order);
}

void FakeParc::AddLaptop(const v1::Laptop& laptop) {
  const std::lock_guard lock(mutex_);
  laptops_[laptop.asset_tag()] = laptop;
}

}  // namespace parc::client
