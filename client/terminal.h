#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace parc::client {

// Standard input, output and error. Data goes to Write, words go to Tell. When the reader of the
// output has gone, the process ends silently as SIGPIPE would have it.
class Terminal {
 public:
  struct Wishes {
    bool colour = true;  // false: --no-color or NO_COLOR
    int columns = 0;     // COLUMNS; used when the output is no terminal
  };
  explicit Terminal(Wishes wishes);
  ~Terminal();
  Terminal(Terminal&&) = delete;

  bool out_is_terminal() const { return out_is_terminal_; }
  bool err_is_terminal() const { return err_is_terminal_; }
  bool in_is_terminal() const { return in_is_terminal_; }
  bool colour() const { return wishes_.colour && out_is_terminal_; }
  bool err_colour() const { return wishes_.colour && err_is_terminal_; }
  void DisableColour() { wishes_.colour = false; }

  // Columns that a table may take; 0: as many as it wants.
  int width() const;

  void Write(std::string_view data);
  void Tell(std::string_view line);
  void Flush();
  // False once output was lost (a full disk, say).
  bool intact() const { return intact_; }

  // Asks a yes or no on the terminal; nothing when there is none to ask.
  std::optional<bool> Confirm(std::string_view question);

  // Rewrites one line of the terminal that is standard error; nothing elsewhere. Empty: wipes it.
  void Progress(std::string_view line);

 private:
  Wishes wishes_;
  const bool in_is_terminal_;
  const bool out_is_terminal_;
  const bool err_is_terminal_;
  std::string pending_;
  bool intact_ = true;
  bool progress_shown_ = false;
};

}  // namespace parc::client
