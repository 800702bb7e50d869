#include "client/commands/token_words.h"

#include <algorithm>
#include <cctype>

#include "client/proto_text.h"
#include "client/render/value.h"
#include "fmt/format.h"

namespace parc::client {

std::string RoleWord(v1::Role role) {
  std::string word = Word(v1::Role_Name(role), "ROLE_");
  std::transform(word.begin(), word.end(), word.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return word;
}

std::string TokenSentence(const v1::Token& token, const Session& session) {
  std::string sentence = fmt::format("{}, {}", token.owner(), RoleWord(token.role()));
  if (token.has_expire_time()) {
    sentence += fmt::format("{} {}", session.Say({", until", ", jusqu'au"}),
                            render::Time(Micros(token.expire_time()), session.language()));
  }
  return sentence;
}

}  // namespace parc::client
