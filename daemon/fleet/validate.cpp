#include "daemon/fleet/validate.h"

#include <algorithm>
#include <set>

#include "daemon/filter/parse.h"
#include "daemon/inventory/identity.h"
#include "daemon/inventory/reason.h"
#include "daemon/inventory/text.h"
#include "daemon/inventory/try.h"
#include "fmt/format.h"

namespace parc::fleet {

using inventory::Laptop;
using inventory::Money;
using inventory::Person;
using inventory::Site;
using procurement::Order;
using procurement::OrderLine;
using procurement::Promise;

namespace {

constexpr std::int64_t kMaxPriceMicros = 1'000'000'000'000;  // a million; more is a typing error
constexpr int kMaxQuantity = 100'000;
constexpr std::size_t kMaxNotes = 4096;
constexpr std::size_t kMaxExtra = 4096;
constexpr std::size_t kMaxTags = 32;

absl::Status Invalid(std::string_view reason, std::string_view field, std::string_view what) {
  return Refuse(absl::StatusCode::kInvalidArgument, reason, fmt::format("{}: {}", field, what),
                field);
}

absl::Status CheckMoney(const Money& money, std::string_view field) {
  const bool three_letters =
      money.currency.size() == 3 && std::all_of(money.currency.begin(), money.currency.end(),
                                                [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!three_letters)
    return Invalid("BAD_CURRENCY", field, "the currency must be three capital letters, as EUR");
  if (money.micros < 0 || money.micros > kMaxPriceMicros) {
    return Invalid("OUT_OF_RANGE", field, "the price must lie between 0 and 1,000,000");
  }
  return absl::OkStatus();
}

absl::Status CheckTags(const std::vector<std::string>& tags) {
  if (tags.size() > kMaxTags)
    return Invalid("OUT_OF_RANGE", "tags", fmt::format("more than {} tags", kMaxTags));
  for (const std::string& tag : tags) {
    if (tag.empty()) return Invalid("BAD_TEXT", "tags", "a tag is empty");
    PARC_TRY(CheckText(tag, "tags", 64));
  }
  return absl::OkStatus();
}

// Columns of an import that Parc has no field for.
absl::Status CheckExtra(const std::map<std::string, std::string>& extra) {
  for (const auto& [header, value] : extra) {
    PARC_TRY(CheckText(header, "header"));
    PARC_TRY(CheckText(value, header, kMaxExtra, Lines::kMany));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckName(std::string_view value, std::string_view field) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(".-_@").find(c) != std::string_view::npos;
  };
  if (value.empty()) return Invalid("BAD_NAME", field, "is required");
  if (value.size() > 64) return Invalid("BAD_NAME", field, "is longer than 64 characters");
  if (!std::all_of(value.begin(), value.end(), allowed)) {
    return Invalid("BAD_NAME", field, "may hold letters without accents, digits and . - _ @ only");
  }
  return absl::OkStatus();
}

absl::Status CheckText(std::string_view value, std::string_view field, std::size_t max_bytes,
                       Lines lines) {
  if (value.size() > max_bytes) {
    return Invalid("BAD_TEXT", field, fmt::format("is longer than {} bytes", max_bytes));
  }
  while (!value.empty()) {
    char32_t character = 0;
    const std::size_t length = inventory::CharacterLength(value, character);
    if (length == 0) return Invalid("BAD_TEXT", field, "is not UTF-8");
    const bool breaks = character == '\n' || character == '\t';
    if (breaks && lines == Lines::kOne)
      return Invalid("BAD_TEXT", field, "holds a line break or a tab");
    if (inventory::IsControl(character) && !breaks)
      return Invalid("BAD_TEXT", field, "holds control characters");
    if (inventory::Misleads(character))
      return Invalid("BAD_TEXT", field, "holds marks that change the direction of writing");
    value.remove_prefix(length);
  }
  return absl::OkStatus();
}

absl::Status CheckLaptop(const Laptop& laptop) {
  PARC_TRY(CheckName(laptop.asset_tag, "asset_tag"));
  PARC_TRY(CheckText(laptop.serial, "serial", 64));
  if (!laptop.serial.empty() && !inventory::NormaliseSerial(laptop.serial).has_value()) {
    return Invalid("BAD_SERIAL", "serial",
                   "is a placeholder that the maker left in, not a serial number; leave it empty");
  }
  PARC_TRY(CheckText(laptop.manufacturer, "manufacturer"));
  PARC_TRY(CheckText(laptop.model, "model"));
  PARC_TRY(CheckText(laptop.notes, "notes", kMaxNotes, Lines::kMany));
  PARC_TRY(CheckTags(laptop.tags));
  if (laptop.price.has_value()) PARC_TRY(CheckMoney(*laptop.price, "price"));
  return CheckExtra(laptop.extra);
}

absl::Status CheckPerson(const Person& person) {
  PARC_TRY(CheckName(person.id, "id"));
  if (person.name.empty()) return Invalid("BAD_TEXT", "display_name", "is required");
  PARC_TRY(CheckText(person.name, "display_name"));
  PARC_TRY(CheckText(person.mail, "mail"));
  PARC_TRY(CheckText(person.unit, "organisation_unit"));
  if (person.population.empty()) return Invalid("BAD_TEXT", "population", "is required");
  PARC_TRY(CheckText(person.population, "population"));
  if (person.tier < 1 || person.tier > 4)
    return Invalid("OUT_OF_RANGE", "tier", "must lie between 1 and 4");
  if (person.start.has_value() && person.end.has_value() && *person.end < *person.start) {
    return Invalid("OUT_OF_RANGE", "end_date", "lies before the start date");
  }
  return CheckExtra(person.extra);
}

absl::Status CheckSite(const Site& site) {
  PARC_TRY(CheckName(site.code, "code"));
  if (site.name.empty()) return Invalid("BAD_TEXT", "display_name", "is required");
  PARC_TRY(CheckText(site.name, "display_name"));
  return CheckText(site.department, "department");
}

absl::Status CheckPlanning(const procurement::Planning& planning,
                           const inventory::CivilDate& today) {
  constexpr double kMostADay = 100'000;
  const std::optional<double>& capacity = planning.preparation_capacity;
  // Written so that what is no number is refused, too.
  if (capacity.has_value() && !(*capacity >= 0 && *capacity <= kMostADay))
    return Invalid("OUT_OF_RANGE", "preparation_capacity", "must lie between 0 and 100000 a day");
  if (planning.reserve_stock.has_value() &&
      (*planning.reserve_stock < 0 || *planning.reserve_stock > kMaxQuantity))
    return Invalid("OUT_OF_RANGE", "reserve_stock", "must lie between 0 and 100000");
  if (planning.records_since.has_value() && today < *planning.records_since)
    return Invalid("OUT_OF_RANGE", "records_since", "lies in the future");
  const std::string& country = planning.country;
  const bool known = country.empty() || country == "FR-AM" ||
                     (country.size() == 2 && country[0] >= 'A' && country[0] <= 'Z' &&
                      country[1] >= 'A' && country[1] <= 'Z');
  if (!known)
    return Invalid("BAD_COUNTRY", "country", "must be two capital letters, as FR, or FR-AM");
  for (const procurement::Closure& closure : planning.closures) {
    if (closure.last < closure.first || inventory::AddDays(closure.first, 366) < closure.last) {
      return Invalid("OUT_OF_RANGE", "closures",
                     "a closure must end on or after its first day, and within a year");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckTarget(const procurement::Target& target) {
  PARC_TRY(CheckName(target.id, "target.id"));
  if (!(target.ratio > 0 && target.ratio <= 1))
    return Invalid("OUT_OF_RANGE", "target.ratio", "must lie above 0 and be at most 1");
  return filter::Parse(target.people, inventory::Resource::kPeople).status();
}

absl::Status CheckOrderLine(const OrderLine& line, std::string_view field) {
  const auto path = [&](std::string_view name) { return fmt::format("{}.{}", field, name); };
  if (line.line < 1) return Invalid("OUT_OF_RANGE", path("line"), "must be 1 or more");
  if (line.model.empty()) return Invalid("BAD_TEXT", path("model"), "is required");
  PARC_TRY(CheckText(line.model, path("model")));
  PARC_TRY(CheckText(line.manufacturer, path("manufacturer")));
  if (line.quantity < 1 || line.quantity > kMaxQuantity) {
    return Invalid("OUT_OF_RANGE", path("quantity"),
                   fmt::format("must lie between 1 and {}", kMaxQuantity));
  }
  if (line.unit_price.has_value()) PARC_TRY(CheckMoney(*line.unit_price, path("unit_price")));
  for (const Promise& promise : line.promises)
    PARC_TRY(CheckText(promise.source, path("promises.source")));
  return absl::OkStatus();
}

absl::Status CheckOrder(const Order& order) {
  PARC_TRY(CheckName(order.reference, "reference"));
  if (order.supplier.empty()) return Invalid("BAD_TEXT", "supplier", "is required");
  PARC_TRY(CheckText(order.supplier, "supplier"));
  if (order.lines.empty())
    return Invalid("OUT_OF_RANGE", "lines", "an order needs at least one line");
  std::set<int> numbers;
  for (std::size_t i = 0; i < order.lines.size(); ++i) {
    const std::string field = fmt::format("lines[{}]", i);
    PARC_TRY(CheckOrderLine(order.lines[i], field));
    if (!numbers.insert(order.lines[i].line).second) {
      return Invalid("OUT_OF_RANGE", field + ".line", "occurs twice in the order");
    }
  }
  return absl::OkStatus();
}

}  // namespace parc::fleet
