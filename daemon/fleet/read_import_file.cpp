#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "daemon/fleet/import.h"
#include "daemon/inventory/reason.h"
#include "fmt/format.h"

namespace parc::fleet {
namespace {

constexpr std::size_t kMaxBytes = 128u << 20;
// What Windows-1252 may become: a byte is up to three of UTF-8.
constexpr std::size_t kMaxText = 192u << 20;
constexpr std::size_t kMaxColumns = 200;
constexpr std::size_t kMaxCell = 4096;

absl::Status BadCsv(std::int64_t line, std::string_view what) {
  return WithDetail(Refuse(absl::StatusCode::kInvalidArgument, "BAD_CSV",
                           fmt::format("line {}: {}", line, what), "file"),
                    "line", fmt::format("{}", line));
}

// Windows-1252's 0x80–0x9F; the five bytes it leaves undefined map to the replacement character.
constexpr std::array<char16_t, 32> kWindows1252 = {
    0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};

void AppendUtf8(char32_t code, std::string& out) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xC0 | (code >> 6)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xE0 | (code >> 12)));
    out.push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
}

std::size_t SizeFromWindows1252(std::string_view bytes) {
  std::size_t size = 0;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    const bool long_one = byte >= 0x80 && byte < 0xA0 && kWindows1252[byte - 0x80u] >= 0x800;
    size += byte < 0x80 ? 1 : long_one ? 3 : 2;
  }
  return size;
}

std::string FromWindows1252(std::string_view bytes) {
  std::string text;
  text.reserve(SizeFromWindows1252(bytes));
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 && byte < 0xA0) {
      AppendUtf8(kWindows1252[byte - 0x80u], text);
    } else {
      AppendUtf8(byte, text);
    }
  }
  return text;
}

// Length of the well-formed UTF-8 sequence at the start of `text` (RFC 3629); 0 when there is none.
std::size_t SequenceLength(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = at(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xC0) != 0x80) return 0;
  }
  if (lead == 0xE0 && at(1) < 0xA0) return 0;
  if (lead == 0xED && at(1) > 0x9F) return 0;
  if (lead == 0xF0 && at(1) < 0x90) return 0;
  if (lead == 0xF4 && at(1) > 0x8F) return 0;
  return length;
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = SequenceLength(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

struct Decoded {
  std::string text;
  std::string_view name;
};

absl::Status TooLarge(std::string_view what) {
  return Refuse(absl::StatusCode::kInvalidArgument, "FILE_TOO_LARGE", what, "file");
}

absl::StatusOr<Decoded> Decode(std::string bytes, Encoding encoding) {
  constexpr std::string_view kBom = "\xEF\xBB\xBF";
  const bool has_bom = bytes.starts_with(kBom);
  if (has_bom) bytes.erase(0, kBom.size());
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
    return BadCsv(1, "the file is UTF-16; save it as \"CSV UTF-8\" or as plain CSV");
  }
  const bool utf8 = IsUtf8(bytes);
  if (encoding == Encoding::kUtf8 || has_bom) {
    if (!utf8) return BadCsv(1, "the file is not valid UTF-8");
    return Decoded{std::move(bytes), "utf-8"};
  }
  if (encoding == Encoding::kWindows1252 || !utf8) {
    if (SizeFromWindows1252(bytes) > kMaxText)
      return TooLarge("the file is larger than 192 MiB as UTF-8; cut it in parts");
    return Decoded{FromWindows1252(bytes), "windows-1252"};
  }
  return Decoded{std::move(bytes), "utf-8"};
}

// The separator that the header line holds most of, outside quotes.
char Separator(std::string_view text) {
  constexpr std::string_view kCandidates = ";,\t";
  std::array<std::size_t, 3> counts{};
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '\n' || c == '\r') break;
    const std::size_t which = kCandidates.find(c);
    if (which != std::string_view::npos) ++counts[which];
  }
  const auto most = std::max_element(counts.begin(), counts.end());
  return kCandidates[static_cast<std::size_t>(most - counts.begin())];
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  while (true) {
    if (!text.empty() && kBlank.find(text.front()) != std::string_view::npos) {
      text.remove_prefix(1);
    } else if (text.substr(0, 2) == "\xC2\xA0") {  // no-break space, as spreadsheets leave behind
      text.remove_prefix(2);
    } else {
      break;
    }
  }
  while (!text.empty()) {
    if (kBlank.find(text.back()) != std::string_view::npos) {
      text.remove_suffix(1);
    } else if (text.size() >= 2 && text.substr(text.size() - 2) == "\xC2\xA0") {
      text.remove_suffix(2);
    } else {
      break;
    }
  }
  return text;
}

// A `'` before = + - @ keeps a spreadsheet from running the cell as a formula; it is not part of
// the value.
std::string Cell(std::string_view raw) {
  raw = Trim(raw);
  if (raw.size() >= 2 && raw[0] == '\'' &&
      std::string_view("=+-@").find(raw[1]) != std::string_view::npos) {
    raw.remove_prefix(1);
  }
  return std::string(raw);
}

// Cuts text into rows of cells (RFC 4180, with any of the separators and line ends).
class Cutter {
 public:
  Cutter(std::string_view text, char separator) : text_(text), separator_(separator) {}

  bool AtEnd() const { return at_ >= text_.size(); }
  std::int64_t line() const { return line_; }

  // Puts the next row into `cells`, trimmed.
  absl::Status Row(std::vector<std::string>& cells) {
    cells.clear();
    const std::int64_t first_line = line_;
    std::string cell;
    while (true) {
      cell.clear();
      if (absl::Status status = ReadCell(first_line, cell); !status.ok()) return status;
      if (cell.size() > kMaxCell) {
        return BadCsv(first_line,
                      fmt::format("cell {} is longer than {} bytes", cells.size() + 1, kMaxCell));
      }
      if (cell.find('\0') != std::string::npos)
        return BadCsv(first_line, "the line holds a NUL byte");
      cells.push_back(Cell(cell));
      if (cells.size() > kMaxColumns) {
        return BadCsv(first_line, fmt::format("more than {} columns", kMaxColumns));
      }
      if (AtEnd()) return absl::OkStatus();
      const char c = text_[at_++];
      if (c == separator_) continue;
      if (c == '\r' && !AtEnd() && text_[at_] == '\n') ++at_;
      ++line_;
      return absl::OkStatus();
    }
  }

 private:
  bool EndsCell(char c) const { return c == separator_ || c == '\n' || c == '\r'; }

  // Reads no further than one byte more than a cell may have: the caller refuses that.
  absl::Status ReadCell(std::int64_t first_line, std::string& cell) {
    if (AtEnd() || text_[at_] != '"') {
      while (!AtEnd() && !EndsCell(text_[at_]) && cell.size() <= kMaxCell)
        cell.push_back(text_[at_++]);
      return absl::OkStatus();
    }
    ++at_;
    while (true) {
      if (cell.size() > kMaxCell) return absl::OkStatus();
      if (AtEnd()) return BadCsv(first_line, "a quoted cell that begins here never ends");
      char c = text_[at_++];
      if (c == '\r') {  // one form of line break inside a cell, whoever wrote the file
        if (!AtEnd() && text_[at_] == '\n') ++at_;
        c = '\n';
      }
      if (c == '\n') ++line_;
      if (c != '"') {
        cell.push_back(c);
      } else if (!AtEnd() && text_[at_] == '"') {
        cell.push_back(text_[at_++]);
      } else {
        break;
      }
    }
    if (!AtEnd() && !EndsCell(text_[at_])) {
      return BadCsv(line_, "text follows the closing quote of a cell");
    }
    return absl::OkStatus();
  }

  std::string_view text_;
  char separator_;
  std::size_t at_ = 0;
  std::int64_t line_ = 1;
};

bool Blank(const std::vector<std::string>& cells) {
  return std::all_of(cells.begin(), cells.end(), [](const std::string& c) { return c.empty(); });
}

std::string_view SeparatorName(char separator) {
  return separator == '\t' ? "tab" : separator == ';' ? "';'" : "','";
}

// Reads every row once: the headers, and how many rows there are.
absl::Status Survey(ImportFile& file) {
  Cutter cutter(file.text, file.separator);
  std::vector<std::string> cells;
  while (!cutter.AtEnd()) {
    if (absl::Status status = cutter.Row(cells); !status.ok()) return status;
    if (Blank(cells)) continue;
    if (file.headers.empty()) {
      file.headers = cells;
    } else if (++file.rows > kMaxImportRows) {
      return TooLarge(
          fmt::format("the file has more than {} rows; cut it in parts", kMaxImportRows));
    }
  }
  if (!file.headers.empty()) return absl::OkStatus();
  return BadCsv(1, "the file is empty; its first line must name the columns");
}

}  // namespace

struct ImportFileRows::Place {
  Cutter cutter;
};

ImportFileRows::ImportFileRows(const ImportFile& file)
    : place_(std::make_unique<Place>(Place{Cutter(file.text, file.separator)})) {
  ImportRow header;
  Next(header);
}

ImportFileRows::~ImportFileRows() = default;

bool ImportFileRows::Next(ImportRow& row) {
  Cutter& cutter = place_->cutter;
  while (!cutter.AtEnd()) {
    row.line = cutter.line();
    if (!cutter.Row(row.cells).ok()) return false;  // ReadImportFile has seen every row
    if (!Blank(row.cells)) return true;
  }
  return false;
}

absl::StatusOr<ImportFile> ReadImportFile(ImportKind kind, std::string bytes, Encoding encoding) {
  if (bytes.size() > kMaxBytes) return TooLarge("the file is larger than 128 MiB");
  absl::StatusOr<Decoded> decoded = Decode(std::move(bytes), encoding);
  if (!decoded.ok()) return decoded.status();
  ImportFile file;
  file.kind = kind;
  file.text = std::move(decoded->text);
  file.separator = Separator(file.text);
  if (absl::Status status = Survey(file); !status.ok()) return status;
  file.dialect = fmt::format("{}, separator {}, {} columns, {} rows", decoded->name,
                             SeparatorName(file.separator), file.headers.size(), file.rows);
  return file;
}

}  // namespace parc::fleet
