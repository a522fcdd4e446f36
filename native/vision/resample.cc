#include "vision/resample.h"

#include <algorithm>
#include <cmath>

namespace vigil {

Letterbox FitSquare(const RgbImage& image, int side, float low, float high, std::span<float> out) {
  const double fit =
      std::min(static_cast<double>(side) / image.width, static_cast<double>(side) / image.height);
  const int width = std::clamp(static_cast<int>(std::lround(image.width * fit)), 1, side);
  const int height = std::clamp(static_cast<int>(std::lround(image.height * fit)), 1, side);
  const int left = (side - width) / 2;
  const int top = (side - height) / 2;
  std::fill(out.begin(), out.end(), low);
  const uint8_t* pixels = image.pixels.data();
  const size_t stride = static_cast<size_t>(image.width) * 3;
  for (int y = 0; y < height; ++y) {
    const int y0 = y * image.height / height;
    const int y1 = std::max(y0 + 1, (y + 1) * image.height / height);
    for (int x = 0; x < width; ++x) {
      const int x0 = x * image.width / width;
      const int x1 = std::max(x0 + 1, (x + 1) * image.width / width);
      uint32_t sum[3] = {0, 0, 0};
      for (int v = y0; v < y1; ++v) {
        const uint8_t* p = pixels + static_cast<size_t>(v) * stride + static_cast<size_t>(x0) * 3;
        for (int u = x0; u < x1; ++u, p += 3) {
          sum[0] += p[0];
          sum[1] += p[1];
          sum[2] += p[2];
        }
      }
      const float gain = (high - low) / (255.0F * static_cast<float>((y1 - y0) * (x1 - x0)));
      float* q =
          out.data() +
          (static_cast<size_t>(y + top) * static_cast<size_t>(side) + static_cast<size_t>(x + left)) * 3;
      for (int c = 0; c < 3; ++c) q[c] = low + gain * static_cast<float>(sum[c]);
    }
  }
  return {fit * image.scale, static_cast<double>(left), static_cast<double>(top)};
}

void CropRegion(const RgbImage& image, const Region& region, int side, std::span<float> out) {
  const float step = static_cast<float>(region.size * image.scale / side);
  const float c = std::cos(static_cast<float>(region.rotation)) * step;
  const float s = std::sin(static_cast<float>(region.rotation)) * step;
  const float half = static_cast<float>(side) / 2;
  const float originX = static_cast<float>(region.centreX * image.scale) - 0.5F;
  const float originY = static_cast<float>(region.centreY * image.scale) - 0.5F;
  // Just below the last index, so that the right and lower neighbour exist.
  const float maxX = static_cast<float>(image.width) - 1.001F;
  const float maxY = static_cast<float>(image.height) - 1.001F;
  const uint8_t* pixels = image.pixels.data();
  const size_t stride = static_cast<size_t>(image.width) * 3;
  constexpr float kUnit = 1.0F / 255.0F;
  float* q = out.data();
  for (int y = 0; y < side; ++y) {
    const float v = static_cast<float>(y) + 0.5F - half;
    for (int x = 0; x < side; ++x, q += 3) {
      const float u = static_cast<float>(x) + 0.5F - half;
      const float fx = std::clamp(originX + c * u - s * v, 0.0F, maxX);
      const float fy = std::clamp(originY + s * u + c * v, 0.0F, maxY);
      const int x0 = static_cast<int>(fx);
      const int y0 = static_cast<int>(fy);
      const float a = fx - static_cast<float>(x0);
      const float b = fy - static_cast<float>(y0);
      const uint8_t* p = pixels + static_cast<size_t>(y0) * stride + static_cast<size_t>(x0) * 3;
      const uint8_t* r = p + stride;
      const float w00 = (1 - a) * (1 - b) * kUnit;
      const float w10 = a * (1 - b) * kUnit;
      const float w01 = (1 - a) * b * kUnit;
      const float w11 = a * b * kUnit;
      for (int k = 0; k < 3; ++k) {
        q[k] = w00 * static_cast<float>(p[k]) + w10 * static_cast<float>(p[k + 3]) +
               w01 * static_cast<float>(r[k]) + w11 * static_cast<float>(r[k + 3]);
      }
    }
  }
}

}  // namespace vigil
