#include "daemon/store/text_codec.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

namespace parc::store {
namespace {

TEST_CASE("lists and maps come back from their column as they went in") {
  for (const std::vector<std::string>& list :
       {std::vector<std::string>{}, {"a"}, {"a", "b c"}, {"é;,|"}}) {
    CHECK(SplitList(JoinList(list)) == list);
  }
  CHECK(JoinList({}) == "");
  CHECK(JoinList({"a", "b"}) == "\na\nb\n");
  for (const std::map<std::string, std::string>& map :
       {std::map<std::string, std::string>{}, {{"a", ""}}, {{"Étage", "3"}, {"b", "x\ny"}}}) {
    CHECK(SplitMap(JoinMap(map)) == map);
  }
}

}  // namespace
}  // namespace parc::store
