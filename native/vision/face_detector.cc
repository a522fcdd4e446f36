#include "vision/face_detector.h"

#include <algorithm>
#include <cmath>

namespace vigil {

namespace {

constexpr int kAnchors = 896;
constexpr int kValues = 16;
constexpr float kMinScore = 0.5F;
constexpr float kMaxOverlap = 0.3F;
constexpr double kRegionScale = 1.5;

float Sigmoid(float x) { return 1.0F / (1.0F + std::exp(-std::clamp(x, -100.0F, 100.0F))); }

float Overlap(const float* a, const float* b) {
  const float width = std::min(a[2], b[2]) - std::max(a[0], b[0]);
  const float height = std::min(a[3], b[3]) - std::max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const float shared = width * height;
  return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared);
}

}  // namespace

FaceDetector::FaceDetector(std::shared_ptr<OnnxLibrary> library, const std::string& modelPath)
    : session_(std::move(library), modelPath) {
  input_ = session_.FloatInput("input", std::vector<int64_t>{1, kSide, kSide, 3});
  regressors_ = session_.FloatOutput("regressors", std::vector<int64_t>{1, kAnchors, kValues});
  scores_ = session_.FloatOutput("classificators", std::vector<int64_t>{1, kAnchors, 1});
  const auto grid = [this](int cells, int perCell) {
    for (int y = 0; y < cells; ++y) {
      for (int x = 0; x < cells; ++x) {
        for (int k = 0; k < perCell; ++k) {
          anchors_.push_back((static_cast<float>(x) + 0.5F) / static_cast<float>(cells));
          anchors_.push_back((static_cast<float>(y) + 0.5F) / static_cast<float>(cells));
        }
      }
    }
  };
  grid(16, 2);
  grid(8, 6);
  candidates_.reserve(kAnchors);
  rest_.reserve(kAnchors);
  found_.reserve(kAnchors);
}

void FaceDetector::Decode() {
  candidates_.clear();
  constexpr float kUnit = 1.0F / kSide;
  for (size_t i = 0; i < kAnchors; ++i) {
    const float score = Sigmoid(scores_[i]);
    if (!(score >= kMinScore)) continue;
    const float* r = regressors_.data() + i * kValues;
    const float anchorX = anchors_[2 * i];
    const float anchorY = anchors_[2 * i + 1];
    const float x = r[0] * kUnit + anchorX;
    const float y = r[1] * kUnit + anchorY;
    const float halfWidth = r[2] * kUnit / 2;
    const float halfHeight = r[3] * kUnit / 2;
    candidates_.push_back(
        {i,
         score,
         {x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight},
         {r[4] * kUnit + anchorX, r[5] * kUnit + anchorY, r[6] * kUnit + anchorX, r[7] * kUnit + anchorY}});
  }
  // A total order, so that ties do not depend on the sort's implementation; std::stable_sort would allocate.
  std::sort(candidates_.begin(), candidates_.end(), [](const Candidate& a, const Candidate& b) {
    return a.score != b.score ? a.score > b.score : a.anchor < b.anchor;
  });
}

void FaceDetector::Suppress(const Letterbox& fit) {
  found_.clear();
  while (!candidates_.empty()) {
    const Candidate top = candidates_.front();
    Candidate mean{top.anchor, top.score, {0, 0, 0, 0}, {0, 0, 0, 0}};
    float total = 0;
    rest_.clear();
    for (size_t i = 0; i < candidates_.size(); ++i) {
      const Candidate& candidate = candidates_[i];
      if (i > 0 && Overlap(top.box, candidate.box) <= kMaxOverlap) {
        rest_.push_back(candidate);
        continue;
      }
      total += candidate.score;
      for (size_t k = 0; k < 4; ++k) {
        mean.box[k] += candidate.score * candidate.box[k];
        mean.eyes[k] += candidate.score * candidate.eyes[k];
      }
    }
    for (size_t k = 0; k < 4; ++k) {
      mean.box[k] /= total;
      mean.eyes[k] /= total;
    }
    found_.push_back(Place(mean, fit));
    candidates_.swap(rest_);
  }
  // The widest first, of equally wide ones the surer.
  std::sort(found_.begin(), found_.end(), [](const Detection& a, const Detection& b) {
    const double widthA = a.right - a.left, widthB = b.right - b.left;
    return widthA != widthB ? widthA > widthB : a.score > b.score;
  });
}

Detection FaceDetector::Place(const Candidate& face, const Letterbox& fit) {
  const auto toX = [&fit](float x) { return (static_cast<double>(x) * kSide - fit.offsetX) / fit.scale; };
  const auto toY = [&fit](float y) { return (static_cast<double>(y) * kSide - fit.offsetY) / fit.scale; };
  Detection detection;
  detection.score = face.score;
  detection.left = toX(face.box[0]);
  detection.top = toY(face.box[1]);
  detection.right = toX(face.box[2]);
  detection.bottom = toY(face.box[3]);
  for (size_t k = 0; k < 2; ++k) {
    detection.eyeX[k] = toX(face.eyes[2 * k]);
    detection.eyeY[k] = toY(face.eyes[2 * k + 1]);
  }
  return detection;
}

std::span<const Detection> FaceDetector::Detect(const RgbImage& image) {
  const Letterbox fit = FitSquare(image, kSide, -1.0F, 1.0F, input_);
  picture_ = fit.picture;
  session_.Run();
  Decode();
  Suppress(fit);
  return found_;
}

Region RegionOf(const Detection& detection) {
  Region region;
  region.centreX = (detection.left + detection.right) / 2;
  region.centreY = (detection.top + detection.bottom) / 2;
  region.size = kRegionScale * std::max(detection.right - detection.left, detection.bottom - detection.top);
  region.rotation = std::atan2(detection.eyeY[1] - detection.eyeY[0], detection.eyeX[1] - detection.eyeX[0]);
  return region;
}

}  // namespace vigil
