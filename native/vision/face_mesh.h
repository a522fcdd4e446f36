#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>

#include "core/onnx_session.h"
#include "vision/frame.h"
#include "vision/landmarks.h"

namespace vigil {

/// 478 landmarks, x, y, z in pixels of the full-size image (z towards the camera is negative), plus the 468
/// base points before refinement: the next region follows those, which do not jump with the lids.
struct FaceLandmarks {
  std::array<float, landmark::kCount * 3> points{};
  std::array<float, landmark::kBaseCount * 3> base{};
  double presence = 0;  ///< 0 to 1
};

/// MediaPipe's attention mesh (Grishchenko et al. 2020, arXiv 2006.10962).
class FaceMesh {
 public:
  FaceMesh(std::shared_ptr<OnnxLibrary> library, const std::string& modelPath);

  /// Crops the region; the crop stays readable through lastInput().
  void Crop(const RgbImage& image, const Region& region);

  /// Runs on the crop and maps the landmarks back to full-size pixels.
  void Run(const Region& region, FaceLandmarks& face);

  /// 192 x 192 x 3 of 0 to 1.
  std::span<const float> lastInput() const { return input_; }
  static constexpr int kSide = 192;

 private:
  OnnxSession session_;
  std::span<float> input_;
  std::span<const float> mesh_, lips_, rightEye_, leftEye_, rightIris_, leftIris_, flag_;
};

/// The next frame's region: 1.5 times the longer side of the base points' bounding box, level with the eyes.
Region RegionOf(const FaceLandmarks& face);

}  // namespace vigil
