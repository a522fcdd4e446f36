#pragma once

#include <limits>
#include <span>

#include "vision/head_pose.h"
#include "vision/landmarks.h"

namespace vigil {

struct EyeMeasure {
  double openness = 0;  ///< lid gap over eye width, corrected for yaw
  double weight = 0;    ///< 0 to 1, fades for the far eye beyond 25 degrees of yaw
  /// What the eye-state network says, 0 to 1; NaN where it was not asked.
  double closedProbability = std::numeric_limits<double>::quiet_NaN();
};

struct GazeMeasure {
  double azimuthDeg = 0;    ///< positive to the driver's left
  double elevationDeg = 0;  ///< positive up
  double confidence = 0;    ///< 0 to 1
};

/// The six-point eye aspect ratio times cos(yaw): the width foreshortens with the head's yaw, the gap does
/// not.
EyeMeasure MeasureRightEye(std::span<const float> points, const HeadPose& head);
EyeMeasure MeasureLeftEye(std::span<const float> points, const HeadPose& head);

/// Direction of both irises from the eyeballs' centres, in the camera's axes, weighted by each eye's trust.
GazeMeasure MeasureGaze(std::span<const float> points, const HeadPose& head, const EyeMeasure& right,
                        const EyeMeasure& left);

/// Inner-lip gap over mouth width.
double MeasureMouth(std::span<const float> points);

}  // namespace vigil
