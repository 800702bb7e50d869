#pragma once

#include <cstdint>
#include <string>

#include "tests/fault/simulation_world.h"

namespace parc::simulation {

// What parc-agent does, by the same rules: enrols by a token, reports when it is told to, renews
// with a new key, and starts over when its certificate is not taken any more.
class Agent {
 public:
  Agent(World& world, std::string tag);

  void Start(std::int64_t wait) { Wake(wait); }
  const std::string& tag() const { return tag_; }
  bool needs_token() const { return device_.empty() && token_.empty(); }
  void GiveToken(std::string token) { token_ = std::move(token); }
  // Forgets everything, as when it is installed again.
  void Reinstall();
  // Whether its newest report is acknowledged.
  bool is_done() const { return !device_.empty() && stored_ == sequence_ && sequence_ > 0; }
  std::string Describe() const;

 private:
  void Wake(std::int64_t wait);
  void Contact();
  void Enrol();
  void Renew();
  void Report();
  void SendReport();
  void TakeEnrolment(int key, const absl::StatusOr<access::EnrolAnswer>& answer);
  void TakeRenewal(int key, const absl::StatusOr<access::DeviceCertificate>& answer);
  void TakeAnswer(std::uint64_t sequence, int contents,
                  const absl::StatusOr<checkin::Answer>& answer);
  // The problems of an answer to a report that said that the laptop holds `held`.
  void TakeProblems(const std::string& held, const checkin::Answer& answer);
  // A refusal of a call by `certificate`; false when it says to try again.
  bool TakeRefusal(const absl::Status& status, const std::string& serial);

  World& world_;
  const std::string tag_;
  std::string token_;
  int enrolment_key_ = 0;
  std::string device_;
  access::DeviceCertificate certificate_;
  int key_to_be_ = 0;
  std::uint64_t sequence_ = 0;
  std::uint64_t stored_ = 0;
  int boot_ = 1;
  int contents_ = 0;
  int base_ = 0;          // contents that the server is known to hold
  std::string problems_;  // digest of the problems that it was told
  std::uint64_t wake_ = 0;
  int failures_ = 0;
  std::string heard_;  // the last refusal, or what became of its enrolment
};

}  // namespace parc::simulation
