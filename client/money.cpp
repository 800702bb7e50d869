#include "client/money.h"

#include <regex>
#include <string>

#include "client/lib/errors.h"

namespace parc::client {

absl::StatusOr<google::type::Money> ParseMoney(std::string_view text, std::string_view currency) {
  static const std::regex kAmount(R"((\d{1,12})(?:[.,](\d{1,9}))?)");
  const std::string typed(text);
  std::smatch match;
  if (!std::regex_match(typed, match, kAmount)) {
    return MakeError(absl::StatusCode::kInvalidArgument, "BAD_AMOUNT",
                     "\"" + typed.substr(0, 40) + "\" is no amount: write 849.90");
  }
  google::type::Money money;
  money.set_currency_code(std::string(currency));
  money.set_units(std::stoll(match[1].str()));
  if (match[2].matched) {
    std::string nanos = match[2].str();
    nanos.resize(9, '0');
    money.set_nanos(std::stoi(nanos));
  }
  return money;
}

}  // namespace parc::client
