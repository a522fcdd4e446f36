#include <doctest/doctest.h>

#include "test/vision_face.h"
#include "vision/eyes.h"

using doctest::Approx;
using vigil::EyeMeasure;
using vigil::GazeMeasure;
using vigil::HeadPose;
using vigil::MeasureGaze;
using vigil::MeasureLeftEye;
using vigil::MeasureMouth;
using vigil::MeasureRightEye;
using vigil::landmark::EyePoints;
using vigil::landmark::kLeft;
using vigil::landmark::kRight;
using vigil::test::HeadRotation;
using vigil::test::kRadians;
using vigil::test::Turned;

namespace {

constexpr double kPixelsPerCm = 20;
constexpr double kEyeDistanceCm = 6.3;
constexpr double kEyeWidthCm = 3;

struct Direction {
  double azimuthDeg, elevationDeg;
};

/// Landmarks of a driver with round eyeballs of 12 mm, centred 4 mm behind and 1.5 mm above the middle of the
/// eye's corners: the anatomy that gaze is measured with. Of what the iris does across, the mesh shows 0.8;
/// of what it does upwards in the head half, and the other half follows the middle of the lids.
class Eyes {
 public:
  explicit Eyes(double yawDeg = 0, double pitchDeg = 0, double rollDeg = 0) {
    head.rotation = HeadRotation(yawDeg, pitchDeg, rollDeg);
    head.pixelsPerCm = kPixelsPerCm;
    head.yawDeg = yawDeg;
    head.pitchDeg = pitchDeg;
    head.rollDeg = rollDeg;
  }

  /// `side` is -1 for the driver's right eye (image left) and 1 for the left one. The lid gap is a share of
  /// the eye's width, its middle `lidsCm` above the corners; the direction is in the camera's axes.
  void Place(const EyePoints& eye, double side, double gap, Direction gaze, double lidsCm = 0) {
    const double middle = side * kEyeDistanceCm / 2;
    Put(eye.outer, middle + side * kEyeWidthCm / 2, 0, 0);
    Put(eye.inner, middle - side * kEyeWidthCm / 2, 0, 0);
    for (size_t k = 0; k < 2; ++k) {
      const double x = middle + (k == 0 ? 0.4 : -0.4);
      Put(eye.upper[k], x, lidsCm + gap * kEyeWidthCm / 2, 0);
      Put(eye.lower[k], x, lidsCm - gap * kEyeWidthCm / 2, 0);
    }
    const double azimuth = gaze.azimuthDeg * kRadians, elevation = gaze.elevationDeg * kRadians;
    const auto& r = head.rotation;
    const auto corners = Turned(r, middle, 0, 0);
    const double length = std::hypot(r[1], r[4]);
    const double upX = r[1] / length, upY = r[4] / length;
    const double across =
        corners[0] + 0.15 * r[1] - 0.4 * r[2] + 1.2 * std::sin(azimuth) * std::cos(elevation);
    const double height = 0.15 + 1.2 * std::sin(elevation - head.pitchDeg * kRadians);
    const double lids = lidsCm * length;
    // The iris stands `height` up and wherever that leaves it `across`; the mesh then draws it towards the
    // lids.
    const double sideways = 0.8 * (across - corners[0] - height * upX) / upY;
    const double shown = 0.5 * height + 0.5 * lids;
    PutTurned(eye.iris, corners[0] + sideways * upY + shown * upX, corners[1] - sideways * upX + shown * upY);
  }

  GazeMeasure Gaze() const {
    return MeasureGaze(points, head, MeasureRightEye(points, head), MeasureLeftEye(points, head));
  }

  HeadPose head;
  std::vector<float> points = std::vector<float>(vigil::landmark::kCount * 3);

 private:
  void Put(size_t index, double x, double y, double z) {
    const auto turned = Turned(head.rotation, x, y, z);
    PutTurned(index, turned[0], turned[1]);
  }
  void PutTurned(size_t index, double x, double y) {
    points[3 * index] = static_cast<float>(320 + kPixelsPerCm * x);
    points[3 * index + 1] = static_cast<float>(240 - kPixelsPerCm * y);
  }
};

Eyes BothOpen(double yawDeg, double pitchDeg, double rollDeg, Direction gaze, double gap = 0.3) {
  Eyes eyes(yawDeg, pitchDeg, rollDeg);
  eyes.Place(kRight, -1, gap, gaze);
  eyes.Place(kLeft, 1, gap, gaze);
  return eyes;
}

}  // namespace

TEST_CASE("eyes: openness is lid gap over eye width") {
  for (const double gap : {0.0, 0.05, 0.28, 0.45}) {
    const Eyes eyes = BothOpen(0, 0, 0, {0, 0}, gap);
    CHECK(MeasureRightEye(eyes.points, eyes.head).openness == Approx(gap).epsilon(1e-4));
    CHECK(MeasureLeftEye(eyes.points, eyes.head).openness == Approx(gap).epsilon(1e-4));
  }
}

TEST_CASE("eyes: openness does not change with yaw or roll") {
  for (const double yaw : {-45.0, -20.0, 0.0, 30.0, 50.0}) {
    for (const double roll : {-30.0, 0.0, 15.0}) {
      // Roll after yaw: a camera that is rolled, so that the image is rotated as a whole.
      Eyes eyes = BothOpen(yaw, 0, 0, {0, 0}, 0.3);
      const double c = std::cos(roll * kRadians), s = std::sin(roll * kRadians);
      for (size_t i = 0; i < vigil::landmark::kCount; ++i) {
        const float x = eyes.points[3 * i], y = eyes.points[3 * i + 1];
        eyes.points[3 * i] = static_cast<float>(c * x - s * y);
        eyes.points[3 * i + 1] = static_cast<float>(s * x + c * y);
      }
      CHECK(MeasureRightEye(eyes.points, eyes.head).openness == Approx(0.3).epsilon(1e-3));
      CHECK(MeasureLeftEye(eyes.points, eyes.head).openness == Approx(0.3).epsilon(1e-3));
    }
  }
}

TEST_CASE("eyes: the eye that turns away from the camera fades between 25 and 35 degrees") {
  const auto weights = [](double yaw) {
    const Eyes eyes = BothOpen(yaw, 0, 0, {0, 0});
    return std::pair(MeasureRightEye(eyes.points, eyes.head).weight,
                     MeasureLeftEye(eyes.points, eyes.head).weight);
  };
  for (const double yaw : {-25.0, -10.0, 0.0, 25.0}) CHECK(weights(yaw) == std::pair(1.0, 1.0));
  // Turned to the driver's left, his left eye goes out of sight; and the other way round.
  CHECK(weights(30) == std::pair(1.0, 0.5));
  CHECK(weights(35) == std::pair(1.0, 0.0));
  CHECK(weights(60) == std::pair(1.0, 0.0));
  CHECK(weights(-30) == std::pair(0.5, 1.0));
  CHECK(weights(-60) == std::pair(0.0, 1.0));
}

TEST_CASE("eyes: an eye without width is not measured") {
  const std::vector<float> points(vigil::landmark::kCount * 3);
  const EyeMeasure eye = MeasureRightEye(points, {});
  CHECK(eye.openness == 0);
  CHECK(eye.weight == 0);
}

TEST_CASE("gaze: direction of synthetic eyeballs, whatever the head does") {
  for (const double yaw : {-20.0, 0.0, 15.0}) {
    for (const double pitch : {-15.0, 0.0, 10.0}) {
      for (const double azimuth : {-25.0, 0.0, 12.0}) {
        for (const double elevation : {-15.0, 0.0, 20.0}) {
          const GazeMeasure gaze = BothOpen(yaw, pitch, 5, {azimuth, elevation}).Gaze();
          CHECK(std::abs(gaze.azimuthDeg - azimuth) < 0.01);
          CHECK(std::abs(gaze.elevationDeg - elevation) < 0.01);
          CHECK(gaze.confidence == Approx(1));
        }
      }
    }
  }
}

TEST_CASE("gaze: lids that move without the eye do not move it") {
  for (const double lids : {-0.2, 0.0, 0.3}) {
    Eyes eyes(10, -5, 0);
    eyes.Place(kRight, -1, 0.3, {8, -10}, lids);
    eyes.Place(kLeft, 1, 0.3, {8, -10}, lids);
    CHECK(std::abs(eyes.Gaze().azimuthDeg - 8) < 0.05);
    CHECK(std::abs(eyes.Gaze().elevationDeg + 10) < 0.05);
  }
}

TEST_CASE("gaze: no confidence in closed eyes, some while they open") {
  const auto confidence = [](double gap) { return BothOpen(0, 0, 0, {5, 0}, gap).Gaze().confidence; };
  CHECK(confidence(0.0) == 0);
  CHECK(confidence(0.089) == 0);
  CHECK(confidence(0.135) == Approx(0.5).epsilon(1e-3));
  CHECK(confidence(0.19) == Approx(1));
}

TEST_CASE("gaze: eyes that contradict each other lower the confidence, convergence does not") {
  const auto confidence = [](double apart) {
    Eyes eyes;
    eyes.Place(kRight, -1, 0.3, {apart / 2, 0});
    eyes.Place(kLeft, 1, 0.3, {-apart / 2, 0});
    const GazeMeasure gaze = eyes.Gaze();
    CHECK(std::abs(gaze.azimuthDeg) < 0.01);
    return gaze.confidence;
  };
  CHECK(confidence(10) == Approx(1));
  CHECK(confidence(22) == Approx(0.5).epsilon(1e-3));
  CHECK(confidence(33) == 0);
}

TEST_CASE("gaze: only the near eye counts at large yaw") {
  Eyes eyes(40, 0, 0);
  eyes.Place(kRight, -1, 0.3, {20, 5});
  eyes.Place(kLeft, 1, 0.3, {-30, -20});
  const GazeMeasure gaze = eyes.Gaze();
  CHECK(std::abs(gaze.azimuthDeg - 20) < 0.01);
  CHECK(std::abs(gaze.elevationDeg - 5) < 0.01);
  CHECK(gaze.confidence == Approx(1));
}

TEST_CASE("gaze: without a scale or without a trusted eye there is none") {
  Eyes eyes = BothOpen(0, 0, 0, {5, 5});
  CHECK(MeasureGaze(eyes.points, eyes.head, {0.3, 0}, {0.3, 0}).confidence == 0);
  eyes.head.pixelsPerCm = 0;
  CHECK(eyes.Gaze().confidence == 0);
}

TEST_CASE("mouth: inner-lip gap over mouth width") {
  std::vector<float> points(vigil::landmark::kCount * 3);
  CHECK(MeasureMouth(points) == 0);
  points[3 * vigil::landmark::kRightMouthCorner] = -20;
  points[3 * vigil::landmark::kLeftMouthCorner] = 20;
  CHECK(MeasureMouth(points) == 0);
  points[3 * vigil::landmark::kLowerInnerLip + 1] = 10;
  CHECK(MeasureMouth(points) == Approx(0.25));
}
