#include "vision/still_image.h"

#include <algorithm>
#include <cstddef>

namespace vigil {

namespace {

/// Pixels compared along each axis: about 5,000 of a VGA frame, two microseconds' worth of memory.
constexpr int kAcross = 80;
constexpr int kDown = 60;

}  // namespace

double StillImage::Measure(const RgbImage& image, double t) {
  const bool comparable = changedAt_ && image.width == width_ && image.height == height_ && t >= *changedAt_;
  width_ = image.width;
  height_ = image.height;
  const int stepX = std::max(1, image.width / kAcross);
  const int stepY = std::max(1, image.height / kDown);
  size_t count = 0;
  size_t changed = 0;
  for (int y = stepY / 2; y < image.height; y += stepY) {
    const uint8_t* row = image.pixels.data() + static_cast<size_t>(y) * static_cast<size_t>(image.width) * 3;
    for (int x = stepX / 2; x < image.width; x += stepX, ++count) {
      const uint8_t green = row[static_cast<size_t>(x) * 3 + 1];
      if (count == samples_.size()) samples_.push_back(green);
      changed += samples_[count] != green ? 1 : 0;
      samples_[count] = green;
    }
  }
  const bool same =
      comparable && static_cast<double>(changed) <= kMaxChangedShare * static_cast<double>(count);
  if (!same) changedAt_ = t;
  return t - *changedAt_;
}

}  // namespace vigil
