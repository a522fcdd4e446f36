#pragma once

#include <algorithm>
#include <cstdint>

namespace vigil::can {

/// A kernel stamp on the realtime clock as milliseconds on the monotonic one, by its age now. A stamp from
/// the future or older than ten seconds means that the realtime clock was set in between: then the moment of
/// reading is the better answer.
inline double MonotonicFromRealMs(int64_t stampNs, int64_t realNowNs, int64_t monotonicNowNs) noexcept {
  constexpr int64_t kOldestNs = 10'000'000'000;
  const int64_t age = realNowNs - stampNs;
  const int64_t t = age < 0 || age > kOldestNs ? monotonicNowNs : monotonicNowNs - age;
  return static_cast<double>(t) / 1e6;
}

/// Maps a controller's own clock onto the monotonic one. The difference of the two stamps of a frame is the
/// clocks' offset plus the delay until the software stamp, which is never negative: the least difference is
/// the best offset. It may rise slowly, so that a controller's clock that runs slow is followed.
class HardwareClock {
 public:
  /// The frame's monotonic time in ms; never after `softwareMs`.
  double Map(double hardwareMs, double softwareMs) noexcept {
    const double difference = softwareMs - hardwareMs;
    const double elapsed = hardwareMs - lastHardwareMs_;
    if (!known_ || elapsed < -kJumpMs || difference - offset_ > kJumpMs) {
      offset_ = difference;  // the first frame, or the controller's clock was set anew
    } else {
      offset_ = std::min(difference, offset_ + std::max(0.0, elapsed) * kDrift);
    }
    known_ = true;
    lastHardwareMs_ = hardwareMs;
    return hardwareMs + offset_;
  }

 private:
  static constexpr double kDrift = 200e-6;  ///< crystals of controllers are within 100 ppm, ours as well
  static constexpr double kJumpMs = 1000;

  bool known_ = false;
  double offset_ = 0;
  double lastHardwareMs_ = 0;
};

}  // namespace vigil::can
