#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "vision/image_quality.h"

using doctest::Approx;
using vigil::ImageQuality;
using vigil::MeasureQuality;
using vigil::PixelWindow;

namespace {

using Picture = std::function<double(int x, int y)>;  ///< grey level, 0 to 255

std::vector<float> Grey(int side, const Picture& level, float low = 0, float high = 1) {
  std::vector<float> rgb;
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      rgb.insert(rgb.end(), 3, low + (high - low) * static_cast<float>(level(x, y) / 255));
    }
  }
  return rgb;
}

ImageQuality Measure(int side, const Picture& level, float low = 0, float high = 1) {
  std::vector<float> luma(static_cast<size_t>(side * side));
  return MeasureQuality(Grey(side, level, low, high), side, low, high, luma);
}

double Checkerboard(int x, int y) { return (x + y) % 2 == 0 ? 255 : 0; }

}  // namespace

TEST_CASE("image quality: a flat picture has brightness only") {
  for (const int side : {8, 17, 192}) {
    const ImageQuality quality = Measure(side, [](int, int) { return 102; });
    CHECK(quality.brightness == Approx(0.4).epsilon(1e-5));
    CHECK(quality.contrast < 1e-4);
    CHECK(quality.sharpness < 1e-4);
    CHECK(quality.saturatedShare == 0);
  }
}

TEST_CASE("image quality: a checkerboard has the most contrast and sharpness there is") {
  const ImageQuality quality = Measure(16, Checkerboard);
  CHECK(quality.brightness == Approx(0.5));
  CHECK(quality.contrast == Approx(0.5));
  CHECK(quality.sharpness == Approx(4.0 * 255 * 4 * 255));
  CHECK(quality.saturatedShare == Approx(0.5));
}

TEST_CASE("image quality: a gradient has contrast but no edge") {
  const ImageQuality quality = Measure(101, [](int x, int) { return 2.0 * x; });
  CHECK(quality.brightness == Approx(100.0 / 255).epsilon(1e-5));
  CHECK(quality.contrast == Approx(2 * std::sqrt((101.0 * 101 - 1) / 12) / 255).epsilon(1e-4));
  CHECK(quality.sharpness < 1e-3);
}

TEST_CASE("image quality: one bright pixel among black ones") {
  constexpr int kSide = 10;
  const ImageQuality quality = Measure(kSide, [](int x, int y) { return x == 4 && y == 5 ? 100 : 0; });
  // Laplacian: -400 at the pixel, 100 at its four neighbours, so the mean over the inner 8 x 8 is 0.
  CHECK(quality.sharpness == Approx((400.0 * 400 + 4 * 100 * 100) / 64).epsilon(1e-5));
  CHECK(quality.brightness == Approx(1.0 / 255).epsilon(1e-5));
}

TEST_CASE("image quality: saturated from 250 on") {
  const auto share = [](double level) {
    return Measure(12, [level](int x, int) { return x < 3 ? level : 80; }).saturatedShare;
  };
  CHECK(share(255) == Approx(0.25));
  CHECK(share(250.5) == Approx(0.25));
  CHECK(share(249.5) == 0);
}

TEST_CASE("image quality: luma weighs colours as BT.601") {
  std::vector<float> luma(16);
  const double weights[3] = {0.299, 0.587, 0.114};
  for (size_t c = 0; c < 3; ++c) {
    std::vector<float> rgb(48);
    for (size_t i = 0; i < 16; ++i) rgb[3 * i + c] = 1;
    CHECK(MeasureQuality(rgb, 4, 0, 1, luma).brightness == Approx(weights[c]).epsilon(1e-5));
  }
}

TEST_CASE("image quality: the value range does not matter") {
  const Picture picture = [](int x, int y) { return (x * 7 + y * y * 3) % 256; };
  const ImageQuality a = Measure(33, picture);
  const ImageQuality b = Measure(33, picture, -1, 1);
  CHECK(a.brightness == Approx(b.brightness).epsilon(1e-5));
  CHECK(a.contrast == Approx(b.contrast).epsilon(1e-5));
  CHECK(a.sharpness == Approx(b.sharpness).epsilon(1e-5));
  CHECK(a.saturatedShare == b.saturatedShare);
}

TEST_CASE("image quality: a window sees nothing of what is around it") {
  constexpr int kSide = 24;
  std::vector<float> luma(size_t{kSide} * kSide);
  for (const PixelWindow window : {PixelWindow{0, 5, 24, 14}, PixelWindow{3, 0, 7, 24},
                                   PixelWindow{5, 6, 1, 1}, PixelWindow{2, 3, 2, 9}}) {
    const auto inside = [&window](int x, int y) {
      return x >= window.left && x < window.left + window.width && y >= window.top &&
             y < window.top + window.height;
    };
    const auto rgb = Grey(kSide, [&](int x, int y) { return inside(x, y) ? 51 : Checkerboard(x, y); });
    const ImageQuality quality = MeasureQuality(rgb, kSide, window, 0, 1, luma);
    CHECK(quality.brightness == Approx(0.2).epsilon(1e-5));
    CHECK(quality.contrast < 1e-4);
    CHECK(quality.sharpness < 1e-4);
    CHECK(quality.saturatedShare == 0);
  }
}

TEST_CASE("image quality: detail falls with blur, and not with gain or noise") {
  constexpr int kSide = 192;
  // Bars of 8 pixels, their edges a ramp of `soft` pixels.
  const auto bars = [](double soft) {
    return [soft](int x, int) {
      const double phase = std::fmod(x, 32.0) - 16;
      return 110 + 60 * std::clamp((8 - std::abs(phase)) / soft, -1.0, 1.0);
    };
  };
  const double sharp = Measure(kSide, bars(1)).detail;
  const double soft = Measure(kSide, bars(8)).detail;
  CHECK(sharp > 0.5);
  CHECK(soft < 0.6 * sharp);
  const auto darker = [&](int x, int y) { return 0.2 * bars(1)(x, y); };
  CHECK(Measure(kSide, darker).detail == Approx(sharp).epsilon(1e-3));
  const auto noisy = [&](int x, int y) { return bars(8)(x, y) + (x * 7919 + y * 104729) % 7 - 3; };
  CHECK(Measure(kSide, noisy).detail < 1.1 * soft);
  CHECK(Measure(kSide, [](int, int) { return 80; }).detail < 0.01);
  CHECK(Measure(8, Checkerboard).detail == 0);
}
