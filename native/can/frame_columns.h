#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace vigil::can {

/// Bits of a frame's flags; the same values as `FrameFlag` in src/can/frames.ts.
enum FrameFlag : uint8_t {
  kExtended = 1,
  kRemote = 2,
  kErrorFrame = 4,
  kFd = 8,
  kBitRateSwitch = 16,
  kErrorStateIndicator = 32,
  kTransmitted = 64,
};

constexpr size_t kMaxPayload = 64;

/// A batch of frames as columns (`CanFrames` in src/can/frames.ts). Element type is const for reading.
template <class Number, class Id, class Byte>
struct BasicFrameColumns {
  std::span<Number> t;
  std::span<Id> id;
  std::span<Byte> flags;
  std::span<Byte> channel;
  std::span<Byte> length;
  std::span<Id> offset;
  std::span<Byte> data;
};

using FrameColumns = BasicFrameColumns<const double, const uint32_t, const uint8_t>;
using MutableFrameColumns = BasicFrameColumns<double, uint32_t, uint8_t>;

}  // namespace vigil::can
