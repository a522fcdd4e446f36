#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "can/candump_text.h"
#include "can/frame_columns.h"

namespace vigil::can {

/// A line that was left out.
struct CandumpProblem {
  uint64_t line;  ///< from 1
  std::string message;
  std::string text;  ///< the line's beginning
};

/// Reads the text that candump writes, piece by piece, into columns: the log of `-L`,
/// `(seconds.fraction) interface ID#DATA`, and the long lines of every other call,
/// `[(time)] interface [RX - -] ID [length] bytes ['characters']`. Keeps line numbers, channel names and the
/// first malformed lines from piece to piece; not the text.
class CandumpParser {
 public:
  /// `epochSeconds` is subtracted from every stamp before it becomes a double, so that nanoseconds of dates
  /// stay exact; `deltas` says that each stamp counts from the one before. Lines without a stamp are at 0.
  explicit CandumpParser(int64_t epochSeconds = 0, bool deltas = false)
      : epochSeconds_(epochSeconds), deltas_(deltas) {}

  struct Progress {
    size_t frames = 0;     ///< in the columns
    size_t dataBytes = 0;  ///< in the columns' data
    size_t consumed = 0;   ///< bytes of the text that are done with
  };

  /// Reads whole lines until the text or the columns are used up. `last` says that no text follows: what is
  /// left then is a line cut off, and is left out, since half a payload looks like a whole one. A column is
  /// full when fewer than kMaxPayload data bytes are left. All columns but `data` have the same size.
  /// `filled` says what the columns hold already; frames are appended.
  Progress Parse(std::span<const uint8_t> text, bool last, const MutableFrameColumns& out, Progress filled);

  uint64_t lines() const { return lines_; }
  uint64_t malformed() const { return malformed_; }
  bool endsMidLine() const { return endsMidLine_; }
  /// The first kMaxProblems malformed lines.
  const std::vector<CandumpProblem>& problems() const { return problems_; }
  /// Interface names by channel number; empty where no interface has the number.
  const std::array<std::string, 256>& channels() const { return channelNames_; }

  static constexpr size_t kMaxProblems = 20;
  /// Text without a line end that is longer than this is not a candump log.
  static constexpr size_t kMaxLine = 1024;

 private:
  using Frame = candump::LineFrame;

  /// Null when the line was read, else what was expected. `payload` has room for kMaxPayload bytes.
  const char* ReadLine(std::string_view line, Frame* frame, uint8_t* payload);
  const char* ReadPayload(std::string_view* rest, Frame* frame, uint8_t* payload);
  const char* Finish(std::string_view name, Frame* frame);
  bool ReadTime(std::string_view* rest, double* milliseconds);
  /// The number at the end of the name when no other interface has it, else the lowest free one; -1 when all
  /// 256 are taken.
  int ChannelOf(std::string_view name);
  void Report(const char* expected, std::string_view line);

  int64_t epochSeconds_;
  bool deltas_;
  double lastMs_ = 0;  ///< time of the last frame, when stamps are deltas
  uint64_t lines_ = 0, malformed_ = 0;
  bool endsMidLine_ = false;
  bool skipping_ = false;  ///< inside a line longer than kMaxLine
  std::vector<CandumpProblem> problems_;
  std::array<std::string, 256> channelNames_;
  std::map<std::string, int, std::less<>> channelByName_;
  std::string lastName_;
  int lastChannel_ = -1;
};

}  // namespace vigil::can
