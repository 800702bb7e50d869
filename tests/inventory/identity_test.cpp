#include "daemon/inventory/identity.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

namespace parc::inventory {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return lower;
}

std::string Upper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return upper;
}

TEST_CASE("a placeholder that the maker left in is no serial") {
  const std::string_view refused = GENERATE(
      "", "N/A", "NA", "None", "Null", "(null string)", "Unknown", "Unknow", "Not Specified",
      "Not Present", "Not Available", "Not Applicable", "Not Installed", "Invalid", "Default",
      "Default string", "Empty", "EVAL", "IATPASS", "OEM", "O.E.M.", "OEM_Serial",
      "To Be Filled By O.E.M.", "System Serial Number", "SystemSerialNumb", "System Product Name",
      "System manufacturer", "System Version", "Chassis Serial Number", "Base Board Serial Number",
      "Baseboard Serial Number", "No Asset Tag", "<BAD INDEX>", "<OUT OF SPEC>", "MB-1234567890",
      "SYS-1234567890", "SYS-9876543210", "SN-12345", "SN-1234567890", "Serial Number xxxxxx",
      "Tulip Computers",
      // One character, repeated.
      "0", "00000000", "XXXXXXX", "xxxx", "-----", "....", "?", "1", "FFFFFFFFFFFF",
      // Ascending digits from 0 or 1.
      "123", "1234", "123456789", "0123456789", "1234567890", "012", "12345678901234",
      // Blanks only.
      " ", "\t \r\n");
  for (const std::string& form : {std::string(refused), Lower(refused), Upper(refused),
                                  "  " + std::string(refused) + " \n"}) {
    INFO('"' << form << '"');
    CHECK_FALSE(NormaliseSerial(form).has_value());
  }
}

TEST_CASE("blanks inside a placeholder do not make it a serial") {
  CHECK_FALSE(NormaliseSerial("To  Be\tFilled By  O.E.M.").has_value());
  CHECK_FALSE(NormaliseSerial(std::string_view("None\0\0", 6)).has_value());
}

TEST_CASE("real serials pass, and are one whatever their case and blanks") {
  struct Row {
    std::string_view printed;
    std::string_view normalised;
  };
  const Row row = GENERATE(
      Row{"7XQ2W13", "7XQ2W13"}, Row{"PF0ABCDE", "PF0ABCDE"}, Row{"C02ABCDEFGHJ", "C02ABCDEFGHJ"},
      Row{"VMware-56 4d 1a 2b 3c", "VMWARE-56 4D 1A 2B 3C"}, Row{"NONE123", "NONE123"},
      Row{"DEFAULT-7H2K", "DEFAULT-7H2K"}, Row{"00000001", "00000001"}, Row{"AB1.2CD", "AB1.2CD"},
      Row{"1.2", "1.2"}, Row{"12", "12"}, Row{"2345", "2345"}, Row{"1235", "1235"},
      Row{"012346", "012346"}, Row{"  pf0abcde\r\n", "PF0ABCDE"},
      Row{"5cd 123\t4xyz", "5CD 123 4XYZ"}, Row{"OEM7", "OEM7"});
  INFO(row.printed);
  REQUIRE(NormaliseSerial(row.printed).has_value());
  CHECK(*NormaliseSerial(row.printed) == row.normalised);
  CHECK(NormaliseSerial(*NormaliseSerial(row.printed)) == NormaliseSerial(row.printed));
}

TEST_CASE("a UUID that many machines share is no identity, in either byte order") {
  const std::string_view refused =
      GENERATE("00000000-0000-0000-0000-000000000000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
               "03000200-0400-0500-0006-000700080009", "03020100-0504-0706-0809-0a0b0c0d0e0f",
               "10000000-0000-8000-0040-000000000000", "FEFEFEFE-FEFE-FEFE-FEFE-FEFEFEFEFEFE",
               "6AB5B300-538D-1014-9FB5-B0684D007B53", "01010101-0101-0101-0101-010101010101",
               "02000100-0300-0400-0005-000600070008");
  for (const std::string& form : {std::string(refused), Lower(refused), Upper(refused),
                                  " " + std::string(refused) + "\n", ByteSwapped(Lower(refused))}) {
    INFO(form);
    CHECK_FALSE(NormaliseUuid(form).has_value());
  }
}

TEST_CASE("what is no UUID is no identity") {
  for (const std::string_view bad :
       {"", "4c4c4544-0042-4d10-8057-b9c04f39323", "4c4c4544-0042-4d10-8057-b9c04f3932311",
        "Not Settable", "4c4c4544-0042-4d10-8057-b9c04f39323g", "{}"}) {
    INFO(bad);
    CHECK_FALSE(NormaliseUuid(bad).has_value());
  }
}

TEST_CASE("a UUID has one form, however it was written") {
  const std::string_view form = "4c4c4544-0042-4d10-8057-b9c04f393231";
  for (const std::string_view written :
       {"4c4c4544-0042-4d10-8057-b9c04f393231", "4C4C4544-0042-4D10-8057-B9C04F393231",
        "{4C4C4544-0042-4D10-8057-B9C04F393231}", "4c4c454400424d108057b9c04f393231",
        " 4c4c4544-0042-4d10-8057-b9c04f393231\n"}) {
    REQUIRE(NormaliseUuid(written).has_value());
    CHECK(*NormaliseUuid(written) == form);
  }
}

TEST_CASE("the first three groups of a UUID may be byte-swapped: it is the same machine") {
  const std::string_view uuid = "4c4c4544-0042-4d10-8057-b9c04f393231";
  CHECK(ByteSwapped(uuid) == "44454c4c-4200-104d-8057-b9c04f393231");
  CHECK(ByteSwapped(ByteSwapped(uuid)) == uuid);
  CHECK(SameUuid(uuid, uuid));
  CHECK(SameUuid(uuid, "44454c4c-4200-104d-8057-b9c04f393231"));
  CHECK(SameUuid("44454c4c-4200-104d-8057-b9c04f393231", uuid));
  CHECK_FALSE(SameUuid(uuid, "44454c4c-4200-104d-8057-b9c04f393232"));
  CHECK(ByteSwapped("short") == "short");
}

TEST_CASE("a MAC counts only when its maker gave it to one interface") {
  struct Row {
    std::string_view written;
    std::string_view normalised;  // empty: refused
  };
  const Row row = GENERATE(
      Row{"3C:52:82:AA:BB:CC", "3c:52:82:aa:bb:cc"}, Row{"3c-52-82-aa-bb-cc", "3c:52:82:aa:bb:cc"},
      Row{"3c52.82aa.bbcc", "3c:52:82:aa:bb:cc"}, Row{"3c5282aabbcc", "3c:52:82:aa:bb:cc"},
      Row{"00:00:00:00:00:00", ""}, Row{"ff:ff:ff:ff:ff:ff", ""},
      Row{"02:42:ac:11:00:02", ""},  // locally administered, as containers have
      Row{"52:54:00:12:34:56", ""},  // locally administered, as QEMU gives
      Row{"01:00:5e:00:00:fb", ""},  // multicast
      Row{"33:33:00:00:00:01", ""}, Row{"3c:52:82:aa:bb", ""}, Row{"3c:52:82:aa:bb:cc:dd", ""},
      Row{"3c:52:82:aa:bb:cg", ""}, Row{"", ""});
  INFO(row.written);
  const auto mac = NormaliseMac(row.written);
  CHECK(mac.value_or("") == row.normalised);
}

TEST_CASE("two strong identifiers that disagree are told, and only those") {
  constexpr std::string_view kUuid = "4c4c4544-0042-4d10-8057-b9c04f393231";
  constexpr std::string_view kSwapped = "44454c4c-4200-104d-8057-b9c04f393231";
  constexpr std::string_view kOther = "5c4c4544-0042-4d10-8057-b9c04f393231";
  CHECK(Disagreement("PF0ABCDE", " pf0abcde ", kUuid, kUuid).empty());
  CHECK(Disagreement("PF0ABCDE", "PF0ABCDE", kUuid, kSwapped).empty());
  // A placeholder is absent, never equal and never different.
  CHECK(Disagreement("PF0ABCDE", "To Be Filled By O.E.M.", "", kUuid).empty());
  CHECK(Disagreement("", "PF0ABCDE", kUuid, "").empty());
  CHECK(Disagreement("None", "Default string", "", "").empty());
  CHECK(Disagreement("PF0ABCDE", "PF0ABCDF", kUuid, kUuid) ==
        "the record says serial PF0ABCDE, the machine reports PF0ABCDF");
  CHECK(Disagreement("PF0ABCDE", "PF0ABCDE", kUuid, kOther) ==
        "earlier reports say UUID 4c4c4544-0042-4d10-8057-b9c04f393231, the machine now reports "
        "5c4c4544-0042-4d10-8057-b9c04f393231");
}

}  // namespace
}  // namespace parc::inventory
