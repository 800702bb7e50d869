#include "daemon/access/certificate_builder.h"

#include <openssl/bn.h>

#include "daemon/access/time_units.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::access {
namespace {

// Positive, and always 16 bytes long: the first bit is 0, the second 1.
absl::Status SetSerial(X509* certificate, const RandomBytes& random) {
  using Number = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;
  std::string bytes = random(16);
  bytes[0] = static_cast<char>((static_cast<unsigned char>(bytes[0]) & 0x7fU) | 0x40U);
  const Number number(BN_bin2bn(Bytes(bytes), static_cast<int>(bytes.size()), nullptr));
  if (number == nullptr ||
      BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) == nullptr) {
    return OpenSslError("setting the serial number");
  }
  return absl::OkStatus();
}

absl::Status SetNames(X509* certificate, const CertificatePlan& plan, const X509* issuer) {
  X509_NAME* subject = X509_get_subject_name(certificate);
  const X509_NAME* issuer_name = issuer == nullptr ? subject : X509_get_subject_name(issuer);
  if (X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8, Bytes(plan.common_name),
                                 static_cast<int>(plan.common_name.size()), -1, 0) != 1 ||
      X509_set_issuer_name(certificate, issuer_name) != 1) {
    return OpenSslError("setting the names");
  }
  return absl::OkStatus();
}

absl::Status SetDates(X509* certificate, const CertificatePlan& plan) {
  if (ASN1_TIME_set(X509_getm_notBefore(certificate), plan.not_before / kSecond) == nullptr ||
      ASN1_TIME_set(X509_getm_notAfter(certificate), plan.not_after / kSecond) == nullptr) {
    return OpenSslError("setting the dates");
  }
  return absl::OkStatus();
}

absl::Status AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  if (value.empty()) return absl::OkStatus();
  using Extension = std::unique_ptr<X509_EXTENSION, FreeWith<X509_EXTENSION_free>>;
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer == nullptr ? certificate : issuer, certificate, nullptr, nullptr,
                 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  if (extension == nullptr || X509_add_ext(certificate, extension.get(), -1) != 1) {
    return OpenSslError(fmt::format("adding {}", OBJ_nid2sn(nid)));
  }
  return absl::OkStatus();
}

using AlternativeNames = std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES_free>>;

absl::Status AddName(GENERAL_NAMES* names, int type, ASN1_STRING* value) {
  GENERAL_NAME* name = GENERAL_NAME_new();
  if (name == nullptr || value == nullptr) return OpenSslError("adding a name");
  GENERAL_NAME_set0_value(name, type, value);
  if (sk_GENERAL_NAME_push(names, name) == 0) return OpenSslError("adding a name");
  return absl::OkStatus();
}

ASN1_STRING* Ia5(const std::string& text) {
  ASN1_STRING* string = ASN1_STRING_type_new(V_ASN1_IA5STRING);
  if (string != nullptr) {
    ASN1_STRING_set(string, text.data(), static_cast<int>(text.size()));
  }
  return string;
}

bool IsHostName(const std::string& text) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
  return !text.empty() && text.size() <= 253 && text.find_first_not_of(kAllowed) == text.npos;
}

// The names are values here, never OpenSSL's configuration text: a comma in one adds no other.
absl::Status AddAlternativeNames(X509* certificate, const CertificatePlan& plan) {
  const AlternativeNames names(GENERAL_NAMES_new());
  for (const std::string& uri : plan.uris) PARC_TRY(AddName(names.get(), GEN_URI, Ia5(uri)));
  for (const std::string& name : plan.dns_names) {
    if (!IsHostName(name)) {
      return absl::InvalidArgumentError(fmt::format("\"{}\" is not a host name", name));
    }
    PARC_TRY(AddName(names.get(), GEN_DNS, Ia5(name)));
  }
  for (const std::string& address : plan.addresses) {
    ASN1_OCTET_STRING* bytes = a2i_IPADDRESS(address.c_str());
    if (bytes == nullptr) {
      return absl::InvalidArgumentError(fmt::format("\"{}\" is not an IP address", address));
    }
    PARC_TRY(AddName(names.get(), GEN_IPADD, bytes));
  }
  if (sk_GENERAL_NAME_num(names.get()) == 0) return absl::OkStatus();
  if (X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) !=
      1) {
    return OpenSslError("adding the names");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<X509Ptr> BuildCertificate(const CertificatePlan& plan, EVP_PKEY* subject_key,
                                         const Signer& signer, const RandomBytes& random) {
  X509Ptr certificate(X509_new());
  X509* const x509 = certificate.get();
  if (x509 == nullptr || X509_set_version(x509, X509_VERSION_3) != 1 ||
      X509_set_pubkey(x509, subject_key) != 1) {
    return OpenSslError("preparing a certificate");
  }
  PARC_TRY(SetSerial(x509, random));
  PARC_TRY(SetNames(x509, plan, signer.issuer));
  PARC_TRY(SetDates(x509, plan));
  PARC_TRY(AddExtension(x509, signer.issuer, NID_basic_constraints, plan.basic_constraints));
  PARC_TRY(AddExtension(x509, signer.issuer, NID_key_usage, plan.key_usage));
  PARC_TRY(AddExtension(x509, signer.issuer, NID_ext_key_usage, plan.extended_key_usage));
  PARC_TRY(AddExtension(x509, signer.issuer, NID_subject_key_identifier, "hash"));
  PARC_TRY(AddExtension(x509, signer.issuer, NID_authority_key_identifier, "keyid:always"));
  PARC_TRY(AddAlternativeNames(x509, plan));
  if (X509_sign(x509, signer.key, signer.digest) == 0) return OpenSslError("signing");
  return certificate;
}

}  // namespace parc::access
