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

/// Rotation from the canonical face to the axes it was fitted in, and pixels per centimetre. Angles in
/// degrees with VSS signs for an unmirrored image of a driver who faces the camera: yaw positive to the
/// driver's left (image right), pitch positive up, roll positive leaning to the driver's right.
struct HeadPose {
  std::array<double, 9> rotation{1, 0, 0, 0, 1, 0, 0, 0, 1};  ///< row-major
  double pixelsPerCm = 0;
  double centreX = 0;  ///< where the face is, in pixels of the image: the weighted mean of the anchors
  double centreY = 0;
  double yawDeg = 0;
  double pitchDeg = 0;
  double rollDeg = 0;
};

/// Weighted orthogonal Procrustes fit by Horn's quaternion method (Horn 1987, JOSA A 4:629) under weak
/// perspective. `points` are 478 (or 468) x (x, y, z) in pixels with y down and z away from the camera.
/// Angles are against the line of sight to the face, not the camera's axis: weak perspective knows no other.
HeadPose FitHeadPose(const CanonicalFace& canonical, std::span<const float> points);

/// What a pinhole camera must be known by to tell directions in the image apart.
struct CameraView {
  double width = 0, height = 0;  ///< pixels; the optical axis meets the image in its middle
  double horizontalFovDeg = 0;

  /// Focal length in pixels (square ones).
  double FocalPixels() const;
};

/// Turns directions measured against the line of sight to one point of the image into the camera's axes. A
/// face that reads as frontal looks into the lens, wherever in the image it is; off the axis that is a turned
/// head.
class LineOfSight {
 public:
  LineOfSight(const CameraView& view, double x, double y);

  HeadPose ToCamera(const HeadPose& seen) const;
  /// Azimuth and elevation in degrees, changed in place.
  void ToCamera(double& azimuthDeg, double& elevationDeg) const;

 private:
  std::array<double, 9> rotation_;
};

}  // namespace vigil
