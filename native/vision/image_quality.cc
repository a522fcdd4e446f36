#include "vision/image_quality.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "vision/float4.h"

namespace vigil {

namespace {

using simd::Float4;
using simd::Int4;

constexpr float kSaturatedLuma = 250;
/// Of the widest square picture that is measured, 4 pixels each.
constexpr size_t kMaxSquares = 64;

/// BT.601 luma of 0 to 255 from values that begin at `low`; `gain` takes their range to 255.
struct Luma {
  float low, gain;

  template <class T>
  T Of(T red, T green, T blue) const {
    return (0.299F * (red - low) + 0.587F * (green - low) + 0.114F * (blue - low)) * gain;
  }
};

struct LumaSums {
  double sum = 0, squares = 0;
  size_t saturated = 0;
};

/// Rows are short enough for float sums; they are gathered in double.
void AddLumaRow(const float* rgb, size_t count, const Luma& luma, float* out, LumaSums& sums) {
  Float4 sum = {}, squares = {};
  Int4 saturated = {};
  size_t x = 0;
  for (; x + 4 <= count; x += 4, rgb += 12) {
    const Float4 a = simd::Load(rgb);      // r g b r
    const Float4 b = simd::Load(rgb + 4);  // g b r g
    const Float4 c = simd::Load(rgb + 8);  // b r g b
    const Float4 rr = simd::Shuffle<2, 5, 2, 5>(b, c);
    const Float4 gg = simd::Shuffle<1, 4, 1, 4>(a, b);
    const Float4 bb = simd::Shuffle<2, 5, 2, 5>(a, b);
    const Float4 value = luma.Of<Float4>(simd::Shuffle<0, 3, 4, 5>(a, rr),
                                         simd::Shuffle<0, 1, 4, 5>(gg, simd::Shuffle<3, 6, 3, 6>(b, c)),
                                         simd::Shuffle<0, 1, 4, 7>(bb, c));
    simd::Store(out + x, value);
    sum += value;
    squares += value * value;
    saturated -= value >= kSaturatedLuma;
  }
  sums.sum += simd::Sum(sum);
  sums.squares += simd::Sum(squares);
  sums.saturated += static_cast<size_t>(saturated[0] + saturated[1] + saturated[2] + saturated[3]);
  for (; x < count; ++x, rgb += 3) {
    const float value = luma.Of(rgb[0], rgb[1], rgb[2]);
    out[x] = value;
    sums.sum += value;
    sums.squares += static_cast<double>(value) * value;
    sums.saturated += value >= kSaturatedLuma ? 1 : 0;
  }
}

/// 4-neighbour Laplacian of the `count` values from `row` on; every one has all four neighbours.
void AddLaplacianRow(const float* row, size_t stride, size_t count, double& sum, double& squares) {
  Float4 edges = {}, edgeSquares = {};
  size_t x = 0;
  for (; x + 4 <= count; x += 4) {
    const float* p = row + x;
    const Float4 edge = simd::Load(p - 1) + simd::Load(p + 1) + simd::Load(p - stride) +
                        simd::Load(p + stride) - 4 * simd::Load(p);
    edges += edge;
    edgeSquares += edge * edge;
  }
  sum += simd::Sum(edges);
  squares += simd::Sum(edgeSquares);
  for (; x < count; ++x) {
    const float* p = row + x;
    const double edge = p[-1] + p[1] + *(p - stride) + p[stride] - 4 * p[0];
    sum += edge;
    squares += edge * edge;
  }
}

constexpr size_t kSquare = 4;

/// Rows of `stride` values, of which the first `width` count.
double Detail(std::span<const float> luma, size_t width, size_t height, size_t stride) {
  const size_t columns = width / kSquare, rows = height / kSquare;
  if (columns < 3 || rows < 3) return 0;
  // Three rows of squares at a time.
  std::array<std::array<float, kMaxSquares>, 3> means{};
  double sum = 0, squares = 0, edges = 0, edgeSquares = 0;
  for (size_t row = 0; row < rows; ++row) {
    auto& now = means[row % 3];
    for (size_t column = 0; column < columns; ++column) {
      const float* p = luma.data() + row * kSquare * stride + column * kSquare;
      Float4 total = simd::Load(p);
      for (size_t y = 1; y < kSquare; ++y) total += simd::Load(p + y * stride);
      const double mean = simd::Sum(total) / (kSquare * kSquare);
      now[column] = static_cast<float>(mean);
      sum += mean;
      squares += mean * mean;
    }
    if (row < 2) continue;
    const auto& above = means[(row - 2) % 3];
    const auto& middle = means[(row - 1) % 3];
    for (size_t column = 1; column + 1 < columns; ++column) {
      const double edge = static_cast<double>(middle[column - 1]) + middle[column + 1] + above[column] +
                          now[column] - 4.0 * middle[column];
      edges += edge;
      edgeSquares += edge * edge;
    }
  }
  const double n = static_cast<double>(columns * rows),
               inner = static_cast<double>((columns - 2) * (rows - 2));
  const double variance = squares / n - (sum / n) * (sum / n);
  // Below one grey level of deviation there is nothing to be sharp.
  return (edgeSquares / inner - (edges / inner) * (edges / inner)) / std::max(1.0, variance);
}

}  // namespace

ImageQuality MeasureQuality(std::span<const float> rgb, int side, const PixelWindow& window, float low,
                            float high, std::span<float> luma) {
  const size_t stride = static_cast<size_t>(side);
  const size_t width = static_cast<size_t>(window.width);
  const size_t height = static_cast<size_t>(window.height);
  const Luma scale{low, 255.0F / (high - low)};
  const size_t first = static_cast<size_t>(window.top) * stride + static_cast<size_t>(window.left);
  LumaSums sums;
  for (size_t y = 0; y < height; ++y) {
    AddLumaRow(rgb.data() + 3 * (first + y * stride), width, scale, luma.data() + y * width, sums);
  }
  double edges = 0;
  double edgeSquares = 0;
  for (size_t y = 1; y + 1 < height && width > 2; ++y) {
    AddLaplacianRow(luma.data() + y * width + 1, width, width - 2, edges, edgeSquares);
  }
  const double n = static_cast<double>(width * height);
  const double inner = width > 2 && height > 2 ? static_cast<double>((width - 2) * (height - 2)) : 1;
  const double mean = sums.sum / n;
  ImageQuality quality;
  quality.brightness = mean / 255.0;
  quality.contrast = std::sqrt(std::max(0.0, sums.squares / n - mean * mean)) / 255.0;
  quality.sharpness = std::max(0.0, edgeSquares / inner - (edges / inner) * (edges / inner));
  quality.saturatedShare = static_cast<double>(sums.saturated) / n;
  quality.detail = std::max(0.0, Detail(luma, std::min(width, kMaxSquares * kSquare), height, width));
  return quality;
}

ImageQuality MeasureQuality(std::span<const float> rgb, int side, float low, float high,
                            std::span<float> luma) {
  return MeasureQuality(rgb, side, {0, 0, side, side}, low, high, luma);
}

}  // namespace vigil
