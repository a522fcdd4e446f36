#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "can/frame_columns.h"
#include "can/message_index.h"
#include "can/scaling.h"

namespace vigil::can {

/// A plan as flat columns, as src/can/decode-plan.ts compiles it. Signals of message m are
/// signalStart[m] .. signalStart[m + 1] - 1.
struct PlanColumns {
  std::span<const uint32_t> key;           ///< identifier; bits 31 and 30 as MessageIndex says
  std::span<const uint16_t> messageBytes;  ///< payload the database promises
  std::span<const uint32_t> signalStart;   ///< messages + 1
  std::span<const uint16_t> firstBit;      ///< in reading order of the signal's byte order
  std::span<const uint8_t> bitLength;      ///< 1 to 64
  std::span<const uint8_t> kind;           ///< bits of SignalKind
  std::span<const double> factor;
  std::span<const double> offset;
  std::span<const int32_t> switchIndex;  ///< the signal (of the same message) this one depends on, or -1
  std::span<const uint32_t> rangeStart;  ///< signals + 1
  std::span<const int64_t> rangeLow;     ///< inclusive raw values of the switch; bits of an unsigned 64-bit
  std::span<const int64_t> rangeHigh;
};

/// How the bits become a number; the same values as in src/can/decode-plan.ts.
enum SignalKind : uint8_t { kMotorola = 1, kSigned = 2, kFloat = 4 };

/// Frames of a batch that gave no row.
struct Passed {
  uint32_t unknown = 0;       ///< identifier not in the plan
  uint32_t withoutData = 0;   ///< remote and error frames
  uint32_t otherChannel = 0;  ///< not on the plan's channel
  uint32_t refused = 0;       ///< latest values only: a verdict says that the frame must not be used
};

/// Decodes batches of frames. Into columns (Assign, Extract): all rows of message 0, then those of message 1,
/// and so on; within a message one column per signal. Or to the latest value of each signal (AssignLatest,
/// ExtractLatest), which touches the payloads of few frames. Holds scratch memory that grows to the largest
/// batch, so one thread at a time.
class DecodePlan {
 public:
  /// Throws Error INVALID_ARGUMENT when the columns contradict each other. `channel` -1 takes every channel.
  DecodePlan(const PlanColumns& columns, int channel);

  size_t messageCount() const { return messages_.size(); }
  size_t signalCount() const { return signals_.size(); }

  /// First step: finds each frame's message and keeps its payload. Reads every element of `frames` once and
  /// checks it before use, so that a buffer another thread writes to cannot lead out of bounds.
  /// Throws Error CAN_FRAMES_INVALID when a row's payload does not lie in the data.
  void Assign(const FrameColumns& frames);

  /// First step to the latest values: as Assign, but keeps only frames that may hold one. `verdicts`, one per
  /// frame as ValidityPlan::Check writes them, leaves out those that are not usable; empty: all count.
  void AssignLatest(const FrameColumns& frames, std::span<const uint8_t> verdicts);

  size_t rowCount() const { return times_.size(); }
  /// Doubles that Extract writes: the sum of rows times signals.
  size_t valueCount() const;
  size_t rows(size_t message) const { return rowStart_[message + 1] - rowStart_[message]; }
  /// Frames of the message in the batch.
  uint32_t seen(size_t message) const { return seen_[message]; }
  /// Frames of the message shorter than the database says.
  uint32_t truncated(size_t message) const { return truncated_[message]; }
  const Passed& passed() const { return passed_; }

  /// Second step: writes rowCount() times and valueCount() values. A signal that is not in a row (multiplexed
  /// away, or the frame is too short) is NaN.
  void Extract(std::span<double> times, std::span<double> values);

  /// Second step to the latest values, after AssignLatest: for each signal that was in some frame, its time
  /// and value in the last such frame (signalCount() elements each). The others' elements stay as they are.
  void ExtractLatest(std::span<double> times, std::span<double> values);

 private:
  /// Bytes per row of a wide message: the payload and zeros, so that a 9-byte window at any byte stays
  /// inside.
  static constexpr size_t kWideStride = kMaxPayload + 16;

  struct Signal {
    Scaling scaling;
    uint16_t byte;  ///< of the first bit
    uint8_t bit;    ///< first bit within that byte, in reading order
    uint8_t length;
    bool motorola;
    uint8_t requiredBytes;  ///< payload that holds the last bit; more than kMaxPayload: never present
    int32_t switchSlot;     ///< index into the message's switches, or -1
    uint32_t rangeBegin, rangeEnd;
  };
  struct Message {
    uint32_t signalBegin, signalEnd;
    uint16_t bytes;
    uint8_t requiredBytes;           ///< most that any signal needs
    uint8_t presentBytes;            ///< most that any signal needs that can be present
    bool wide;                       ///< some signal needs more than 8 bytes
    bool motorola;                   ///< some signal is Motorola
    std::vector<uint32_t> switches;  ///< signal indices, a switch after the one it depends on
  };
  struct Range {
    uint64_t low, high;
  };
  struct FrameRef {
    uint32_t frame;
    uint32_t offset;
    uint32_t message;  ///< kNoMessage when passed over
    uint8_t length;
  };
  struct SwitchColumn {
    std::vector<int64_t> raw;
    std::vector<uint8_t> present;
  };

  void AddSignal(const PlanColumns& columns, uint32_t index, Message& message);
  void OrderSwitches(const PlanColumns& columns, uint32_t messageIndex);
  void Begin();
  FrameRef Locate(const FrameColumns& frames, size_t i);
  void Scatter(const FrameColumns& frames);
  void ExtractMessage(size_t index, double* values);
  /// The signal's bits at the top of each 64-bit word, for all rows of the current message.
  const uint64_t* Window(const Signal& signal, const Message& message, size_t start, size_t rows, int* shift);
  void ReadSwitches(const Message& message, size_t start, size_t rows);
  bool Selected(const Signal& signal, size_t row) const;

  std::vector<Message> messages_;
  std::vector<Signal> signals_;
  std::vector<Range> ranges_;
  MessageIndex index_;
  int channel_;

  // Scratch of the batch between Assign and Extract; row r of message m is element rowStart_[m] + r.
  std::vector<FrameRef> refs_;
  std::vector<size_t> rowStart_, next_;
  std::vector<size_t> wideStart_;  ///< first payload of message m in wide_
  std::vector<uint32_t> seen_, truncated_;
  std::vector<uint8_t> complete_;  ///< no older frame of the message is needed
  std::vector<double> times_;
  std::vector<uint64_t> words_;   ///< first 8 payload bytes, little endian, zero padded
  std::vector<uint8_t> lengths_;  ///< payload bytes, at most kMaxPayload
  std::vector<uint8_t> wide_;     ///< kWideStride bytes per row of a wide message, zero padded
  std::vector<uint64_t> swapped_, window_;
  std::vector<double> latest_;
  std::vector<SwitchColumn> switches_;
  Passed passed_;
};

}  // namespace vigil::can
