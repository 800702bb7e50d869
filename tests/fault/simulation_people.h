#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/inventory/lifecycle.h"
#include "tests/fault/simulation_agent.h"

namespace parc::simulation {

// The technicians: they record laptops, hand out tokens, decide about enrolments, move laptops
// through their life, lose them and find them again, and revoke devices. A call without an answer
// is made again under the same request id.
class People {
 public:
  People(World& world, std::vector<std::unique_ptr<Agent>>& agents);

  // Makes the records of all laptops; nothing goes wrong yet.
  void Record();
  void Start();

 private:
  struct Call {
    std::string request;
    bool urgent = false;
    fleet::Changes::Apply apply;
    Reply<std::string> told;           // at the daemon, the moment it answers
    std::function<void()> after = {};  // once the answer has arrived and is an OK
    int tries = 0;
    bool answered = false;
    int clock_steps = 0;
  };
  // A call by a new request id.
  std::shared_ptr<Call> NewCall();
  void Make(const std::shared_ptr<Call>& call);
  void Work();
  void HandOutToken(Agent& agent);
  void DecideRequests();
  void MoveLaptop(const std::string& tag);
  void Move(const std::string& tag, inventory::LaptopEvent event);
  void RevokeDevice(const std::string& tag);
  std::vector<std::string> Texts(const std::string& sql);

  World& world_;
  std::vector<std::unique_ptr<Agent>>& agents_;
  int requests_ = 0;
  std::string shared_token_;  // for two laptops, and offered to more
};

}  // namespace parc::simulation
