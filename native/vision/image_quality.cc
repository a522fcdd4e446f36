#include "vision/image_quality.h"

#include <cmath>
#include <cstddef>

namespace vigil {

ImageQuality MeasureQuality(std::span<const float> rgb, int side, float low, float high,
                            std::span<float> luma) {
  const float gain = 255.0F / (high - low);
  const size_t width = static_cast<size_t>(side);
  const size_t count = width * width;
  double sum = 0;
  double squares = 0;
  size_t saturated = 0;
  for (size_t i = 0; i < count; ++i) {
    // BT.601 luma.
    const float value =
        (0.299F * (rgb[3 * i] - low) + 0.587F * (rgb[3 * i + 1] - low) + 0.114F * (rgb[3 * i + 2] - low)) *
        gain;
    luma[i] = value;
    sum += value;
    squares += static_cast<double>(value) * value;
    saturated += value >= 250.0F ? 1 : 0;
  }
  double edges = 0;
  double edgeSquares = 0;
  for (size_t y = 1; y + 1 < width; ++y) {
    const float* row = luma.data() + y * width;
    for (size_t x = 1; x + 1 < width; ++x) {
      const double edge = row[x - 1] + row[x + 1] + row[x - width] + row[x + width] - 4 * row[x];
      edges += edge;
      edgeSquares += edge * edge;
    }
  }
  const double n = static_cast<double>(count);
  const double inner = static_cast<double>((width - 2) * (width - 2));
  const double mean = sum / n;
  ImageQuality quality;
  quality.brightness = mean / 255.0;
  quality.contrast = std::sqrt(std::max(0.0, squares / n - mean * mean)) / 255.0;
  quality.sharpness = edgeSquares / inner - (edges / inner) * (edges / inner);
  quality.saturatedShare = static_cast<double>(saturated) / n;
  return quality;
}

}  // namespace vigil
