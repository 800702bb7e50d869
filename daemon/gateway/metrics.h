#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parc::gateway {

// Writes metrics in Prometheus' text exposition format 0.0.4. Names are ours
// (parc_…_seconds|_bytes|_total|_ratio); no label holds a person or a serial.
class Exposition {
 public:
  using Labels = std::vector<std::pair<std::string_view, std::string>>;

  // Starts a family; its samples follow.
  void Counter(std::string_view name, std::string_view help);
  void Gauge(std::string_view name, std::string_view help);
  // One sample of the family begun last.
  void Sample(double value, const Labels& labels = {});

  const std::string& text() const { return text_; }

 private:
  void Begin(std::string_view name, std::string_view help, std::string_view type);

  std::string name_;
  std::string text_;
};

inline constexpr char kMetricsType[] = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace parc::gateway
