#include "vision/appearance.h"

#include <algorithm>
#include <cmath>

namespace vigil {

namespace {

using Patch = AppearanceMeter::Patch;
using Surroundings = AppearanceMeter::Surroundings;
constexpr size_t kColumns = AppearanceMeter::kColumns;
constexpr size_t kRows = AppearanceMeter::kRows;
constexpr size_t kCells = AppearanceMeter::kCells;
constexpr int kSide = FaceMesh::kSide;
constexpr float kSaturatedLuma = 250;
/// Standard deviation, in grey levels, up to which a patch has no structure at all.
constexpr float kFlatDeviation = 0.05F;

// Patches reach this far to either side of the middle between the corners, in distances of the corners, and
// half as far up and down: an eye with its crease, without the brow; a mouth with the skin around it.
constexpr double kEyeReach = 0.8;
constexpr double kMouthReach = 0.7;

// What surrounds the eyes, in distances of the eyes from the point between them: to the temples, from above
// the brows down to the cheeks; less the eyes with the lids' folds.
constexpr double kCellSide = 0.1;
constexpr double kAroundReach = 1.0;
constexpr double kAroundAbove = 0.6;
constexpr double kEyeHalfWidth = 0.36;
constexpr double kEyeHalfHeight = 0.2;

// Learning. An eye is learnt while it looks like one, is open, faces the camera and is not blinded; a patch
// of one level teaches nothing. Ten seconds of habit outlast a blink and follow the light.
constexpr double kHabitMs = 10000;
constexpr double kLearntAfterMs = 1000;
constexpr double kMaxSampleMs = 200;
constexpr double kFirstSampleMs = 1000.0 / 30;
constexpr double kFrontalDeg = 20;
constexpr double kLooksLikeAnEye = 0.45;
constexpr double kOpen = 0.15;
constexpr double kMinContrast = 0.08;
constexpr double kMaxSaturatedShare = 0.05;
constexpr double kMouthClosed = 0.25;
constexpr double kMinMouthContrast = 0.06;
/// What correlates less with the habit does not change it: else a hand would be learnt in half a minute.
constexpr double kFamiliar = 0.6;
/// Eyes that look like eyes, but not like these, for this long are another driver's.
constexpr double kStrangerMs = 15000;
/// A face out of sight for longer than this may come back as another one.
constexpr double kForgetAfterMs = 10000;

float At(std::span<const float> luma, double x, double y) {
  // Pixel i covers i to i + 1.
  const double px = std::clamp(x - 0.5, 0.0, kSide - 1.001);
  const double py = std::clamp(y - 0.5, 0.0, kSide - 1.001);
  const auto column = static_cast<size_t>(px);
  const auto row = static_cast<size_t>(py);
  const float a = static_cast<float>(px - static_cast<double>(column));
  const float b = static_cast<float>(py - static_cast<double>(row));
  const float* p = luma.data() + row * kSide + column;
  return (p[0] * (1 - a) + p[1] * a) * (1 - b) + (p[kSide] * (1 - a) + p[kSide + 1] * a) * b;
}

/// Place of a cell's middle, -1 to 1.
float Across(size_t column) { return (2 * static_cast<float>(column) + 1) / kColumns - 1; }
float Down(size_t row) { return (2 * static_cast<float>(row) + 1) / kRows - 1; }

/// Removes mean and slope (least squares; the grid is symmetric, so the three are independent), then scales
/// to unit length.
void Normalise(Patch& patch) {
  float sum = 0, across = 0, down = 0, across2 = 0, down2 = 0;
  for (size_t i = 0; i < kCells; ++i) {
    const float u = Across(i % kColumns), v = Down(i / kColumns);
    sum += patch[i];
    across += patch[i] * u;
    down += patch[i] * v;
    across2 += u * u;
    down2 += v * v;
  }
  float squares = 0;
  for (size_t i = 0; i < kCells; ++i) {
    patch[i] -= sum / kCells + across / across2 * Across(i % kColumns) + down / down2 * Down(i / kColumns);
    squares += patch[i] * patch[i];
  }
  const float gain = squares > kFlatDeviation * kFlatDeviation * kCells ? 1 / std::sqrt(squares) : 0;
  for (float& value : patch) value *= gain;
}

template <size_t kSize>
double Dot(const std::array<float, kSize>& a, const std::array<float, kSize>& b) {
  double sum = 0;
  for (size_t i = 0; i < kSize; ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

/// An eye from its anatomy, outer corner at image left, in distances of its corners: the shadow along the
/// upper lid's arc, the iris, somewhat outside the middle because the tear duct belongs to the eye's width,
/// and the crease above. Widths and depths are those of the average over two dozen portraits, with which it
/// correlates by 0.89.
Patch DrawnEye() {
  Patch patch;
  const auto bell = [](double x, double width) { return std::exp(-0.5 * (x / width) * (x / width)); };
  for (size_t i = 0; i < kCells; ++i) {
    const double u = kEyeReach * Across(i % kColumns);
    const double v = kEyeReach / 2 * Down(i / kColumns);
    const double arc = -0.147 * (1 - (u / 0.55) * (u / 0.55));
    const double lid = std::abs(u) < 0.62 ? bell(v - arc, 0.094) : 0;
    const double iris = bell(std::hypot(u + 0.057, v + 0.021), 0.106);
    const double crease = bell(v + 0.181, 0.036) * bell(u - 0.1, 0.4);
    patch[i] = static_cast<float>(-100 * (lid + 1.916 * iris + 0.465 * crease));
  }
  Normalise(patch);
  return patch;
}

/// Full-size pixels -> pixels of the crop.
class CropPlace {
 public:
  explicit CropPlace(const Region& region)
      : cos_(std::cos(region.rotation) * kSide / region.size),
        sin_(std::sin(region.rotation) * kSide / region.size),
        x0_(region.centreX),
        y0_(region.centreY) {}

  std::array<double, 2> operator()(const FaceLandmarks& face, size_t point) const {
    const double x = face.points[3 * point] - x0_;
    const double y = face.points[3 * point + 1] - y0_;
    return {kSide / 2.0 + x * cos_ + y * sin_, kSide / 2.0 - x * sin_ + y * cos_};
  }

 private:
  double cos_, sin_, x0_, y0_;
};

/// Where the eyes are in the crop: face coordinates with the distance between the eyes as their unit.
struct FaceAxes {
  double x, y, acrossX, acrossY;

  /// Mean luma of one cell of the surroundings.
  float CellAt(std::span<const float> luma, double u, double v) const {
    float sum = 0;
    for (const double b : {v - kCellSide / 4, v + kCellSide / 4}) {
      for (const double a : {u - kCellSide / 4, u + kCellSide / 4}) {
        sum += At(luma, x + a * acrossX - b * acrossY, y + a * acrossY + b * acrossX);
      }
    }
    return sum / 4;
  }

  /// Mean luma of a patch around (u, v): u to image right from between the eyes, v down.
  double MeanAt(std::span<const float> luma, double u, double v, double reachU, double reachV) const {
    constexpr int kSteps = 6;
    double sum = 0;
    for (int row = 0; row < kSteps; ++row) {
      for (int column = 0; column < kSteps; ++column) {
        const double a = u + reachU * ((2.0 * column + 1) / kSteps - 1);
        const double b = v + reachV * ((2.0 * row + 1) / kSteps - 1);
        sum += At(luma, x + a * acrossX - b * acrossY, y + a * acrossY + b * acrossX);
      }
    }
    return sum / (kSteps * kSteps);
  }
};

/// What surrounds the eyes, in cells of a tenth of their distance, without the eyes themselves.
Surroundings SurroundingsOf(std::span<const float> luma, const FaceAxes& axes) {
  Surroundings ring{};
  float count = 0, sum = 0, across = 0, down = 0, across2 = 0, down2 = 0;
  const auto each = [](const auto& visit) {
    for (size_t i = 0; i < AppearanceMeter::kAroundCells; ++i) {
      const double u =
          kCellSide * (static_cast<double>(i % AppearanceMeter::kAroundColumns) + 0.5) - kAroundReach;
      const double v =
          kCellSide * (static_cast<double>(i / AppearanceMeter::kAroundColumns) + 0.5) - kAroundAbove;
      if (std::abs(std::abs(u) - 0.5) < kEyeHalfWidth && std::abs(v) < kEyeHalfHeight) continue;
      visit(i, static_cast<float>(u), static_cast<float>(v));
    }
  };
  each([&](size_t i, float u, float v) {
    ring[i] = axes.CellAt(luma, u, v);
    count += 1;
    sum += ring[i];
    down += v;
  });
  const float mean = sum / count, middle = down / count;
  // The grid is symmetric about the middle of the face: light from the side and from above are independent.
  down = 0;
  each([&](size_t i, float u, float v) {
    ring[i] -= mean;
    across += ring[i] * u;
    down += ring[i] * (v - middle);
    across2 += u * u;
    down2 += (v - middle) * (v - middle);
  });
  float squares = 0;
  each([&](size_t i, float u, float v) {
    ring[i] -= across / across2 * u + down / down2 * (v - middle);
    squares += ring[i] * ring[i];
  });
  const float gain = squares > kFlatDeviation * kFlatDeviation * count ? 1 / std::sqrt(squares) : 0;
  for (float& value : ring) value *= gain;
  return ring;
}

}  // namespace

template <size_t kSize>
double AppearanceMeter::Habit<kSize>::Correlation(const std::array<float, kSize>& patch) const {
  if (learntMs_ < kLearntAfterMs) return kNotMeasured;
  const double length = std::sqrt(Dot(mean_, mean_));
  return length > 0 ? Dot(mean_, patch) / length : 0;
}

template <size_t kSize>
void AppearanceMeter::Habit<kSize>::Learn(const std::array<float, kSize>& patch, double elapsedMs) {
  learntMs_ += elapsedMs;
  // A running mean at first, then one that forgets.
  const auto share = static_cast<float>(std::min(1.0, elapsedMs / std::min(learntMs_, kHabitMs)));
  for (size_t i = 0; i < kSize; ++i) mean_[i] += share * (patch[i] - mean_[i]);
}

AppearanceMeter::AppearanceMeter() : drawnEye_(DrawnEye()) {}

AppearanceMeter::Look AppearanceMeter::LookAt(std::span<const float> luma, const Corners& c, double reach,
                                              bool flipped) {
  const double acrossX = c.rightX - c.leftX, acrossY = c.rightY - c.leftY;
  const double x = (c.leftX + c.rightX) / 2, y = (c.leftY + c.rightY) / 2;
  Look look{};
  double sum = 0, squares = 0;
  size_t saturated = 0;
  // Four samples to a cell.
  for (size_t row = 0; row < 2 * kRows; ++row) {
    const double v = reach / 2 * ((2.0 * static_cast<double>(row) + 1) / (2 * kRows) - 1);
    for (size_t column = 0; column < 2 * kColumns; ++column) {
      const double u = reach * ((2.0 * static_cast<double>(column) + 1) / (2 * kColumns) - 1);
      const float value = At(luma, x + u * acrossX - v * acrossY, y + u * acrossY + v * acrossX);
      const size_t cell = flipped ? kColumns - 1 - column / 2 : column / 2;
      look.patch[row / 2 * kColumns + cell] += value / 4;
      sum += value;
      squares += static_cast<double>(value) * value;
      saturated += value >= kSaturatedLuma ? 1 : 0;
    }
  }
  constexpr double kSamples = 4.0 * kCells;
  look.mean = sum / kSamples;
  look.deviation = std::sqrt(std::max(0.0, squares / kSamples - look.mean * look.mean));
  look.saturatedShare = static_cast<double>(saturated) / kSamples;
  Normalise(look.patch);
  return look;
}

EyeAppearance AppearanceMeter::Eye(const Look& look, double skin, const Habit<kCells>& habit) const {
  EyeAppearance eye;
  eye.likeness = Dot(drawnEye_, look.patch);
  eye.familiarity = habit.Correlation(look.patch);
  eye.brightness = look.mean / skin;
  eye.contrast = look.deviation / skin;
  eye.saturatedShare = look.saturatedShare;
  return eye;
}

/// An open eye that is seen as usual, or for the first time.
bool AppearanceMeter::Teaches(const EyeAppearance& eye, double openness) {
  return openness >= kOpen && eye.likeness >= kLooksLikeAnEye && eye.contrast >= kMinContrast &&
         eye.saturatedShare <= kMaxSaturatedShare && !(eye.familiarity < kFamiliar);
}

FaceAppearance AppearanceMeter::Measure(std::span<const float> luma, const Region& region,
                                        const FaceLandmarks& face, const AppearanceContext& context) {
  const double sinceLast = lastT_ ? context.t - *lastT_ : kFirstSampleMs;
  lastT_ = context.t;
  if (sinceLast < 0 || sinceLast > kForgetAfterMs || strangeMs_ > kStrangerMs) {
    rightEye_.Forget();
    leftEye_.Forget();
    mouth_.Forget();
    around_.Forget();
    strangeMs_ = 0;
  }
  const double elapsedMs = std::clamp(sinceLast, 0.0, kMaxSampleMs);
  const bool frontal = std::abs(context.yawDeg) <= kFrontalDeg;

  const CropPlace place(region);
  const auto corners = [&](size_t left, size_t right) {
    const auto a = place(face, left), b = place(face, right);
    return Corners{a[0], a[1], b[0], b[1]};
  };
  const Corners right = corners(landmark::kRight.outer, landmark::kRight.inner);
  const Corners left = corners(landmark::kLeft.inner, landmark::kLeft.outer);
  const Corners mouth = corners(landmark::kRightMouthCorner, landmark::kLeftMouthCorner);
  const double rightX = (right.leftX + right.rightX) / 2, rightY = (right.leftY + right.rightY) / 2;
  const double leftX = (left.leftX + left.rightX) / 2, leftY = (left.leftY + left.rightY) / 2;
  const FaceAxes axes{(rightX + leftX) / 2, (rightY + leftY) / 2, leftX - rightX, leftY - rightY};
  const auto cheek = [&](double u) { return std::max(1.0, axes.MeanAt(luma, u, 0.6, 0.18, 0.15)); };
  const double rightSkin = cheek(-0.5), leftSkin = cheek(0.5);

  FaceAppearance appearance;
  const Look rightLook = LookAt(luma, right, kEyeReach, false),
             leftLook = LookAt(luma, left, kEyeReach, true);
  appearance.right = Eye(rightLook, rightSkin, rightEye_);
  appearance.left = Eye(leftLook, leftSkin, leftEye_);
  const Surroundings around = SurroundingsOf(luma, axes);
  // Glare on one eye shines on what surrounds it.
  const bool glare =
      std::max(appearance.right.saturatedShare, appearance.left.saturatedShare) > kMaxSaturatedShare;
  appearance.aroundEyes = glare ? kNotMeasured : around_.Correlation(around);
  const bool rightTeaches = frontal && Teaches(appearance.right, context.rightOpenness);
  const bool leftTeaches = frontal && Teaches(appearance.left, context.leftOpenness);
  // What covers brows and cheeks as well may, with the mesh's help, resemble an eye: it is not learnt.
  const bool uncovered = !(appearance.aroundEyes < kFamiliar);
  if (rightTeaches && uncovered) rightEye_.Learn(rightLook.patch, elapsedMs);
  if (leftTeaches && uncovered) leftEye_.Learn(leftLook.patch, elapsedMs);
  // New glasses or another light around eyes that are known; one eye may never have been seen from the front.
  const bool neitherStrange = (rightTeaches || std::isnan(appearance.right.familiarity)) &&
                              (leftTeaches || std::isnan(appearance.left.familiarity));
  if ((rightTeaches || leftTeaches) && neitherStrange && !glare) around_.Learn(around, elapsedMs);
  const auto strange = [](const EyeAppearance& eye) {
    return eye.likeness >= kLooksLikeAnEye && eye.familiarity < kFamiliar;
  };
  if (frontal) {
    const bool both = strange(appearance.right) && strange(appearance.left);
    strangeMs_ = both ? strangeMs_ + elapsedMs : 0;
  }

  const Look lips = LookAt(luma, mouth, kMouthReach, false);
  appearance.lower.familiarity = mouth_.Correlation(lips.patch);
  appearance.lower.contrast = lips.deviation / ((rightSkin + leftSkin) / 2);
  if (frontal && context.mouthOpening <= kMouthClosed && appearance.lower.contrast >= kMinMouthContrast &&
      !(appearance.lower.familiarity < kFamiliar))
    mouth_.Learn(lips.patch, elapsedMs);
  return appearance;
}

}  // namespace vigil
