#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "can/frame_columns.h"

namespace vigil::can {

/// Where a number lies in a record.
struct Mf4Field {
  uint32_t byte = 0;
  uint8_t bit = 0;   ///< of the first byte (least significant first)
  uint8_t bits = 0;  ///< 0: the record has no such field; bit + bits is at most 64
  bool bigEndian = false, isFloat = false, isSigned = false;
};

/// The records of one channel group.
struct Mf4Group {
  enum class Kind : uint8_t { kSkip, kData, kRemote, kError, kVariable };

  uint64_t recordId = 0;
  uint32_t recordBytes = 0;  ///< without the record id
  Kind kind = Kind::kSkip;
  /// The sequence of variable-length values that this group's payloads lie in (kVariable: that it fills), or
  /// -1.
  int32_t sequence = -1;
  /// t in ms = time / timeDivisor, or time * timeFactor where the divisor is 0; plus timeOffset.
  double timeDivisor = 0, timeFactor = 0, timeOffset = 0;
  uint32_t channelBase = 0;  ///< what the first channel's number is
  Mf4Field time, id, extended, code, length, data, transmitted, channel, fd, bitRateSwitch, errorState,
      remote;
};

struct Mf4Problem {
  uint64_t record;  ///< from 0, in the data group
  std::string text;
};

/// Reads the records of one data group of an MDF 4 file, unpacked and put together by the caller, into
/// columns.
class Mf4Records {
 public:
  struct Progress {
    size_t frames = 0;     ///< in the columns
    size_t dataBytes = 0;  ///< in the columns' data
    size_t consumed = 0;   ///< bytes that are done with
    /// One above the sequence of values that is wanted before it goes on, or 0.
    uint32_t wanted = 0;
  };

  /// @param recordIdBytes 0 (then there is one group), 1, 2, 4 or 8
  /// @param sequences how many; those that no group fills come through Append
  /// @param inOrder offsets of values are not valid: values are taken in the order of the records
  /// Throws Error INVALID_ARGUMENT when a field does not lie in its record.
  Mf4Records(std::vector<Mf4Group> groups, uint32_t recordIdBytes, uint32_t sequences, bool inOrder);

  /// Reads whole records until the bytes or the columns are used up; what is not consumed is to be given
  /// again with more behind it. A column is full when fewer than kMaxPayload data bytes are left. All columns
  /// but `data` have the same size. `last` says that nothing follows.
  Progress Parse(std::span<const uint8_t> bytes, bool last, const MutableFrameColumns& out, Progress filled);

  /// More of a sequence that comes from blocks of its own. `last`: nothing follows.
  void Append(uint32_t sequence, std::span<const uint8_t> bytes, bool last);

  uint64_t damaged() const { return damaged_; }
  const std::vector<Mf4Problem>& problems() const { return problems_; }
  /// Records by group.
  const std::vector<uint64_t>& counts() const { return counts_; }
  /// A record's id was unknown, so that its end is too: nothing behind it can be read.
  bool broken() const { return broken_; }

  static constexpr size_t kMaxProblems = 20;
  static constexpr uint32_t kMaxRecord = 1u << 20;

 private:
  enum class Outcome : uint8_t { kDone, kWait };

  struct Sequence {
    std::vector<uint8_t> bytes;
    uint64_t base = 0;    ///< offset of bytes[0]
    uint64_t next = 0;    ///< offset of the value behind the last one used
    bool ended = false;   ///< nothing comes any more
    bool filled = false;  ///< by a group of the same records
  };
  struct Waiting {
    uint32_t group;
    uint64_t record;
    std::vector<uint8_t> bytes;
  };

  const Mf4Group* Find(uint64_t recordId, uint32_t* index) const;
  /// Appends the record's frame. `record` has 8 readable bytes behind it.
  Outcome Read(const Mf4Group& group, const uint8_t* record, uint64_t number, const MutableFrameColumns& out,
               Progress* progress);
  /// The payload of a variable-length value: true when found or when it never will be (then `data` is null).
  bool Value(Sequence& sequence, uint64_t offset, const uint8_t** data, size_t* size);
  void Fill(Sequence& sequence, std::span<const uint8_t> bytes);
  void Report(uint64_t record, std::string text);

  std::vector<Mf4Group> groups_;
  uint32_t recordIdBytes_;
  bool inOrder_;
  std::vector<Sequence> sequences_;
  std::deque<Waiting> waiting_;  ///< records whose value has not come yet, and those behind them
  size_t waitingBytes_ = 0;
  std::vector<uint8_t> padded_;  ///< a record at the very end of the bytes, with room behind it
  std::vector<uint64_t> counts_;
  std::vector<Mf4Problem> problems_;
  uint64_t damaged_ = 0, records_ = 0;
  bool broken_ = false;
};

/// Undoes the transposition of a compressed block: `rows` records of `columns` bytes stand column by column;
/// what is left over at the end was not transposed. Both have the same size.
void Untranspose(std::span<const uint8_t> transposed, size_t columns, std::span<uint8_t> out);

}  // namespace vigil::can
