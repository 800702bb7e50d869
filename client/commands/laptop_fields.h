#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/listing.h"
#include "parc/v1/laptops.pb.h"

// How laptops are shown.
namespace parc::client {

using LaptopField = FieldOf<v1::Laptop>;

// The fields of the record itself; facts are asked for by name.
const std::vector<LaptopField>& LaptopFields();

// Columns that an import takes back.
const std::vector<LaptopField>& LaptopExportFields();

render::Style StyleOf(v1::Verdict verdict);
render::Style StyleOf(v1::LaptopState state);

// "in stock", "en stock".
std::string_view StateWords(v1::LaptopState state, Language language);
std::string_view VerdictWords(v1::Verdict verdict, Language language);

// "PF0ABCDE: assigned to Jeanne Martin (p-00142), since 2020-03-16".
std::string LaptopSentence(const v1::Laptop& laptop, Language language);

}  // namespace parc::client
