#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "grpcpp/server.h"
#include "parc/v1/fleet.grpc.pb.h"
#include "parc/v1/laptops.grpc.pb.h"
#include "parc/v1/orders.grpc.pb.h"
#include "parc/v1/people.grpc.pb.h"
#include "parc/v1/tokens.grpc.pb.h"

// A Parc server in this process: a small fleet in memory behind the generated services, real TLS
// and a real bearer token, so that the real `parc` can be run against it.
namespace parc::client {

class FakeParc {
 public:
  static constexpr char kToken[] = "parcP1.fake.secret.00000000";

  FakeParc();
  ~FakeParc();
  FakeParc(FakeParc&&) = delete;

  const std::string& address() const { return address_; }  // "localhost:port"
  const std::string& root_pem() const { return root_pem_; }

  // The next `calls` calls answer UNAVAILABLE; the first of them after it did its work.
  void FailNext(int calls) { failures_ = calls; }

  // What the server saw and holds.
  int calls() const { return calls_; }
  int pages() const { return pages_; }
  std::vector<std::string> request_ids();
  v1::Laptop Laptop(const std::string& tag);
  std::string imported();
  v1::ImportHeader import_header();
  void AddLaptop(const v1::Laptop& laptop);
  void AddPerson(const v1::Person& person);
  void AddSite(const std::string& code, const std::string& parent);
  void AddOrder(const v1::Order& order);
  // Fields that are kept from the one caller; none without it.
  void SetMasked(std::set<std::string> names) {
    const std::lock_guard lock(mutex_);
    masked_ = std::move(names);
  }
  void SetRefused(int refused) { refused_ = refused; }
  void SetCreated(int created) { created_ = created; }
  // Nobody, and so nobody who needs a laptop.
  void SetEmpty() { empty_ = true; }

 private:
  class Laptops;
  class People;
  class Sites;
  class Orders;
  class Fleet;
  class Tokens;

  grpc::Status Enter(const grpc::ServerContext& context);
  grpc::Status Leave(const grpc::Status& status);

  std::mutex mutex_;
  std::map<std::string, v1::Laptop> laptops_;
  std::vector<v1::Person> people_;
  std::vector<v1::Site> sites_;
  std::vector<v1::Order> orders_;
  std::vector<std::string> request_ids_;
  std::map<std::string, v1::Laptop> answered_;
  std::string imported_;
  v1::ImportHeader import_header_;
  std::atomic<int> failures_ = 0;
  std::atomic<int> calls_ = 0;
  std::atomic<int> pages_ = 0;
  std::atomic<int> refused_ = 0;
  std::atomic<int> created_ = 30;
  std::atomic<bool> empty_ = false;
  std::set<std::string> masked_;  // guarded by mutex_

  std::string root_pem_;
  std::string address_;
  std::unique_ptr<Laptops> laptop_service_;
  std::unique_ptr<People> person_service_;
  std::unique_ptr<Sites> site_service_;
  std::unique_ptr<Orders> order_service_;
  std::unique_ptr<Fleet> fleet_service_;
  std::unique_ptr<Tokens> token_service_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace parc::client
