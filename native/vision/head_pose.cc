#include "vision/head_pose.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace vigil {

namespace {

using Matrix4 = std::array<std::array<double, 4>, 4>;

/// Eigenvector of the largest eigenvalue of a symmetric 4x4 matrix, by cyclic Jacobi rotations.
std::array<double, 4> LargestEigenvector(Matrix4 a) {
  Matrix4 v{};
  for (size_t i = 0; i < 4; ++i) v[i][i] = 1;
  constexpr int kSweeps = 30;
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    double off = 0;
    double diagonal = 0;
    for (size_t p = 0; p < 4; ++p) {
      diagonal += a[p][p] * a[p][p];
      for (size_t q = p + 1; q < 4; ++q) off += a[p][q] * a[p][q];
    }
    if (off <= 1e-26 * diagonal) break;
    for (size_t p = 0; p < 4; ++p) {
      for (size_t q = p + 1; q < 4; ++q) {
        if (a[p][q] == 0) continue;
        const double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        const double t = (theta >= 0 ? 1.0 : -1.0) / (std::abs(theta) + std::sqrt(theta * theta + 1));
        const double c = 1 / std::sqrt(t * t + 1);
        const double s = t * c;
        for (size_t k = 0; k < 4; ++k) {
          const double kp = a[k][p];
          const double kq = a[k][q];
          a[k][p] = c * kp - s * kq;
          a[k][q] = s * kp + c * kq;
        }
        for (size_t k = 0; k < 4; ++k) {
          const double pk = a[p][k];
          const double qk = a[q][k];
          a[p][k] = c * pk - s * qk;
          a[q][k] = s * pk + c * qk;
        }
        for (size_t k = 0; k < 4; ++k) {
          const double kp = v[k][p];
          const double kq = v[k][q];
          v[k][p] = c * kp - s * kq;
          v[k][q] = s * kp + c * kq;
        }
      }
    }
  }
  size_t best = 0;
  for (size_t i = 1; i < 4; ++i) {
    if (a[i][i] > a[best][best]) best = i;
  }
  return {v[0][best], v[1][best], v[2][best], v[3][best]};
}

constexpr double kDegrees = 180.0 / std::numbers::pi;

/// The face's forward axis is the rotation's third column.
void SetAngles(HeadPose& pose) {
  const auto& r = pose.rotation;
  pose.yawDeg = std::atan2(r[2], r[8]) * kDegrees;
  pose.pitchDeg = std::asin(std::clamp(r[5], -1.0, 1.0)) * kDegrees;
  pose.rollDeg = std::atan2(r[3], r[4]) * kDegrees;
}

}  // namespace

HeadPose FitHeadPose(const CanonicalFace& canonical, std::span<const float> points) {
  double total = 0;
  double from[3] = {0, 0, 0};
  double to[3] = {0, 0, 0};
  // Image axes are x right, y down, z away; the canonical face's are x right, y up, z towards the camera.
  const auto image = [&points](size_t index, size_t axis) {
    const double value = points[3 * index + axis];
    return axis == 0 ? value : -value;
  };
  for (const auto& anchor : canonical.anchors) {
    total += anchor.weight;
    for (size_t k = 0; k < 3; ++k) {
      from[k] += anchor.weight * canonical.vertices[3 * anchor.index + k];
      to[k] += anchor.weight * image(anchor.index, k);
    }
  }
  for (size_t k = 0; k < 3; ++k) {
    from[k] /= total;
    to[k] /= total;
  }
  double m[3][3] = {};
  double spread = 0;
  for (const auto& anchor : canonical.anchors) {
    for (size_t i = 0; i < 3; ++i) {
      const double a = canonical.vertices[3 * anchor.index + i] - from[i];
      spread += anchor.weight * a * a;
      for (size_t j = 0; j < 3; ++j) m[i][j] += anchor.weight * a * (image(anchor.index, j) - to[j]);
    }
  }
  const Matrix4 n{{{m[0][0] + m[1][1] + m[2][2], m[1][2] - m[2][1], m[2][0] - m[0][2], m[0][1] - m[1][0]},
                   {m[1][2] - m[2][1], m[0][0] - m[1][1] - m[2][2], m[0][1] + m[1][0], m[2][0] + m[0][2]},
                   {m[2][0] - m[0][2], m[0][1] + m[1][0], -m[0][0] + m[1][1] - m[2][2], m[1][2] + m[2][1]},
                   {m[0][1] - m[1][0], m[2][0] + m[0][2], m[1][2] + m[2][1], -m[0][0] - m[1][1] + m[2][2]}}};
  const auto [w, x, y, z] = LargestEigenvector(n);

  HeadPose pose;
  auto& r = pose.rotation;
  r = {1 - 2 * (y * y + z * z), 2 * (x * y - w * z),     2 * (x * z + w * y),
       2 * (x * y + w * z),     1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
       2 * (x * z - w * y),     2 * (y * z + w * x),     1 - 2 * (x * x + y * y)};
  double aligned = 0;
  for (size_t i = 0; i < 3; ++i) {
    for (size_t j = 0; j < 3; ++j) aligned += r[3 * j + i] * m[i][j];
  }
  pose.pixelsPerCm = spread > 0 ? aligned / spread : 0;
  pose.centreX = to[0];
  pose.centreY = -to[1];
  SetAngles(pose);
  return pose;
}

double CameraView::FocalPixels() const { return width / 2 / std::tan(horizontalFovDeg / 2 / kDegrees); }

LineOfSight::LineOfSight(const CameraView& view, double x, double y) {
  const double focal = view.FocalPixels();
  const double right = (x - view.width / 2) / focal;
  const double up = (view.height / 2 - y) / focal;
  // Yaw after pitch, no roll: the image's vertical stays the vertical.
  const double yaw = -std::atan(right);
  const double pitch = -std::atan2(up, std::hypot(1.0, right));
  const double cy = std::cos(yaw), sy = std::sin(yaw), cp = std::cos(pitch), sp = std::sin(pitch);
  rotation_ = {cy, -sy * sp, sy * cp, 0, cp, sp, -sy, -cy * sp, cy * cp};
}

HeadPose LineOfSight::ToCamera(const HeadPose& seen) const {
  HeadPose pose = seen;
  for (size_t i = 0; i < 3; ++i) {
    for (size_t j = 0; j < 3; ++j) {
      pose.rotation[3 * i + j] = 0;
      for (size_t k = 0; k < 3; ++k) {
        pose.rotation[3 * i + j] += rotation_[3 * i + k] * seen.rotation[3 * k + j];
      }
    }
  }
  SetAngles(pose);
  return pose;
}

void LineOfSight::ToCamera(double& azimuthDeg, double& elevationDeg) const {
  const double azimuth = azimuthDeg / kDegrees, elevation = elevationDeg / kDegrees;
  const double x = std::sin(azimuth) * std::cos(elevation), y = std::sin(elevation);
  const double z = std::cos(azimuth) * std::cos(elevation);
  const auto& r = rotation_;
  azimuthDeg = std::atan2(r[0] * x + r[1] * y + r[2] * z, r[6] * x + r[7] * y + r[8] * z) * kDegrees;
  elevationDeg = std::asin(std::clamp(r[3] * x + r[4] * y + r[5] * z, -1.0, 1.0)) * kDegrees;
}

}  // namespace vigil
