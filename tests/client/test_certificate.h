#pragma once

#include <string>

namespace parc::client {

struct TestCertificate {
  std::string root_pem;
  std::string chain_pem;  // of "localhost"
  std::string key_pem;
};

// A root made for one test, and a server certificate under it.
TestCertificate MakeTestCertificate();

}  // namespace parc::client
