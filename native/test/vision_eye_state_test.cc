#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "test/vision_face.h"
#include "vision/eye_state.h"

using doctest::Approx;
using vigil::EyeMeasure;
using vigil::EyeRegion;
using vigil::GeometryIsUnsure;
using vigil::NormaliseLuma;
using vigil::Region;
using vigil::RgbImage;
using vigil::SampleLuma;
using vigil::landmark::EyePoints;
using vigil::landmark::kLeft;
using vigil::landmark::kRight;
using vigil::test::kRadians;

namespace {

/// A grey image whose value at (x, y) is `value(x, y)`.
template <class F>
RgbImage Grey(int width, int height, F value) {
  RgbImage image;
  image.width = width;
  image.height = height;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x)
      image.pixels.insert(image.pixels.end(), 3, static_cast<uint8_t>(value(x, y)));
  }
  return image;
}

std::vector<float> Sampled(const RgbImage& image, const Region& region, int side) {
  std::vector<float> out(static_cast<size_t>(side * side));
  SampleLuma(image, region, side, out);
  return out;
}

std::vector<float> Normalised(const std::vector<float>& luma) {
  std::vector<float> ranked(luma.size()), out(luma.size());
  NormaliseLuma(luma, ranked, out);
  return out;
}

/// 40 x 40 values around 100 with a spread of some 20.
std::vector<float> Texture() {
  std::mt19937 random(7);
  std::normal_distribution<float> normal(100, 20);
  std::vector<float> luma(1600);
  for (float& value : luma) value = normal(random);
  return luma;
}

std::vector<float> EyePointsAt(const EyePoints& eye, double outerX, double outerY, double innerX,
                               double innerY) {
  std::vector<float> points(vigil::landmark::kCount * 3);
  points[3 * eye.outer] = static_cast<float>(outerX);
  points[3 * eye.outer + 1] = static_cast<float>(outerY);
  points[3 * eye.inner] = static_cast<float>(innerX);
  points[3 * eye.inner + 1] = static_cast<float>(innerY);
  return points;
}

}  // namespace

TEST_CASE("eye crop: the whole of an image of the same size is the image") {
  const RgbImage image = Grey(16, 16, [](int x, int y) { return 10 * x + y; });
  const auto out = Sampled(image, {8, 8, 16, 0}, 16);
  for (int y = 0; y < 16; ++y) {
    for (int x = 0; x < 16; ++x)
      CHECK(out[static_cast<size_t>(16 * y + x)] == Approx(10 * x + y).epsilon(1e-5));
  }
}

TEST_CASE("eye crop: a reduced crop averages, it does not skip pixels") {
  const RgbImage stripes = Grey(64, 64, [](int x, int) { return x % 2 == 0 ? 0 : 200; });
  for (const float value : Sampled(stripes, {32, 32, 64, 0}, 16)) CHECK(value == Approx(100).epsilon(0.13));
  const RgbImage ramp = Grey(64, 64, [](int x, int) { return 2 * x; });
  const auto out = Sampled(ramp, {32, 32, 64, 0}, 16);
  for (int x = 1; x < 15; ++x) CHECK(out[static_cast<size_t>(16 * 8 + x)] == Approx(2 * (4 * x + 1.5)));
}

TEST_CASE("eye crop: turned by a quarter, and in a reduced image") {
  const RgbImage ramp = Grey(32, 32, [](int x, int y) { return 4 * x + y; });
  const auto level = Sampled(ramp, {16, 16, 16, 0}, 8);
  const auto turned = Sampled(ramp, {16, 16, 16, 90 * kRadians}, 8);
  // Clockwise on the screen: the crop's x runs down the image, its y to the image's left.
  for (size_t y = 0; y < 8; ++y) {
    for (size_t x = 0; x < 8; ++x) CHECK(turned[8 * y + x] == Approx(level[8 * x + 7 - y]).epsilon(1e-4));
  }
  RgbImage half = ramp;
  half.scale = 0.5;  // the full-size image is 64 x 64
  const auto same = Sampled(half, {32, 32, 32, 0}, 8);
  for (size_t i = 0; i < same.size(); ++i) CHECK(same[i] == Approx(level[i]));
}

TEST_CASE("eye crop: outside the image its edge repeats; a one-pixel image is a plane") {
  const RgbImage image = Grey(20, 20, [](int x, int) { return 5 * x; });
  const auto out = Sampled(image, {-100, 10, 20, 0}, 8);
  for (const float value : out) CHECK(value == Approx(0));
  for (const float value : Sampled(Grey(1, 1, [](int, int) { return 77; }), {0.5, 0.5, 9, 0.3}, 8)) {
    CHECK(value == Approx(77));
  }
}

TEST_CASE("eye crop: normalisation takes out brightness and contrast") {
  const auto luma = Texture();
  auto dim = luma;
  for (float& value : dim) value = 0.3F * value + 5;
  const auto a = Normalised(luma), b = Normalised(dim);
  for (size_t i = 0; i < a.size(); ++i) CHECK(a[i] == Approx(b[i]).epsilon(1e-4));
  auto ascending = a;
  std::sort(ascending.begin(), ascending.end());
  CHECK(ascending[800] == 0);
  CHECK(ascending[1600 - 1 - 160] - ascending[160] == Approx(1));
}

TEST_CASE("eye crop: a reflection moves nothing but itself, a plane is all zero") {
  const auto luma = Texture();
  const auto before = Normalised(luma);
  auto lit = luma;
  // Where the 100 brightest were is now white: the ranks below them do not move.
  std::vector<size_t> order(luma.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](size_t i, size_t j) { return luma[i] > luma[j]; });
  for (size_t k = 0; k < 100; ++k) lit[order[k]] = 255;
  const auto after = Normalised(lit);
  for (size_t k = 100; k < order.size(); ++k) CHECK(after[order[k]] == before[order[k]]);
  for (const float value : after) CHECK(std::abs(value) <= 2.5F);
  for (const float value : Normalised(std::vector<float>(1600, 31))) CHECK(value == 0);
}

TEST_CASE("eye region: framed as the training crops, upright for both eyes, as wide under yaw") {
  const auto right = EyePointsAt(kRight, 100, 50, 140, 50);
  const Region level = EyeRegion(right, kRight, 0);
  CHECK(level.size == Approx(70));
  CHECK(level.rotation == Approx(0));
  CHECK(level.centreX == Approx(120));
  CHECK(level.centreY == Approx(50 - 0.03 * 70));
  const Region left = EyeRegion(EyePointsAt(kLeft, 240, 50, 200, 50), kLeft, 0);
  CHECK(left.rotation == Approx(0));
  CHECK(left.size == Approx(70));
  CHECK(EyeRegion(right, kRight, -40).size == Approx(70 / std::cos(40 * kRadians)));
  CHECK(EyeRegion(right, kRight, 85).size == Approx(140));

  const Region tilted = EyeRegion(EyePointsAt(kRight, 100, 50, 140, 90), kRight, 0);
  CHECK(tilted.rotation == Approx(45 * kRadians));
  // Up the turned eye is to the upper right.
  CHECK(tilted.centreX > 120);
  CHECK(tilted.centreY < 70);
}

TEST_CASE(
    "eye geometry is sure of eyes clearly open or closed that look at the camera, and of nothing else") {
  const EyeMeasure open{0.3, 1}, narrow{0.12, 1}, closed{0.04, 1}, far{0.3, 0.9};
  CHECK_FALSE(GeometryIsUnsure(open, 0, 0));
  CHECK_FALSE(GeometryIsUnsure(closed, 10, 5));
  CHECK(GeometryIsUnsure(narrow, 0, 0));
  CHECK(GeometryIsUnsure(far, 0, 0));
  CHECK(GeometryIsUnsure(open, 26, 0));
  CHECK(GeometryIsUnsure(open, -26, 0));
  CHECK(GeometryIsUnsure(open, 0, -16));
}
