#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "vision/frame.h"

namespace vigil {

/// How long the picture has not changed. A live sensor's noise changes every frame; a camera or a driver that
/// hangs repeats the last one. Belongs to one thread.
class StillImage {
 public:
  /// @param t ms on the drive's clock @return ms since the last frame that differed from the one before it; 0
  /// for a frame that differs, for the first one, and for one of another size
  double Measure(const RgbImage& image, double t);

  /// Share of the compared pixels that may change without the picture counting as another one.
  static constexpr double kMaxChangedShare = 0.002;

 private:
  int width_ = 0, height_ = 0;
  std::vector<uint8_t> samples_;
  std::optional<double> changedAt_;
};

}  // namespace vigil
