#include "vision/eyes.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace vigil {

namespace {

constexpr double kRadians = std::numbers::pi / 180.0;
constexpr double kFarEyeFadeStartDeg = 25;
constexpr double kFarEyeFadeWidthDeg = 10;

// Human eyeball: the iris turns on a radius of 12 mm about a centre about 4 mm behind and 1.5 mm above the
// midpoint of the eye's corners (the pupil of a relaxed eye stands above the line between them). Population
// means, good to a few millimetres, and a millimetre is five degrees: the personal bias belongs to
// calibration.
constexpr double kEyeballRadiusCm = 1.2;
constexpr double kCentreBehindCornersCm = 0.4;
constexpr double kCentreAboveCornersCm = 0.15;

// Lids hide the top and the bottom of the iris, and the mesh then puts its centre near the middle of the lid
// gap: it shows about 0.3 of the iris's vertical way on rendered eyes, and 0.2 to 0.3 on filmed people who
// keep looking into the lens while they nod. What the middle of the gap did is taken out and half of the loss
// undone; undoing all of it would double the noise.
constexpr double kVerticalShown = 0.5;
// Across it shows about 0.65 of the way on rendered eyes and nearly all of it on filmed ones: again half is
// undone.
constexpr double kAcrossShown = 0.8;

// Below this openness the iris is covered and its landmarks are a guess; from twice this on they are sound.
constexpr double kIrisHiddenOpenness = 0.09;
// The eyes converge on near targets and no two are alike: up to 12 degrees apart says nothing, 32 is
// nonsense.
constexpr double kEyesMayDifferDeg = 12;
constexpr double kEyesDisagreeDeg = 20;

double Distance(std::span<const float> points, size_t a, size_t b) {
  return std::hypot(static_cast<double>(points[3 * a]) - points[3 * b],
                    static_cast<double>(points[3 * a + 1]) - points[3 * b + 1]);
}

/// `farYawDeg` is the yaw as seen by this eye: positive turns it away from the camera.
EyeMeasure Measure(std::span<const float> points, const landmark::EyePoints& eye, double yawDeg,
                   double farYawDeg) {
  const double width = Distance(points, eye.outer, eye.inner);
  if (!(width > 0)) return {};
  const double gap =
      Distance(points, eye.upper[0], eye.lower[0]) + Distance(points, eye.upper[1], eye.lower[1]);
  return {gap / (2 * width) * std::cos(yawDeg * kRadians),
          std::clamp(1 - (farYawDeg - kFarEyeFadeStartDeg) / kFarEyeFadeWidthDeg, 0.0, 1.0)};
}

struct EyeDirection {
  double azimuthDeg = 0;
  double elevationDeg = 0;
};

struct Offset {
  double right = 0, up = 0;  ///< image axes, cm

  double Along(const Offset& axis) const { return right * axis.right + up * axis.up; }
};

EyeDirection Direction(std::span<const float> points, const landmark::EyePoints& eye, const HeadPose& head) {
  const auto& r = head.rotation;
  const auto fromCorners = [&](double x, double y) {
    return Offset{(x - (points[3 * eye.outer] + points[3 * eye.inner]) / 2.0) / head.pixelsPerCm,
                  -(y - (points[3 * eye.outer + 1] + points[3 * eye.inner + 1]) / 2.0) / head.pixelsPerCm};
  };
  const Offset iris = fromCorners(points[3 * eye.iris], points[3 * eye.iris + 1]);
  double lidX = 0, lidY = 0;
  for (size_t k = 0; k < 2; ++k) {
    lidX += (points[3 * eye.upper[k]] + points[3 * eye.lower[k]]) / 4.0;
    lidY += (points[3 * eye.upper[k] + 1] + points[3 * eye.lower[k] + 1]) / 4.0;
  }
  // The head's vertical as the image shows it.
  const double length = std::max(std::hypot(r[1], r[4]), 1e-6);
  const Offset up{r[1] / length, r[4] / length};
  const double lids = fromCorners(lidX, lidY).Along(up);
  const double shown = iris.Along(up);
  const double height = (shown - (1 - kVerticalShown) * lids) / kVerticalShown;

  // Across, the eyeball's centre lies behind the corners and so moves against them when the head turns.
  // Upwards the mesh shows no such parallax, the lids hold the iris: there the eye is measured in the head
  // and added to it.
  const double sideways = iris.Along({up.up, -up.right}) / kAcrossShown;
  const double right = sideways * up.up + height * up.right;
  const double x = (right + r[2] * kCentreBehindCornersCm - r[1] * kCentreAboveCornersCm) / kEyeballRadiusCm;
  const double y = (height - kCentreAboveCornersCm) / kEyeballRadiusCm;
  const double elevationDeg = std::asin(std::clamp(y, -1.0, 1.0)) / kRadians + head.pitchDeg;
  const double across = std::cos(elevationDeg * kRadians);
  return {std::asin(std::clamp(x / std::max(across, 0.1), -1.0, 1.0)) / kRadians,
          std::clamp(elevationDeg, -90.0, 90.0)};
}

}  // namespace

EyeMeasure MeasureRightEye(std::span<const float> points, const HeadPose& head) {
  return Measure(points, landmark::kRight, head.yawDeg, -head.yawDeg);
}

EyeMeasure MeasureLeftEye(std::span<const float> points, const HeadPose& head) {
  return Measure(points, landmark::kLeft, head.yawDeg, head.yawDeg);
}

GazeMeasure MeasureGaze(std::span<const float> points, const HeadPose& head, const EyeMeasure& right,
                        const EyeMeasure& left) {
  const double total = right.weight + left.weight;
  if (!(total > 0) || !(head.pixelsPerCm > 0)) return {};
  const EyeDirection r = Direction(points, landmark::kRight, head);
  const EyeDirection l = Direction(points, landmark::kLeft, head);
  GazeMeasure gaze;
  gaze.azimuthDeg = (r.azimuthDeg * right.weight + l.azimuthDeg * left.weight) / total;
  gaze.elevationDeg = (r.elevationDeg * right.weight + l.elevationDeg * left.weight) / total;
  const double openness = (right.openness * right.weight + left.openness * left.weight) / total;
  const double uncovered = std::clamp(openness / kIrisHiddenOpenness - 1, 0.0, 1.0);
  const double both = std::min(right.weight, left.weight);
  const double apart = std::hypot(r.azimuthDeg - l.azimuthDeg, r.elevationDeg - l.elevationDeg);
  const double agreement = 1 - both * std::clamp((apart - kEyesMayDifferDeg) / kEyesDisagreeDeg, 0.0, 1.0);
  gaze.confidence = uncovered * agreement * std::min(1.0, total);
  return gaze;
}

double MeasureMouth(std::span<const float> points) {
  const double width = Distance(points, landmark::kRightMouthCorner, landmark::kLeftMouthCorner);
  if (!(width > 0)) return 0;
  return Distance(points, landmark::kUpperInnerLip, landmark::kLowerInnerLip) / width;
}

}  // namespace vigil
