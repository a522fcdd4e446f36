#include "vision/eyes.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace vigil {

namespace {

constexpr double kRadians = std::numbers::pi / 180.0;
constexpr double kFarEyeFadeStartDeg = 25;
constexpr double kFarEyeFadeWidthDeg = 10;

// Human eyeball: radius 12 mm, its centre about 4 mm behind and 1.5 mm above the midpoint of the eye's
// corners (the pupil of a relaxed eye stands above the line between them). Population means, good to a few
// millimetres, and a millimetre is five degrees: the personal bias belongs to calibration.
constexpr double kEyeballRadiusCm = 1.2;
constexpr double kCentreBehindCornersCm = 0.4;
constexpr double kCentreAboveCornersCm = 0.15;

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

EyeDirection Direction(std::span<const float> points, const landmark::EyePoints& eye, const HeadPose& head) {
  const auto& r = head.rotation;
  const double scale = head.pixelsPerCm;
  // Eyeball centre: from the corners' midpoint back along the head's own forward axis and up along its
  // vertical.
  const double offsetX = (r[1] * kCentreAboveCornersCm - r[2] * kCentreBehindCornersCm) * scale;
  const double offsetY = (r[4] * kCentreAboveCornersCm - r[5] * kCentreBehindCornersCm) * scale;
  const double centreX = (points[3 * eye.outer] + points[3 * eye.inner]) / 2.0 + offsetX;
  const double centreY = (points[3 * eye.outer + 1] + points[3 * eye.inner + 1]) / 2.0 - offsetY;
  const double x = (points[3 * eye.iris] - centreX) / (kEyeballRadiusCm * scale);
  const double y = -(points[3 * eye.iris + 1] - centreY) / (kEyeballRadiusCm * scale);
  const double forward = std::sqrt(std::max(0.0, 1 - x * x - y * y));
  return {std::atan2(x, forward) / kRadians, std::asin(std::clamp(y, -1.0, 1.0)) / kRadians};
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
