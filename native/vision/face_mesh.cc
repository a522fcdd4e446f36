#include "vision/face_mesh.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "vision/resample.h"

namespace vigil {

namespace {

constexpr double kRegionScale = 1.5;

/// Square pixels of the crop -> full-size pixels.
struct BackProjection {
  BackProjection(const Region& region, int side)
      : c(std::cos(region.rotation) * region.size / side),
        s(std::sin(region.rotation) * region.size / side),
        scale(region.size / side),
        half(side / 2.0),
        x0(region.centreX),
        y0(region.centreY) {}

  void Apply(float x, float y, float* out) const {
    const double u = x - half;
    const double v = y - half;
    out[0] = static_cast<float>(x0 + c * u - s * v);
    out[1] = static_cast<float>(y0 + s * u + c * v);
  }

  double c, s, scale, half, x0, y0;
};

/// Refined outputs replace x and y; depth stays the base mesh's.
template <size_t N>
void Refine(const BackProjection& back, std::span<const float> refined, const std::array<size_t, N>& indices,
            FaceLandmarks& face) {
  for (size_t i = 0; i < N; ++i) back.Apply(refined[2 * i], refined[2 * i + 1], &face.points[3 * indices[i]]);
}

void PlaceIris(const BackProjection& back, std::span<const float> iris, const landmark::EyePoints& eye,
               FaceLandmarks& face) {
  const float depth = (face.base[3 * eye.outer + 2] + face.base[3 * eye.inner + 2]) / 2;
  for (size_t i = 0; i < landmark::kIrisPoints; ++i) {
    float* point = &face.points[3 * (eye.iris + i)];
    back.Apply(iris[2 * i], iris[2 * i + 1], point);
    point[2] = depth;
  }
}

}  // namespace

FaceMesh::FaceMesh(std::shared_ptr<OnnxLibrary> library, const std::string& modelPath)
    : session_(std::move(library), modelPath) {
  using Shape = std::vector<int64_t>;
  input_ = session_.FloatInput("input", Shape{1, kSide, kSide, 3});
  const auto output = [this](const char* name, int64_t values) {
    for (const OnnxTensor& tensor : session_.outputs()) {
      if (tensor.name == name && tensor.elements == static_cast<size_t>(values)) {
        return session_.FloatOutput(name, tensor.shape);
      }
    }
    return session_.FloatOutput(name, Shape{1, values});  // throws, naming expected and actual
  };
  mesh_ = output("mesh", 1404);
  lips_ = output("lips", 160);
  // The network names eyes by image side: its "left" is the driver's right eye.
  rightEye_ = output("left_eye", 142);
  leftEye_ = output("right_eye", 142);
  rightIris_ = output("left_iris", 10);
  leftIris_ = output("right_iris", 10);
  flag_ = output("face_flag", 1);
}

void FaceMesh::Crop(const RgbImage& image, const Region& region) { CropRegion(image, region, kSide, input_); }

void FaceMesh::Run(const Region& region, FaceLandmarks& face) {
  session_.Run();
  const BackProjection back(region, kSide);
  for (size_t i = 0; i < landmark::kBaseCount; ++i) {
    float* point = &face.base[3 * i];
    back.Apply(mesh_[3 * i], mesh_[3 * i + 1], point);
    point[2] = static_cast<float>(mesh_[3 * i + 2] * back.scale);
  }
  std::copy(face.base.begin(), face.base.end(), face.points.begin());
  Refine(back, lips_, landmark::kLips, face);
  Refine(back, rightEye_, landmark::kRightEye, face);
  Refine(back, leftEye_, landmark::kLeftEye, face);
  PlaceIris(back, rightIris_, landmark::kRight, face);
  PlaceIris(back, leftIris_, landmark::kLeft, face);
  face.presence = 1.0 / (1.0 + std::exp(-static_cast<double>(flag_[0])));
}

Region RegionOf(const FaceLandmarks& face) {
  float left = face.base[0], right = face.base[0], top = face.base[1], bottom = face.base[1];
  for (size_t i = 1; i < landmark::kBaseCount; ++i) {
    left = std::min(left, face.base[3 * i]);
    right = std::max(right, face.base[3 * i]);
    top = std::min(top, face.base[3 * i + 1]);
    bottom = std::max(bottom, face.base[3 * i + 1]);
  }
  const float* rightEye = &face.base[3 * landmark::kRight.outer];
  const float* leftEye = &face.base[3 * landmark::kLeft.outer];
  Region region;
  region.centreX = (left + right) / 2;
  region.centreY = (top + bottom) / 2;
  region.size = kRegionScale * std::max(right - left, bottom - top);
  region.rotation = std::atan2(leftEye[1] - rightEye[1], leftEye[0] - rightEye[0]);
  return region;
}

}  // namespace vigil
