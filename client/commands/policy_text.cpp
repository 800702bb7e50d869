#include "client/commands/policy_text.h"

#include <algorithm>
#include <cstdlib>

#include "client/commands/forecast_stream.h"
#include "client/commands/laptop_fields.h"
#include "client/files.h"
#include "client/lib/errors.h"
#include "client/lib/try.h"
#include "client/proto_text.h"
#include "client/render/table.h"
#include "client/render/value.h"
#include "client/render/width.h"
#include "fmt/format.h"
#include "parc/v1/policies.grpc.pb.h"

namespace parc::client {
namespace {

constexpr std::size_t kMostBytes = 256 * 1024;
// What a screen shows of a long list; -o csv and -o json have all of it.
constexpr int kShownLaptops = 40;

std::string LineOf(const std::string& text, int number) {
  std::size_t begin = 0;
  for (int line = 1; line < number; ++line) {
    begin = text.find('\n', begin);
    if (begin == std::string::npos) return {};
    ++begin;
  }
  std::string line = text.substr(begin, text.find('\n', begin) - begin);
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

std::string MoveWords(v1::Verdict from, v1::Verdict to, Language language) {
  return fmt::format("{} → {}", VerdictWords(from, language), VerdictWords(to, language));
}

void WriteMoves(Session& session, const v1::PolicyPreview& preview) {
  std::vector<std::vector<render::Cell>> rows;
  for (const v1::VerdictMove& move : preview.moves()) {
    rows.push_back({{render::Count(move.laptops(), session.language()), render::Style::kBold},
                    {MoveWords(move.from_verdict(), move.to_verdict(), session.language()),
                     StyleOf(move.to_verdict())}});
  }
  session.terminal().Write(
      "\n" + render::Table({{std::string(session.Say({"Laptops", "Portables"})), true},
                            {std::string(session.Say({"Verdict", "Aptitude"}))}},
                           rows, {.colour = session.terminal().colour()}));
}

void WriteCauses(Session& session, const v1::PolicyPreview& preview) {
  if (preview.causes().empty()) return;
  std::vector<std::vector<render::Cell>> rows;
  const bool french = session.language() == Language::kFrench;
  for (const v1::CheckMove& cause : preview.causes()) {
    const auto count = [&](std::int64_t laptops, render::Style style) {
      return laptops == 0 ? render::Cell{}
                          : render::Cell{render::Count(laptops, session.language()), style};
    };
    rows.push_back({{render::Printable(cause.check())},
                    count(cause.worse(), render::Style::kBad),
                    count(cause.better(), render::Style::kGood),
                    {render::Printable(french ? cause.title_fr() : cause.title_en())}});
  }
  session.terminal().Write(
      "\n" +
      render::Table({{std::string(session.Say({"Check", "Contrôle"}))},
                     {std::string(session.Say({"Worse", "Moins bien"})), true},
                     {std::string(session.Say({"Better", "Mieux"})), true},
                     {std::string(session.Say({"What it asks", "Ce qu'il demande"})), false, true}},
                    rows,
                    {.width = session.terminal().width(), .colour = session.terminal().colour()}));
}

void WriteLaptops(Session& session, const v1::PolicyPreview& preview) {
  std::vector<std::vector<render::Cell>> rows;
  for (const v1::LaptopMove& move : preview.changes()) {
    if (static_cast<int>(rows.size()) == kShownLaptops) break;
    std::string checks;
    for (const std::string& check : move.checks()) checks += (checks.empty() ? "" : ", ") + check;
    rows.push_back(
        {{render::Printable(IdOf(move.laptop()))},
         {std::string(move.assigned() ? session.Say({"yes", "oui"}) : session.Say({"no", "non"}))},
         {MoveWords(move.from_verdict(), move.to_verdict(), session.language()),
          StyleOf(move.to_verdict())},
         {render::Printable(checks)}});
  }
  session.terminal().Write(
      "\n" +
      render::Table({{std::string(session.Say({"Laptop", "Portable"}))},
                     {std::string(session.Say({"Held", "Détenu"}))},
                     {std::string(session.Say({"Verdict", "Aptitude"}))},
                     {std::string(session.Say({"Because of", "À cause de"})), false, true}},
                    rows,
                    {.width = session.terminal().width(), .colour = session.terminal().colour()}));
  const std::int64_t hidden =
      preview.changes_size() - static_cast<int>(rows.size()) + preview.laptops_left_off();
  if (hidden == 0) return;
  session.Tell(
      fmt::format(fmt::runtime(session.Say({"and {} more; -o csv writes up to 1,000 of them",
                                            "et {} de plus ; -o csv en écrit jusqu'à 1 000"})),
                  render::Count(hidden, session.language())));
}

}  // namespace

absl::StatusOr<PolicyFile> ReadPolicyFile(const std::string& path) {
  PolicyFile policy{path, std::string(kMostBytes + 1, '\0')};
  std::size_t size = 0;
  if (path == "-") {
    policy.path = "standard input";
    size = std::fread(policy.text.data(), 1, policy.text.size(), stdin);
  } else {
    PARC_ASSIGN(const File file, OpenFile(path));
    size = std::fread(policy.text.data(), 1, policy.text.size(), file.get());
  }
  policy.text.resize(size);
  if (size > kMostBytes) {
    return MakeError(absl::StatusCode::kInvalidArgument, "POLICY_TOO_LARGE",
                     fmt::format("{} is larger than 256 KiB: it is no policy", policy.path));
  }
  const std::string_view good(policy.text.data(), render::Utf8Prefix(policy.text));
  if (good.size() == policy.text.size()) return policy;
  return MakeError(absl::StatusCode::kInvalidArgument, "POLICY_NOT_UTF8",
                   fmt::format("{}:{}: this is not UTF-8; save the file as UTF-8, as TOML wants it",
                               policy.path, 1 + std::count(good.begin(), good.end(), '\n')));
}

absl::Status InFile(Session& session, const PolicyFile& file, const absl::Status& status) {
  if (status.ok() || ReasonOf(status) != "BAD_POLICY") return status;
  const ErrorDetails details = DetailsOf(status);
  const auto of = [&](const char* key) {
    const auto found = details.metadata.find(key);
    return found == details.metadata.end() ? std::string("1") : found->second;
  };
  session.RememberFilter(LineOf(file.text, std::atoi(of("line").c_str())));
  return MakeError(status.code(), "BAD_POLICY",
                   fmt::format("{}:{}:{}: {}", file.path, of("line"), of("column"),
                               std::string(status.message())),
                   {{"column", of("column")}});
}

absl::StatusOr<v1::PolicyPreview> PreviewPolicy(Session& session, const PolicyFile& file) {
  v1::PreviewPolicyRequest request;
  request.set_text(file.text);
  const absl::StatusOr<v1::PreviewPolicyResponse> response =
      Compute(session, &v1::PolicyService::Stub::PreviewPolicy, request,
              {"judging the fleet", "jugement du parc"});
  if (!response.ok()) return InFile(session, file, response.status());
  return response->preview();
}

void WritePreview(Session& session, const v1::PolicyPreview& preview) {
  const Language language = session.language();
  const auto count = [&](std::int64_t number) { return render::Count(number, language); };
  const std::int64_t change = preview.ready_after() - preview.ready_before();
  // "Laptops judged: 1" needs no plural.
  const std::string sentence = fmt::format(
      fmt::runtime(session.Say({"Laptops judged: {}; held by somebody: {}. Ready among those: {} "
                                "now, {} by this policy ({:+}).\n",
                                "Portables jugés : {} ; détenus : {}. Aptes parmi ceux-ci : {} "
                                "aujourd'hui, {} avec ces règles ({:+}).\n"})),
      count(preview.laptops()), count(preview.assigned_laptops()), count(preview.ready_before()),
      count(preview.ready_after()), change);
  session.terminal().Write(sentence);
  if (preview.changes().empty()) {
    session.terminal().Write(
        std::string(session.Say({"No verdict would change.\n", "Aucun verdict ne changerait.\n"})));
    return;
  }
  WriteMoves(session, preview);
  WriteCauses(session, preview);
  WriteLaptops(session, preview);
}

std::string GraceText(std::int64_t seconds, Language language) {
  return seconds == 0 ? std::string() : render::Span(seconds, language);
}

}  // namespace parc::client
