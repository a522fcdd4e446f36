#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "vision/appearance.h"
#include "vision/still_image.h"

using doctest::Approx;
using vigil::AppearanceContext;
using vigil::AppearanceMeter;
using vigil::EyeAppearance;
using vigil::FaceAppearance;
using vigil::FaceLandmarks;
using vigil::Region;
using vigil::RgbImage;
using vigil::StillImage;

namespace {

constexpr int kSide = 192;
constexpr float kSkin = 150;

/// A level face in the middle of the crop: eyes 58 pixels apart and 26 wide, the mouth 55 below them.
FaceLandmarks Face() {
  FaceLandmarks face;
  const auto put = [&face](size_t point, float x, float y) {
    face.points[3 * point] = x;
    face.points[3 * point + 1] = y;
  };
  put(vigil::landmark::kRight.outer, 54, 80);
  put(vigil::landmark::kRight.inner, 80, 80);
  put(vigil::landmark::kLeft.inner, 112, 80);
  put(vigil::landmark::kLeft.outer, 138, 80);
  put(vigil::landmark::kRightMouthCorner, 78, 135);
  put(vigil::landmark::kLeftMouthCorner, 114, 135);
  return face;
}

/// The whole crop, as it is.
const Region kWhole{kSide / 2.0, kSide / 2.0, kSide, 0};

using Picture = std::function<double(double x, double y)>;

std::vector<float> Draw(const Picture& level) {
  std::vector<float> luma;
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      luma.push_back(static_cast<float>(std::clamp(level(x + 0.5, y + 0.5), 0.0, 255.0)));
    }
  }
  return luma;
}

double Bell(double x, double width) { return std::exp(-0.5 * (x / width) * (x / width)); }

/// An open eye around (x0, 80): a dark lid line in an arc over a dark iris.
double Eye(double x, double y, double x0) {
  const double u = (x - x0) / 26, v = (y - 80) / 26;
  if (std::abs(u) > 0.6) return 0;
  const double arc = -0.15 * (1 - (u / 0.55) * (u / 0.55));
  return 60 * Bell(v - arc, 0.08) + 80 * Bell(std::hypot(u, v), 0.12);
}

double Mouth(double x, double y) { return std::abs(x - 96) < 20 ? 60 * Bell(y - 135, 3) : 0; }

double OpenFace(double x, double y) { return kSkin - Eye(x, y, 67) - Eye(x, y, 125) - Mouth(x, y); }

/// Watches a picture for a number of frames of 40 ms.
class Watcher {
 public:
  FaceAppearance Watch(const Picture& picture, int frames = 1, double openness = 0.28, double yawDeg = 0) {
    const std::vector<float> luma = Draw(picture);
    FaceAppearance seen;
    for (int i = 0; i < frames; ++i, t_ += 40) {
      seen = meter_.Measure(luma, kWhole, Face(), {t_, yawDeg, openness, openness, 0.02});
    }
    return seen;
  }
  void Wait(double ms) { t_ += ms; }

 private:
  AppearanceMeter meter_;
  double t_ = 0;
};

}  // namespace

TEST_CASE("appearance: an open eye looks like one at once, and is familiar after a second") {
  Watcher watcher;
  const FaceAppearance first = watcher.Watch(OpenFace);
  for (const EyeAppearance& eye : {first.right, first.left}) {
    CHECK(eye.likeness > 0.7);
    CHECK(std::isnan(eye.familiarity));
    CHECK(eye.brightness > 0.7);
    CHECK(eye.brightness < 1);
    CHECK(eye.contrast > 0.08);
    CHECK(eye.saturatedShare == 0);
  }
  const FaceAppearance later = watcher.Watch(OpenFace, 30);
  CHECK(later.right.familiarity == Approx(1).epsilon(1e-3));
  CHECK(later.left.familiarity == Approx(1).epsilon(1e-3));
  CHECK(later.lower.familiarity == Approx(1).epsilon(1e-3));
}

TEST_CASE("appearance: gain, offset and light from the side are no part of it") {
  Watcher watcher;
  watcher.Watch(OpenFace, 50);
  const auto lit = [](double x, double y) { return 0.5 * OpenFace(x, y) + 20 + 0.2 * x - 0.1 * y; };
  const FaceAppearance seen = watcher.Watch(lit);
  CHECK(seen.right.familiarity > 0.98);
  CHECK(seen.left.familiarity > 0.98);
}

TEST_CASE("appearance: what covers the eyes is neither like an eye nor familiar, however long it lasts") {
  const Picture stripes = [](double x, double y) {
    return y < 100 ? kSkin + 40 * std::sin(x / 3) : OpenFace(x, y);
  };
  const Picture glasses = [](double x, double y) { return std::abs(y - 80) < 20 ? 25 : OpenFace(x, y); };
  const Picture glare = [](double x, double y) {
    return std::hypot(x - 67, y - 80) < 22 || std::hypot(x - 125, y - 80) < 22 ? 255 : OpenFace(x, y);
  };
  Watcher watcher;
  watcher.Watch(OpenFace, 100);
  for (const int frames : {1, 1000}) {
    const FaceAppearance seen = watcher.Watch(stripes, frames);
    CHECK(seen.right.familiarity < 0.4);
    CHECK(seen.left.familiarity < 0.4);
    CHECK(watcher.Watch(OpenFace).right.familiarity > 0.95);
  }
  const FaceAppearance dark = watcher.Watch(glasses, 100);
  CHECK(dark.right.contrast < 0.02);
  CHECK(dark.right.brightness < 0.25);
  CHECK(dark.right.likeness == 0);
  const FaceAppearance bright = watcher.Watch(glare, 100);
  CHECK(bright.left.saturatedShare > 0.5);
  CHECK(watcher.Watch(OpenFace).left.familiarity > 0.95);
}

TEST_CASE("appearance: closed lids and heads turned away teach nothing") {
  const Picture closed = [](double x, double y) {
    const auto lashes = [&](double x0) { return std::abs(x - x0) < 13 ? 70 * Bell(y - 84, 2) : 0; };
    return kSkin - lashes(67) - lashes(125) - Mouth(x, y);
  };
  Watcher shut;
  CHECK(std::isnan(shut.Watch(closed, 200, 0.03).right.familiarity));
  Watcher turned;
  CHECK(std::isnan(turned.Watch(OpenFace, 200, 0.28, 30).right.familiarity));
  Watcher watcher;
  watcher.Watch(OpenFace, 100);
  watcher.Watch(closed, 1000, 0.03);
  CHECK(watcher.Watch(OpenFace).right.familiarity > 0.95);
}

TEST_CASE("appearance: lids leave what surrounds the eyes as it is, what covers the eyes does not") {
  const auto brow = [](double x, double y, double x0) {
    return std::abs(x - x0) < 16 ? 40 * Bell(y - 58, 3) : 0;
  };
  const Picture face = [&](double x, double y) { return OpenFace(x, y) - brow(x, y, 67) - brow(x, y, 125); };
  const Picture shut = [&](double x, double y) {
    const auto lashes = [&](double x0) { return std::abs(x - x0) < 13 ? 70 * Bell(y - 84, 2) : 0; };
    return kSkin - lashes(67) - lashes(125) - Mouth(x, y) - brow(x, y, 67) - brow(x, y, 125);
  };
  const Picture hand = [&](double x, double y) {
    return std::abs(y - 80) < 25 ? kSkin * (0.9 + 0.1 * std::sin(y / 2.5)) : face(x, y);
  };
  Watcher watcher;
  CHECK(std::isnan(watcher.Watch(face).aroundEyes));
  CHECK(watcher.Watch(face, 100).aroundEyes == Approx(1).epsilon(1e-3));
  CHECK(watcher.Watch(shut, 100, 0.03).aroundEyes > 0.9);
  const FaceAppearance covered = watcher.Watch(hand, 1000, 0.1);
  CHECK(covered.aroundEyes < 0.6);
  CHECK(watcher.Watch(face).aroundEyes > 0.95);
  // Other light, another gain: no part of it. Glare on one eye: nothing can be said.
  const Picture lit = [&](double x, double y) { return 0.5 * face(x, y) + 20 + 0.2 * x - 0.1 * y; };
  CHECK(watcher.Watch(lit).aroundEyes > 0.98);
  const Picture glare = [&](double x, double y) {
    return std::hypot(x - 67, y - 80) < 22 ? 255 : face(x, y);
  };
  CHECK(std::isnan(watcher.Watch(glare).aroundEyes));
}

TEST_CASE("appearance: another driver is learnt, after a time out of sight or by looking otherwise") {
  const Picture other = [](double x, double y) { return OpenFace(x, y + 2) - 50 * Bell(y - 73, 2); };
  Watcher away;
  away.Watch(OpenFace, 100);
  away.Wait(11000);
  CHECK(std::isnan(away.Watch(OpenFace).right.familiarity));
  Watcher clockBack;
  clockBack.Watch(OpenFace, 100);
  clockBack.Wait(-60000);
  CHECK(std::isnan(clockBack.Watch(OpenFace).right.familiarity));
  Watcher changed;
  changed.Watch(OpenFace, 100);
  const FaceAppearance first = changed.Watch(other);
  CHECK(changed.Watch(other, 1000).right.familiarity >= first.right.familiarity);
}

TEST_CASE("appearance: a mask has no lips") {
  const Picture mask = [](double x, double y) { return y > 105 ? 170 : OpenFace(x, y); };
  Watcher watcher;
  CHECK(watcher.Watch(OpenFace, 100).lower.contrast > 0.06);
  const FaceAppearance seen = watcher.Watch(mask, 100);
  CHECK(seen.lower.contrast < 0.02);
  CHECK(seen.lower.familiarity == 0);
  CHECK(seen.right.familiarity > 0.95);
}

TEST_CASE("appearance: landmarks outside the crop are measured at its edge") {
  AppearanceMeter meter;
  const std::vector<float> luma = Draw(OpenFace);
  const Region far{5000, -3000, 10, 2};
  const FaceAppearance seen = meter.Measure(luma, far, Face(), {0, 0, 0.28, 0.28, 0});
  CHECK(std::isfinite(seen.right.contrast));
  CHECK(std::isfinite(seen.left.likeness));
}

namespace {

RgbImage Grey(int width, int height, const std::function<int(int x, int y)>& level) {
  RgbImage image;
  image.width = width;
  image.height = height;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x)
      image.pixels.insert(image.pixels.end(), 3, static_cast<uint8_t>(level(x, y)));
  }
  return image;
}

}  // namespace

TEST_CASE("still image: time runs while nothing changes, and starts anew when something does") {
  StillImage still;
  const RgbImage a = Grey(320, 240, [](int x, int y) { return (x * 7 + y * 3) % 200; });
  const RgbImage b = Grey(320, 240, [](int x, int y) { return (x * 7 + y * 3 + 1) % 200; });
  CHECK(still.Measure(a, 1000) == 0);
  CHECK(still.Measure(a, 1040) == 40);
  CHECK(still.Measure(a, 2200) == 1200);
  CHECK(still.Measure(b, 2240) == 0);
  CHECK(still.Measure(a, 2280) == 0);
  CHECK(still.Measure(a, 2320) == 40);
}

TEST_CASE("still image: another size, an earlier time and a face that moves are changes") {
  StillImage still;
  const auto plain = [](int, int) { return 80; };
  still.Measure(Grey(320, 240, plain), 0);
  CHECK(still.Measure(Grey(160, 120, plain), 40) == 0);
  CHECK(still.Measure(Grey(160, 120, plain), 80) == 40);
  CHECK(still.Measure(Grey(160, 120, plain), 20) == 0);
  const auto moved = [](int x, int y) { return x > 60 && x < 70 && y > 50 && y < 60 ? 90 : 80; };
  CHECK(still.Measure(Grey(160, 120, moved), 60) == 0);
  CHECK(still.Measure(Grey(16, 16, plain), 100) == 0);
}
