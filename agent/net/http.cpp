#include "agent/net/http.h"

#include "agent/files/text.h"

namespace parc::agent {

absl::StatusOr<HttpAnswer> ParseHttpAnswer(std::string_view bytes) {
  const auto not_http = [] { return absl::UnavailableError("the answer is not HTTP"); };
  const auto end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return not_http();
  const auto lines = SplitLines(bytes.substr(0, end));
  const auto words = SplitWords(lines[0]);
  if (words.size() < 2 || words[0].substr(0, 7) != "HTTP/1.") return not_http();
  const auto status = ToInt<int>(words[1]);
  if (!status || *status < 100 || *status > 599) return not_http();
  HttpAnswer answer;
  answer.status = *status;
  answer.body = std::string(bytes.substr(end + 4));
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto colon = lines[i].find(':');
    if (colon == std::string_view::npos) continue;
    const std::string name = Lower(Trim(lines[i].substr(0, colon)));
    const std::string_view value = Trim(lines[i].substr(colon + 1));
    if (name == "content-type") answer.content_type = Lower(Trim(value.substr(0, value.find(';'))));
    if (name == "transfer-encoding") {
      return absl::UnavailableError("the answer comes in chunks, which is not understood");
    }
    if (name == "content-length") {
      const auto length = ToInt<std::size_t>(value);
      if (!length || *length > answer.body.size()) {
        return absl::UnavailableError("the answer is cut off");
      }
      answer.body.resize(*length);
    }
  }
  return answer;
}

}  // namespace parc::agent
