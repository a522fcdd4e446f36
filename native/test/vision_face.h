#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <numbers>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "test/paths.h"
#include "vision/face_pipeline.h"

namespace vigil::test {

constexpr double kRadians = std::numbers::pi / 180.0;

using Rotation = std::array<double, 9>;  ///< row-major

/// A head turned by yaw about its own vertical after pitch after roll: its forward axis points to
/// (sin yaw cos pitch, sin pitch, cos yaw cos pitch); x is image right, y up, z towards the camera.
inline Rotation HeadRotation(double yawDeg, double pitchDeg, double rollDeg) {
  const double cy = std::cos(yawDeg * kRadians), sy = std::sin(yawDeg * kRadians);
  const double cp = std::cos(pitchDeg * kRadians), sp = std::sin(pitchDeg * kRadians);
  const double cr = std::cos(rollDeg * kRadians), sr = std::sin(rollDeg * kRadians);
  return {cy * cr - sy * sp * sr,
          -cy * sr - sy * sp * cr,
          sy * cp,  //
          cp * sr,
          cp * cr,
          sp,  //
          -sy * cr - cy * sp * sr,
          sy * sr - cy * sp * cr,
          cy * cp};
}

inline std::array<double, 3> Turned(const Rotation& r, double x, double y, double z) {
  return {r[0] * x + r[1] * y + r[2] * z, r[3] * x + r[4] * y + r[5] * z, r[6] * x + r[7] * y + r[8] * z};
}

/// 468 seeded points on the front of an ellipsoid of a head's size, every 14th of them an anchor.
inline CanonicalFace SyntheticFace() {
  std::mt19937 random(468);
  std::uniform_real_distribution<double> uniform(-1, 1);
  CanonicalFace face;
  for (size_t i = 0; i < landmark::kBaseCount; ++i) {
    const double x = 0.9 * uniform(random), y = 0.9 * uniform(random);
    const double z = std::sqrt(std::max(0.0, 2 - x * x - y * y)) + 0.2 * uniform(random);
    face.vertices.insert(face.vertices.end(), {7 * x, 9 * y, 5 * z});
    if (i % 14 == 0) face.anchors.push_back({i, 0.01 + 0.001 * static_cast<double>(i % 5)});
  }
  return face;
}

/// The landmarks that a weak-perspective camera sees: 478 x (x, y, z) in pixels, y down, z away.
inline std::vector<float> Project(const CanonicalFace& face, const Rotation& rotation, double pixelsPerCm,
                                  double x0, double y0) {
  std::vector<float> points(landmark::kCount * 3);
  for (size_t i = 0; i < landmark::kBaseCount; ++i) {
    const double* v = &face.vertices[3 * i];
    const auto [x, y, z] = Turned(rotation, v[0], v[1], v[2]);
    points[3 * i] = static_cast<float>(x0 + pixelsPerCm * x);
    points[3 * i + 1] = static_cast<float>(y0 - pixelsPerCm * y);
    points[3 * i + 2] = static_cast<float>(-pixelsPerCm * z);
  }
  return points;
}

/// A frame of raw RGB from a binary PPM of 8 bits.
inline CameraFrame ReadPpm(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string magic;
  int width = 0, height = 0, top = 0;
  file >> magic >> width >> height >> top;
  file.get();
  if (magic != "P6" || top != 255) throw std::runtime_error("no 8-bit PPM: " + path.string());
  CameraFrame frame;
  frame.format = PixelFormat::kRgb;
  frame.width = width;
  frame.height = height;
  frame.bytes.resize(static_cast<size_t>(width) * static_cast<size_t>(height) * 3);
  file.read(reinterpret_cast<char*>(frame.bytes.data()), static_cast<std::streamsize>(frame.bytes.size()));
  return frame;
}

/// A face that MediaPipe was run on as well (test/golden/models): 256 x 255.
inline CameraFrame Astronaut() { return ReadPpm(SourceFolder() / "test/golden/models/astronaut.ppm"); }

inline FacePipelineOptions PipelineOptions() {
  FacePipelineOptions options;
  options.onnxLibrary = OnnxRuntimeLibrary();
  options.detectorModel = ModelsFolder() / "face_detection_short_range.onnx";
  options.meshModel = ModelsFolder() / "face_landmarks_attention.onnx";
  options.canonical = SyntheticFace();
  return options;
}

}  // namespace vigil::test
