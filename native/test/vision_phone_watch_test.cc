#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <thread>

#include "core/error.h"
#include "test/vision_face.h"
#include "vision/object_detector.h"
#include "vision/phone_watch.h"

using vigil::FaceKind;
using vigil::FaceObservation;
using vigil::ObjectDetector;
using vigil::PhoneSighting;
using vigil::PhoneWatch;
using vigil::RgbImage;

// The models must be built (`vigil models build`). How well phones are found is not tested here:
// docs/phone.md.

namespace {

constexpr size_t kPerson = 0;

std::string Model() { return vigil::test::ModelsFolder() / "object_detection.onnx"; }

RgbImage Photo(int factor = 1) {
  const vigil::CameraFrame frame = vigil::test::Astronaut();
  RgbImage image;
  image.width = frame.width * factor;
  image.height = frame.height * factor;
  image.pixels.resize(static_cast<size_t>(image.width) * static_cast<size_t>(image.height) * 3);
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const auto from = static_cast<size_t>((y / factor) * frame.width + x / factor) * 3;
      std::copy_n(&frame.bytes[from], 3, &image.pixels[static_cast<size_t>(y * image.width + x) * 3]);
    }
  }
  return image;
}

FaceObservation At(double t, FaceKind kind = FaceKind::kFace) {
  FaceObservation observation;
  observation.t = t;
  observation.frame = static_cast<uint32_t>(t);
  observation.kind = kind;
  observation.boxX = 60;
  observation.boxY = 50;
  observation.boxWidth = 100;
  observation.boxHeight = 120;
  return observation;
}

vigil::PhoneWatchOptions Options(bool lockStep, double intervalMs = 1000) {
  return {vigil::test::OnnxRuntimeLibrary(), Model(), intervalMs, lockStep, false};
}

/// Steps without new pictures until a sighting comes; t stays, so nothing new is due.
std::optional<PhoneSighting> Wait(PhoneWatch& watch, double t) {
  RgbImage none;
  for (int i = 0; i < 4000; ++i) {
    auto sighting = watch.Step(none, At(t, FaceKind::kDamagedImage));
    if (sighting) return sighting;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("the object detector finds the person at the same place in any size of picture") {
  ObjectDetector detector(vigil::OnnxLibrary::Open(vigil::test::OnnxRuntimeLibrary()), Model());
  const auto small = detector.Surest(Photo(), kPerson);
  REQUIRE(small);
  CHECK(small->score > 0.5);
  CHECK(small->left < 60);
  CHECK(small->right > 200);
  RgbImage reduced = Photo();
  reduced.scale = 0.5;  // decoded at half the size of a picture of 512 x 512
  const auto large = detector.Surest(reduced, kPerson);
  REQUIRE(large);
  CHECK(large->left == doctest::Approx(2 * small->left));
  CHECK(large->bottom == doctest::Approx(2 * small->bottom));
  RgbImage wide = Photo(2);
  wide.height /= 2;  // letterboxed: the upper half of the photo
  wide.pixels.resize(static_cast<size_t>(wide.width) * static_cast<size_t>(wide.height) * 3);
  const auto upper = detector.Surest(wide, kPerson);
  REQUIRE(upper);
  CHECK(upper->top >= 0);
  CHECK(upper->bottom <= 256);
  CHECK_THROWS_AS(detector.Surest(Photo(), ObjectDetector::kKinds), vigil::Error);
}

TEST_CASE("in lock-step every due picture is looked at, at once, and equal pictures look equal") {
  PhoneWatch watch(Options(true));
  std::optional<PhoneSighting> first;
  for (const double t : {0.0, 400.0, 999.0, 1000.0, 1999.0, 2000.5, 100.0}) {
    RgbImage photo = Photo();
    const auto sighting = watch.Step(photo, At(t));
    const bool due = t == 0 || t == 1000 || t == 2000.5 || t == 100;  // the last: the clock went back
    REQUIRE(sighting.has_value() == due);
    if (!sighting) continue;
    CHECK(sighting->t == t);
    CHECK(sighting->frame == static_cast<uint32_t>(t));
    CHECK(!sighting->failed);
    CHECK(sighting->score < 0.2);  // no phone in the photo
    CHECK(sighting->faceWidth == 100);
    if (!first) first = sighting;
    CHECK(sighting->score == first->score);
    CHECK(sighting->boxX == first->boxX);
  }
  CHECK(watch.Read().looked == 4);
  CHECK(watch.Read().skipped == 0);
  CHECK(watch.Cpu().count == 4);
}

TEST_CASE("unreadable frames are not looked at, frames without a face are") {
  PhoneWatch watch(Options(true));
  RgbImage photo = Photo();
  CHECK(!watch.Step(photo, At(0, FaceKind::kDamagedImage)));
  CHECK(!watch.Step(photo, At(10, FaceKind::kInferenceFailed)));
  const auto sighting = watch.Step(photo, At(20, FaceKind::kNoFace));
  REQUIRE(sighting);
  CHECK(!sighting->face);
  CHECK(sighting->faceWidth == 0);
}

TEST_CASE("on its own thread the watch never holds the caller up and gives the same result") {
  PhoneWatch lockStep(Options(true));
  PhoneWatch watch(Options(false));
  RgbImage photo = Photo();
  const auto expected = lockStep.Step(photo, At(0));
  photo = Photo();
  const auto before = std::chrono::steady_clock::now();
  CHECK(!watch.Step(photo, At(0)));
  // A run of the network takes far longer; even a sanitizer's hand-over does not.
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::milliseconds(20));
  const auto sighting = Wait(watch, 0);
  REQUIRE(sighting);
  REQUIRE(expected);
  CHECK(sighting->t == 0);
  CHECK(sighting->score == expected->score);
  CHECK(sighting->boxX == expected->boxX);
}

TEST_CASE("a flood of due pictures is thinned out, and every result is of a picture that was shown") {
  PhoneWatch watch(Options(false, 0));
  size_t results = 0;
  double last = -1;
  for (int i = 0; i < 400; ++i) {
    RgbImage photo;
    photo.width = photo.height = 64;
    photo.pixels.assign(size_t{64} * 64 * 3, static_cast<uint8_t>(i));
    if (const auto sighting = watch.Step(photo, At(i))) {
      CHECK(sighting->t > last);
      CHECK(sighting->t < i);
      last = sighting->t;
      ++results;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  if (Wait(watch, 1000)) ++results;
  CHECK(results >= 1);
  CHECK(watch.Read().looked >= results);
  CHECK(watch.Read().skipped > 0);
}

TEST_CASE(
    "while the vision thread waits for the processor no picture is looked at, and soon after that again") {
  PhoneWatch watch(Options(false, 0));
  RgbImage photo = Photo();
  double t = 0;
  for (; t < 60; ++t) watch.Step(photo, At(t, FaceKind::kDamagedImage), 4);
  CHECK(!watch.Step(photo, At(t++), 4));
  CHECK(watch.Read().yielded == 1);
  for (; t < 160; ++t) watch.Step(photo, At(t, FaceKind::kDamagedImage), 0.02);
  watch.Step(photo, At(t), 0.02);
  CHECK(watch.Read().yielded == 1);
  CHECK(Wait(watch, t));
  // A single slow frame is no full processor; in lock-step the time of day says nothing at all.
  photo = Photo();
  watch.Step(photo, At(t + 1), 20);
  CHECK(watch.Read().yielded == 1);
  PhoneWatch lockStep(Options(true, 0));
  photo = Photo();
  CHECK(lockStep.Step(photo, At(0), 1000));
}

TEST_CASE("a watch that works or waits can be stopped at any moment") {
  for (int i = 0; i < 4; ++i) {
    vigil::PhoneWatchOptions options = Options(false, 0);
    options.idle = i % 2 == 0;
    PhoneWatch watch(options);
    RgbImage photo = Photo();
    watch.Step(photo, At(0));
    if (i == 1) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    if (i == 2) watch.Stop();
  }
}
