#include "vision/eye_state.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <utility>

#include "core/error.h"

namespace vigil {

namespace {

constexpr double kRadians = std::numbers::pi / 180.0;

// Framing of the training crops, read off open eyes of 24 people: side over eye width, and how far the eye's
// middle lies below the square's, in sides.
constexpr double kSidePerEyeWidth = 1.75;
constexpr double kEyeBelowMiddle = 0.03;
constexpr double kMinWidthShare = 0.5;  // of a yawed eye's width: beyond 60 degrees the landmarks are guesses

constexpr int kMaxSamples = 8;

constexpr float kCut = 2.5F;
constexpr float kMinSpread = 2;  // 8-bit steps: a flatter crop is noise and stays near zero

// Openness of wide open eyes is 0.25 to 0.35, of closed ones 0.03 to 0.08 (docs/driver.md); between these two
// it may be a squint, a look down, or a closed eye whose lids were placed badly.
constexpr double kClearlyClosed = 0.06;
constexpr double kClearlyOpen = 0.2;
constexpr double kSteepYawDeg = 25;
constexpr double kLoweredPitchDeg = -15;

/// BT.601 of one pixel.
float LumaAt(const RgbImage& image, int x, int y) {
  const uint8_t* p =
      &image.pixels[(static_cast<size_t>(y) * static_cast<size_t>(image.width) + static_cast<size_t>(x)) * 3];
  return 0.299F * static_cast<float>(p[0]) + 0.587F * static_cast<float>(p[1]) +
         0.114F * static_cast<float>(p[2]);
}

float BilinearLuma(const RgbImage& image, float x, float y) {
  x = std::clamp(x, 0.0F, static_cast<float>(image.width - 1));
  y = std::clamp(y, 0.0F, static_cast<float>(image.height - 1));
  const int x0 = std::min(static_cast<int>(x), std::max(0, image.width - 2));
  const int y0 = std::min(static_cast<int>(y), std::max(0, image.height - 2));
  const int x1 = std::min(x0 + 1, image.width - 1);
  const int y1 = std::min(y0 + 1, image.height - 1);
  const float a = x - static_cast<float>(x0);
  const float b = y - static_cast<float>(y0);
  const float top = LumaAt(image, x0, y0) * (1 - a) + LumaAt(image, x1, y0) * a;
  const float bottom = LumaAt(image, x0, y1) * (1 - a) + LumaAt(image, x1, y1) * a;
  return top * (1 - b) + bottom * b;
}

}  // namespace

EyeState::EyeState(std::shared_ptr<OnnxLibrary> library, const std::string& modelPath)
    : session_(std::move(library), modelPath),
      input_(session_.FloatInput("input", std::array<int64_t, 4>{1, 1, kSide, kSide})),
      output_(session_.FloatOutput("closed", std::array<int64_t, 2>{1, 1})),
      luma_(static_cast<size_t>(kSide) * kSide),
      ranked_(luma_.size()) {}

double EyeState::ClosedProbability(const RgbImage& image, const Region& region) {
  SampleLuma(image, region, kSide, luma_);
  NormaliseLuma(luma_, ranked_, input_);
  session_.Run();
  const double closed = output_[0];
  if (!(closed >= 0 && closed <= 1)) {
    throw Error("INFERENCE_FAILED", "Expected a probability from the eye-state network but it is not.");
  }
  return closed;
}

Region EyeRegion(std::span<const float> points, const landmark::EyePoints& eye, double yawDeg) {
  // From image left to image right, so that the crop stands upright.
  const bool outerFirst = eye.iris == landmark::kRightIris;
  const float* left = &points[3 * (outerFirst ? eye.outer : eye.inner)];
  const float* right = &points[3 * (outerFirst ? eye.inner : eye.outer)];
  const double dx = static_cast<double>(right[0]) - left[0];
  const double dy = static_cast<double>(right[1]) - left[1];
  Region region;
  region.rotation = std::atan2(dy, dx);
  region.size = kSidePerEyeWidth * std::hypot(dx, dy) / std::max(kMinWidthShare, std::cos(yawDeg * kRadians));
  const double up = kEyeBelowMiddle * region.size;
  region.centreX = (static_cast<double>(left[0]) + right[0]) / 2 + std::sin(region.rotation) * up;
  region.centreY = (static_cast<double>(left[1]) + right[1]) / 2 - std::cos(region.rotation) * up;
  return region;
}

bool GeometryIsUnsure(const EyeMeasure& eye, double yawDeg, double pitchDeg) {
  return eye.weight < 1 || std::abs(yawDeg) > kSteepYawDeg || pitchDeg < kLoweredPitchDeg ||
         (eye.openness > kClearlyClosed && eye.openness < kClearlyOpen);
}

void SampleLuma(const RgbImage& image, const Region& region, int side, std::span<float> out) {
  const double step = region.size * image.scale / side;
  const int n = std::clamp(static_cast<int>(std::ceil(std::min(step, 1.0 * kMaxSamples))), 1, kMaxSamples);
  const float fine = static_cast<float>(step / n);
  const float c = static_cast<float>(std::cos(region.rotation)) * fine;
  const float s = static_cast<float>(std::sin(region.rotation)) * fine;
  const float middleX = static_cast<float>(region.centreX * image.scale - 0.5);
  const float middleY = static_cast<float>(region.centreY * image.scale - 0.5);
  const float half = static_cast<float>(side * n) / 2;
  const float share = 1.0F / static_cast<float>(n * n);
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      float sum = 0;
      for (int j = 0; j < n; ++j) {
        const float v = static_cast<float>(y * n + j) + 0.5F - half;
        for (int i = 0; i < n; ++i) {
          const float u = static_cast<float>(x * n + i) + 0.5F - half;
          sum += BilinearLuma(image, middleX + c * u - s * v, middleY + s * u + c * v);
        }
      }
      out[static_cast<size_t>(y * side + x)] = sum * share;
    }
  }
}

void NormaliseLuma(std::span<const float> luma, std::span<float> ranked, std::span<float> out) {
  std::copy(luma.begin(), luma.end(), ranked.begin());
  const auto tenth = static_cast<std::ptrdiff_t>(luma.size() / 10);
  const auto low = ranked.begin() + tenth;
  const auto middle = ranked.begin() + static_cast<std::ptrdiff_t>(luma.size() / 2);
  const auto high = ranked.end() - 1 - tenth;
  std::nth_element(ranked.begin(), middle, ranked.end());
  std::nth_element(ranked.begin(), low, middle);
  std::nth_element(middle + 1, high, ranked.end());
  const float median = *middle;
  const float gain = 1 / std::max(*high - *low, kMinSpread);
  for (size_t i = 0; i < luma.size(); ++i) out[i] = std::clamp((luma[i] - median) * gain, -kCut, kCut);
}

}  // namespace vigil
