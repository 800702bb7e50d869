#include "daemon/access/csr.h"

#include <openssl/ec.h>
#include <openssl/rsa.h>

#include <catch2/catch.hpp>

#include "daemon/access/digest.h"
#include "daemon/inventory/reason.h"
#include "tests/access/access_support.h"

namespace parc::access {
namespace {

std::string Reason(const std::string& csr) {
  const auto parsed = ParseCsr(csr);
  if (parsed.ok()) return "OK";
  CHECK(parsed.status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(FieldOf(parsed.status()) == "csr");
  return ReasonOf(parsed.status());
}

KeyPtr WithEcParameter(const char* name, const char* value) {
  KeyPtr key = *MakeEcKey("P-256");
  REQUIRE(EVP_PKEY_set_utf8_string_param(key.get(), name, value) == 1);
  return key;
}

void AddExtensions(X509_REQ* request, const char* names, const std::string& comment) {
  STACK_OF(X509_EXTENSION)* extensions = sk_X509_EXTENSION_new_null();
  const auto add = [&](int nid, const char* value) {
    X509V3_CTX context{};
    X509V3_set_ctx(&context, nullptr, nullptr, request, nullptr, 0);
    sk_X509_EXTENSION_push(extensions, X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  };
  add(NID_basic_constraints, "critical,CA:TRUE");
  add(NID_subject_alt_name, names);
  add(NID_netscape_comment, comment.c_str());
  REQUIRE(X509_REQ_add_extensions(request, extensions) == 1);
  sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
}

}  // namespace

TEST_CASE("the public key of a request is taken") {
  const LaptopKey laptop;
  CHECK(laptop.public_key.spki.size() == 91);
  CHECK(laptop.public_key.spki_sha256 == Sha256(laptop.public_key.spki));
  CHECK(laptop.public_key.spki == ToDer<EVP_PKEY>(laptop.key.get(), i2d_PUBKEY));
}

TEST_CASE("a request for a CA with other names is a request for its key") {
  const KeyPtr key = *MakeEcKey("P-256");
  const std::string csr = CsrOf(key.get(), [](X509_REQ* request) {
    AddExtensions(request, "URI:spiffe://parc/device/01954d36-3e00-7abc-8def-0123456789ab", "");
    X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request), "CN", MBSTRING_UTF8,
                               Bytes("root"), -1, -1, 0);
  });
  const auto parsed = ParseCsr(csr);
  REQUIRE(parsed.ok());
  CHECK(*parsed == *ParseCsr(CsrOf(key.get())));
}

TEST_CASE("keys other than P-256 by name are refused") {
  CHECK(Reason(CsrOf(MakeEcKey("P-384")->get(), {}, EVP_sha384())) == "CSR_INVALID");
  CHECK(Reason(CsrOf(MakeEcKey("secp256k1")->get())) == "CSR_INVALID");
  CHECK(Reason(CsrOf(KeyPtr(EVP_RSA_gen(2048)).get())) == "CSR_INVALID");
  const KeyPtr ed25519(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  CHECK(Reason(CsrOf(ed25519.get(), {}, nullptr)) == "CSR_INVALID");
}

TEST_CASE("a P-256 key with its curve written out, or its point compressed, is refused") {
  CHECK(Reason(CsrOf(WithEcParameter("encoding", "explicit").get())) == "CSR_INVALID");
  CHECK(Reason(CsrOf(WithEcParameter("point-format", "compressed").get())) == "CSR_INVALID");
}

TEST_CASE("a request that does not prove that its key is held is refused") {
  std::string csr = LaptopKey().csr;
  csr.back() = static_cast<char>(csr.back() ^ 1);
  CHECK(Reason(csr) == "CSR_INVALID");

  const KeyPtr victim = *MakeEcKey("P-256");
  const KeyPtr thief = *MakeEcKey("P-256");
  const std::string stolen =
      CsrOf(thief.get(), [&](X509_REQ* request) { X509_REQ_set_pubkey(request, victim.get()); });
  CHECK(Reason(stolen) == "CSR_INVALID");

  CHECK(Reason(CsrOf(victim.get(), {}, EVP_sha1())) == "CSR_INVALID");
}

TEST_CASE("a point that is not on the curve is refused") {
  const LaptopKey laptop;
  std::string csr = laptop.csr;
  const std::size_t at = csr.find(laptop.public_key.spki);
  REQUIRE(at != std::string::npos);
  csr[at + 90] = static_cast<char>(csr[at + 90] ^ 1);
  CHECK(Reason(csr) == "CSR_INVALID");
}

TEST_CASE("requests of the wrong size are refused by their size") {
  const std::string csr = LaptopKey().csr;
  CHECK(Reason(csr + "x") == "CSR_TRAILING");
  CHECK(Reason(csr + csr) == "CSR_TRAILING");
  CHECK(Reason(std::string(5 * 1024, 'x')) == "CSR_TOO_LARGE");
  const std::string big = CsrOf(MakeEcKey("P-256")->get(), [](X509_REQ* request) {
    AddExtensions(request, "DNS:a.example", std::string(4096, 'c'));
  });
  CHECK(Reason(big) == "CSR_TOO_LARGE");
}

TEST_CASE("what is no request is refused, however it is cut") {
  CHECK(Reason("") == "CSR_INVALID");
  CHECK(Reason("-----BEGIN CERTIFICATE REQUEST-----") == "CSR_INVALID");
  CHECK(Reason(std::string(4096, '\x30')) == "CSR_INVALID");
  const std::string csr = LaptopKey().csr;
  for (std::size_t size = 0; size < csr.size(); ++size) {
    CHECK(Reason(csr.substr(0, size)) == "CSR_INVALID");
  }
}

TEST_CASE("any flipped bit of a request is refused") {
  const std::string csr = LaptopKey().csr;
  for (std::size_t i = 0; i < csr.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string wrong = csr;
      wrong[i] = static_cast<char>(static_cast<unsigned char>(wrong[i]) ^ (1U << bit));
      INFO("byte " << i << " bit " << bit);
      CHECK(Reason(wrong) != "OK");
    }
  }
}

TEST_CASE("the fingerprint of a key is four words that can be read out") {
  using namespace std::string_literals;
  // 127.0.0.1 and 63.84.220.193 are the examples of arXiv:0901.4016.
  CHECK(FingerprintWords("\x7f\x00\x00\x01\x3f\x54\xdc\xc1"s + std::string(24, 'x')) ==
        "lusab-babad-gutih-tugad");
}

}  // namespace parc::access
