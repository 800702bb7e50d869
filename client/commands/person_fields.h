#pragma once

#include <string>
#include <vector>

#include "client/listing.h"
#include "parc/v1/people.pb.h"

// How people and sites are shown.
namespace parc::client {

using PersonField = FieldOf<v1::Person>;
using SiteField = FieldOf<v1::Site>;

const std::vector<PersonField>& PersonFields();
const std::vector<PersonField>& PersonExportFields();

const std::vector<SiteField>& SiteFields();

// The same sites, each after the one that it belongs to: an import needs that one first.
std::vector<v1::Site> ParentsFirst(const std::vector<v1::Site>& sites);

// "Jeanne Martin (p-00142), headquarters, tier 1".
std::string PersonSentence(const v1::Person& person, Language language);

}  // namespace parc::client
