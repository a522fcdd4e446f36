#include "vision/resample.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstring>

#include "vision/float4.h"

namespace vigil {

namespace {

using simd::Float4;
using simd::Int4;

/// Walks floor(i * from / to) for i = 0, 1, ... without dividing.
class Boundaries {
 public:
  Boundaries(int from, int to) : step_(from / to), rest_(from % to), to_(to) {}

  int Next() {
    position_ += step_;
    error_ += rest_;
    if (error_ >= to_) {
      error_ -= to_;
      ++position_;
    }
    return position_;
  }

 private:
  int step_, rest_, to_;
  int position_ = 0;
  int error_ = 0;
};

/// Sums of `rows` rows of bytes. 16 bits hold 257 rows; a source row shrinks to at least 1/64 of an
/// 8192-pixel image's.
void AddRows(const uint8_t* pixels, size_t stride, int rows, uint16_t* sums) {
  for (size_t i = 0; i < stride; ++i) sums[i] = pixels[i];
  for (int v = 1; v < rows; ++v) {
    pixels += stride;
    for (size_t i = 0; i < stride; ++i) sums[i] = static_cast<uint16_t>(sums[i] + pixels[i]);
  }
}

uint32_t LoadWord(const uint8_t* from) {
  uint32_t word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

/// Bilinear mix of the four pixels from `p` (image stride `stride`) in the lower three lanes. Reads those
/// pixels' bytes and no other: the right neighbour is the upper three bytes of the word that starts at p + 2
/// (little-endian, as all our targets are).
Float4 Mix(const uint8_t* p, size_t stride, float w00, float w10, float w01, float w11) {
  const uint8_t* r = p + stride;
  return simd::Splat(w00) * simd::BytesToFloat<0>(LoadWord(p)) +
         simd::Splat(w10) * simd::BytesToFloat<1>(LoadWord(p + 2)) +
         simd::Splat(w01) * simd::BytesToFloat<0>(LoadWord(r)) +
         simd::Splat(w11) * simd::BytesToFloat<1>(LoadWord(r + 2));
}

}  // namespace

Letterbox FitSquare(const RgbImage& image, int side, float low, float high, std::span<float> out) {
  const double fit =
      std::min(static_cast<double>(side) / image.width, static_cast<double>(side) / image.height);
  const int width = std::clamp(static_cast<int>(std::lround(image.width * fit)), 1, side);
  const int height = std::clamp(static_cast<int>(std::lround(image.height * fit)), 1, side);
  const int left = (side - width) / 2;
  const int top = (side - height) / 2;
  std::fill(out.begin(), out.end(), low);
  const size_t stride = static_cast<size_t>(image.width) * 3;
  std::array<uint16_t, static_cast<size_t>(kMaxImageSide) * 3> sums;
  Boundaries rows(image.height, height);
  for (int y = 0, y0 = 0; y < height; ++y) {
    const int next = rows.Next();
    const int y1 = std::max(y0 + 1, next);
    AddRows(image.pixels.data() + static_cast<size_t>(y0) * stride, stride, y1 - y0, sums.data());
    float* q = out.data() +
               (static_cast<size_t>(y + top) * static_cast<size_t>(side) + static_cast<size_t>(left)) * 3;
    Boundaries columns(image.width, width);
    for (int x = 0, x0 = 0; x < width; ++x, q += 3) {
      const int after = columns.Next();
      const int x1 = std::max(x0 + 1, after);
      uint32_t sum[3] = {0, 0, 0};
      for (const uint16_t* p = &sums[static_cast<size_t>(x0) * 3]; p != &sums[static_cast<size_t>(x1) * 3];
           p += 3) {
        for (int c = 0; c < 3; ++c) sum[c] += p[c];
      }
      const float gain = (high - low) / (255.0F * static_cast<float>((y1 - y0) * (x1 - x0)));
      for (int c = 0; c < 3; ++c) q[c] = low + gain * static_cast<float>(sum[c]);
      x0 = after;
    }
    y0 = next;
  }
  return {fit * image.scale, static_cast<double>(left), static_cast<double>(top), {left, top, width, height}};
}

void CropRegion(const RgbImage& image, const Region& region, int side, std::span<float> out) {
  const float step = static_cast<float>(region.size * image.scale / side);
  const float c = std::cos(static_cast<float>(region.rotation)) * step;
  const float s = std::sin(static_cast<float>(region.rotation)) * step;
  const float half = static_cast<float>(side) / 2;
  const float originX = static_cast<float>(region.centreX * image.scale) - 0.5F;
  const float originY = static_cast<float>(region.centreY * image.scale) - 0.5F;
  // Just below the last index, so that the right and lower neighbour exist.
  const Float4 maxX = simd::Splat(static_cast<float>(image.width) - 1.001F);
  const Float4 maxY = simd::Splat(static_cast<float>(image.height) - 1.001F);
  const Float4 zero = simd::Splat(0);
  const uint8_t* pixels = image.pixels.data();
  const size_t stride = static_cast<size_t>(image.width) * 3;
  const Float4 unit = simd::Splat(1.0F / 255.0F);
  constexpr Float4 kLanes = {0.5F, 1.5F, 2.5F, 3.5F};
  constexpr int kGroup = 4;
  float* q = out.data();
  for (int y = 0; y < side; ++y) {
    const float v = static_cast<float>(y) + 0.5F - half;
    for (int x = 0; x < side; x += kGroup) {
      const Float4 u = simd::Splat(static_cast<float>(x)) + kLanes - simd::Splat(half);
      const Float4 fx =
          simd::Clamp(simd::Splat(originX) + simd::Splat(c) * u - simd::Splat(s * v), zero, maxX);
      const Float4 fy =
          simd::Clamp(simd::Splat(originY) + simd::Splat(s) * u + simd::Splat(c * v), zero, maxY);
      const Int4 x0 = simd::ToInt(fx);
      const Int4 y0 = simd::ToInt(fy);
      const Float4 a = fx - simd::ToFloat(x0);
      const Float4 b = fy - simd::ToFloat(y0);
      const Float4 w00 = (1 - a) * (1 - b) * unit;
      const Float4 w10 = a * (1 - b) * unit;
      const Float4 w01 = (1 - a) * b * unit;
      const Float4 w11 = a * b * unit;
      Float4 mixed[kGroup];
      for (int i = 0; i < kGroup; ++i) {
        const uint8_t* p = pixels + static_cast<size_t>(y0[i]) * stride + static_cast<size_t>(x0[i]) * 3;
        mixed[i] = Mix(p, stride, w00[i], w10[i], w01[i], w11[i]);
      }
      const int count = std::min(kGroup, side - x);
      if (count == kGroup) {
        simd::Store(q, simd::Shuffle<0, 1, 2, 4>(mixed[0], mixed[1]));
        simd::Store(q + 4, simd::Shuffle<1, 2, 4, 5>(mixed[1], mixed[2]));
        simd::Store(q + 8, simd::Shuffle<2, 4, 5, 6>(mixed[2], mixed[3]));
      } else {
        for (int i = 0; i < count; ++i) std::memcpy(q + std::ptrdiff_t{3} * i, &mixed[i], 3 * sizeof(float));
      }
      q += std::ptrdiff_t{3} * count;
    }
  }
}

}  // namespace vigil
