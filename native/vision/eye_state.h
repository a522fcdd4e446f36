#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/onnx_session.h"
#include "vision/eyes.h"
#include "vision/frame.h"
#include "vision/landmarks.h"

namespace vigil {

/// When the eye-state network is asked. It costs time, and where the lids' geometry is sure it adds nothing.
enum class EyeNetworkUse : int { kOff = 0, kUnsure = 1, kAlways = 2 };

/// The network's own look at one eye: a square luma crop in, the probability that the eye is closed out. The
/// crop, its normalisation and the network are those of models/training/eye-state. Belongs to one thread; no
/// allocation per call.
class EyeState {
 public:
  static constexpr int kSide = 48;

  /// @throws Error as OnnxSession, MODEL_SHAPE for another network
  EyeState(std::shared_ptr<OnnxLibrary> library, const std::string& modelPath);

  /// 0 (open) to 1 (closed) of the eye in `region`, whose coordinates are full-size pixels.
  /// @throws Error INFERENCE_FAILED, also for a result that is no probability
  double ClosedProbability(const RgbImage& image, const Region& region);

 private:
  OnnxSession session_;
  std::span<float> input_;
  std::span<const float> output_;
  std::vector<float> luma_;
  std::vector<float> ranked_;
};

/// The square around one eye that looks like the training crops: corners level, the eye's width about 0.57 of
/// the side, its middle slightly below the square's. The width that yaw shortens is stretched back, up to
/// twice.
Region EyeRegion(std::span<const float> points, const landmark::EyePoints& eye, double yawDeg);

/// Where lid landmarks can't be trusted alone: a far or steeply turned eye, a lowered head, or a lid gap that
/// is neither clearly open nor clearly closed on any face.
bool GeometryIsUnsure(const EyeMeasure& eye, double yawDeg, double pitchDeg);

/// The square region in side x side BT.601 luma values of 0 to 255: each the mean of n x n bilinear samples,
/// n = image pixels per value, rounded up, at most 8; edge pixels repeat outside the image. Never throws.
void SampleLuma(const RgbImage& image, const Region& region, int side, std::span<float> out);

/// (luma - median) / (90th - 10th percentile), within +-2.5: a reflection that covers less than a tenth of
/// the crop changes nothing else. `ranked` is scratch of the same size.
void NormaliseLuma(std::span<const float> luma, std::span<float> ranked, std::span<float> out);

}  // namespace vigil
