#include "vision/object_detector.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "core/error.h"
#include "vision/resample.h"

namespace vigil {

namespace {

constexpr int kCells = 128;
constexpr int kCellPixels = ObjectDetector::kSide / kCells;

}  // namespace

ObjectDetector::ObjectDetector(std::shared_ptr<OnnxLibrary> library, const std::string& modelPath)
    : session_(std::move(library), modelPath, {.threads = 1, .warmUpRuns = 1}) {
  input_ = session_.FloatInput("input", std::vector<int64_t>{1, kSide, kSide, 3});
  scores_ = session_.FloatOutput("scores", std::vector<int64_t>{1, kCells, kCells, kKinds});
  extents_ = session_.FloatOutput("extents", std::vector<int64_t>{1, kCells, kCells, 4});
}

std::optional<FoundObject> ObjectDetector::Surest(const RgbImage& image, size_t kind) {
  if (kind >= kKinds) throw Error("INVALID_ARGUMENT", "Expected a kind of object from 0 to 79.");
  const Letterbox fit = FitSquare(image, kSide, 0.0F, 255.0F, input_);
  session_.Run();
  size_t best = 0;
  float score = -1.0F;
  // The largest of all is also the largest among its neighbours, which is what the network's own tail keeps.
  for (size_t cell = 0; cell < size_t{kCells} * kCells; ++cell) {
    const float value = scores_[cell * kKinds + kind];
    if (!std::isfinite(value))
      throw Error("INFERENCE_FAILED", "Expected finite scores from the object detector but one is not.");
    if (value > score) {
      score = value;
      best = cell;
    }
  }
  const float* extent = extents_.data() + best * 4;
  const double x = static_cast<double>(best % kCells) * kCellPixels;
  const double y = static_cast<double>(best / kCells) * kCellPixels;
  const auto toX = [&](double value) { return (value - fit.offsetX) / fit.scale; };
  const auto toY = [&](double value) { return (value - fit.offsetY) / fit.scale; };
  // Nothing of the picture lies in the letterbox's bars.
  const double width = image.width / image.scale;
  const double height = image.height / image.scale;
  FoundObject found;
  found.score = score;
  found.left = std::clamp(toX(x - extent[0]), 0.0, width);
  found.top = std::clamp(toY(y - extent[1]), 0.0, height);
  found.right = std::clamp(toX(x + extent[2]), 0.0, width);
  found.bottom = std::clamp(toY(y + extent[3]), 0.0, height);
  if (!(found.right > found.left && found.bottom > found.top)) return std::nullopt;
  return found;
}

}  // namespace vigil
