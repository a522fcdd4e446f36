#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "can/frame_columns.h"

namespace vigil::can {

/// An object that was left out.
struct BlfProblem {
  uint64_t place;  ///< as given to Parse
  std::string text;
};

/// Reads the objects of Vector's binary logging format ("LOBJ ..."), as they lie one after the other in the
/// containers' contents, into columns. The caller unpacks the containers; an object may go on in the next
/// one.
class BlfParser {
 public:
  struct Progress {
    size_t frames = 0;     ///< in the columns
    size_t dataBytes = 0;  ///< in the columns' data
    size_t consumed = 0;   ///< bytes that are done with
  };

  /// Reads whole objects until the bytes or the columns are used up; what is not consumed is to be given
  /// again with more behind it. A column is full when fewer than kMaxPayload data bytes are left. All columns
  /// but `data` have the same size. `filled` says what the columns hold already; frames are appended. `place`
  /// goes into the problems.
  Progress Parse(std::span<const uint8_t> bytes, uint64_t place, const MutableFrameColumns& out,
                 Progress filled);

  /// Bytes are missing in front of what comes next: search the next object without a complaint.
  void Resynchronise() { searching_ = true; }

  /// Of the object header: 10 is a container.
  static constexpr uint32_t kContainer = 10;

  uint64_t damaged() const { return damaged_; }
  /// The first kMaxProblems damaged objects.
  const std::vector<BlfProblem>& problems() const { return problems_; }
  /// Objects that are no CAN frames, by object type.
  const std::map<uint32_t, uint64_t>& skipped() const { return skipped_; }
  /// Requests to send, which were no frames on the bus (yet).
  uint64_t requests() const { return requests_; }

  static constexpr size_t kMaxProblems = 20;
  /// No object is longer; a greater size is damage.
  static constexpr uint32_t kMaxObject = 16u << 20;

 private:
  struct Frame {
    uint32_t id = 0;
    uint16_t channel = 0;  ///< from 1; 0 is unknown
    uint8_t flags = 0;
    size_t length = 0;
    const uint8_t* data = nullptr;  ///< null: zeros
    size_t present = kMaxPayload;   ///< bytes at data; zeros follow
  };
  enum class Read : uint8_t { kFrame, kNoFrame, kRequest, kShort };

  static Read ReadObject(uint32_t type, std::span<const uint8_t> body, size_t headerSize, Frame* frame);
  void Report(uint64_t place, std::string text);

  std::vector<BlfProblem> problems_;
  std::map<uint32_t, uint64_t> skipped_;
  uint64_t damaged_ = 0, requests_ = 0;
  bool searching_ = false;  ///< after damage, for the next object
};

}  // namespace vigil::can
