#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "core/onnx_session.h"
#include "vision/frame.h"

namespace vigil {

/// One object in full-size pixels, with the network's score of 0 to 1.
struct FoundObject {
  double score = 0;
  double left = 0, top = 0, right = 0, bottom = 0;
};

/// CenterNet on 512 x 512 pixels: for each cell of 4 x 4 pixels how sure it is that the middle of an object
/// of each kind lies there, and how far the object's sides are (Zhou et al. 2019, arXiv 1904.07850; box sides
/// as in Liu et al. 2020, arXiv 1909.00700). Belongs to one thread.
class ObjectDetector {
 public:
  /// @throws Error MODEL_MISSING, MODEL_INVALID, MODEL_SHAPE
  ObjectDetector(std::shared_ptr<OnnxLibrary> library, const std::string& modelPath);

  /// The surest object of a kind, however unsure; none where the network's numbers make no box.
  /// @throws Error INFERENCE_FAILED
  std::optional<FoundObject> Surest(const RgbImage& image, size_t kind);

  static constexpr int kSide = 512;
  static constexpr size_t kKinds = 80;
  /// Mobile phone, counted from 0.
  static constexpr size_t kPhone = 67;

 private:
  OnnxSession session_;
  std::span<float> input_;
  std::span<const float> scores_;
  std::span<const float> extents_;
};

}  // namespace vigil
