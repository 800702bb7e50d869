#include "daemon/gateway/metrics.h"

#include "fmt/format.h"

namespace parc::gateway {
namespace {

std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

void Exposition::Begin(std::string_view name, std::string_view help, std::string_view type) {
  name_ = name;
  text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void Exposition::Counter(std::string_view name, std::string_view help) {
  Begin(name, help, "counter");
}

void Exposition::Gauge(std::string_view name, std::string_view help) { Begin(name, help, "gauge"); }

void Exposition::Sample(double value, const Labels& labels) {
  text_ += name_;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    text_ +=
        fmt::format("{}{}=\"{}\"", i == 0 ? '{' : ',', labels[i].first, Escaped(labels[i].second));
  }
  if (!labels.empty()) text_ += '}';
  text_ += fmt::format(" {:.15g}\n", value);
}

}  // namespace parc::gateway
