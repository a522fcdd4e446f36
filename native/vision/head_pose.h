#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace vigil {

/// The rest shape that head pose is measured against: canonical vertices in centimetres (x to image right, y
/// up, z towards the camera) and the landmarks that carry weight in the fit.
struct CanonicalFace {
  struct Anchor {
    size_t index = 0;
    double weight = 0;
  };
  std::vector<double> vertices;  ///< 468 x (x, y, z)
  std::vector<Anchor> anchors;
};

/// Rotation from the canonical face to the camera's axes, and pixels per centimetre. Angles in degrees with
/// VSS signs for an unmirrored image of a driver who faces the camera: yaw positive to the driver's left
/// (image right), pitch positive up, roll positive leaning to the driver's right.
struct HeadPose {
  std::array<double, 9> rotation{1, 0, 0, 0, 1, 0, 0, 0, 1};  ///< row-major
  double pixelsPerCm = 0;
  double yawDeg = 0;
  double pitchDeg = 0;
  double rollDeg = 0;
};

/// Weighted orthogonal Procrustes fit by Horn's quaternion method (Horn 1987, JOSA A 4:629) under weak
/// perspective. `points` are 478 (or 468) x (x, y, z) in pixels with y down and z away from the camera.
HeadPose FitHeadPose(const CanonicalFace& canonical, std::span<const float> points);

}  // namespace vigil
