#pragma once

#include <array>
#include <limits>
#include <optional>
#include <span>

#include "vision/face_mesh.h"
#include "vision/frame.h"

namespace vigil {

constexpr double kNotMeasured = std::numeric_limits<double>::quiet_NaN();

/// What the pixels around one eye look like: the mesh puts lids also on a hand, on dark glasses and on noise.
struct EyeAppearance {
  /// Correlation with a drawn eye (dark iris, lid line and crease on lighter skin), -1 to 1.
  double likeness = 0;
  /// Correlation with this driver's own eye as it usually looks, -1 to 1; NaN until that is learnt.
  double familiarity = kNotMeasured;
  double brightness = 0;      ///< mean luma over that of the cheek below
  double contrast = 0;        ///< standard deviation of luma over the cheek's luma
  double saturatedShare = 0;  ///< of luma at 250 of 255 and more
};

struct LowerFaceAppearance {
  double familiarity = kNotMeasured;  ///< as for an eye, of the mouth and what surrounds it
  double contrast = 0;
};

struct FaceAppearance {
  EyeAppearance right, left;
  LowerFaceAppearance lower;
  /// Correlation of brows, temples, cheeks and the bridge of the nose, without the eyes themselves, with how
  /// they usually look, -1 to 1; NaN until that is learnt, and while an eye is blinded. Lids that close leave
  /// it as it is, a hand does not.
  double aroundEyes = kNotMeasured;
};

/// What the appearance is judged and learnt by, besides the pixels.
struct AppearanceContext {
  double t = 0;  ///< ms on the drive's clock
  double yawDeg = 0;
  double rightOpenness = 0, leftOpenness = 0;
  double mouthOpening = 0;
};

/// Looks at eyes and mouth in the mesh network's crop, and learns how this driver's look. A pure function of
/// the frames so far. Belongs to one thread; no allocation.
class AppearanceMeter {
 public:
  AppearanceMeter();

  /// @param luma the crop, 192 x 192 of 0 to 255, rows from the top @param region where it was cut from
  FaceAppearance Measure(std::span<const float> luma, const Region& region, const FaceLandmarks& face,
                         const AppearanceContext& context);

  static constexpr size_t kColumns = 16, kRows = 8, kCells = kColumns * kRows;

  /// Zero mean, no slope, unit length: light from the side is not part of it. All zero where it is flat.
  using Patch = std::array<float, kCells>;

  static constexpr size_t kAroundColumns = 20, kAroundRows = 11, kAroundCells = kAroundColumns * kAroundRows;
  /// The same of what surrounds both eyes; zero where the eyes are.
  using Surroundings = std::array<float, kAroundCells>;

 private:
  struct Look {
    Patch patch;
    double mean, deviation, saturatedShare;
  };

  /// A patch as it usually looks; forgotten when another face may have come.
  template <size_t kSize>
  class Habit {
   public:
    double Correlation(const std::array<float, kSize>& patch) const;
    void Learn(const std::array<float, kSize>& patch, double elapsedMs);
    void Forget() { *this = {}; }

   private:
    std::array<float, kSize> mean_{};
    double learntMs_ = 0;
  };

  /// The corners of an eye or of the mouth, in pixels of the crop, image left first.
  struct Corners {
    double leftX, leftY, rightX, rightY;
  };

  static Look LookAt(std::span<const float> luma, const Corners& corners, double reach, bool flipped);
  EyeAppearance Eye(const Look& look, double skin, const Habit<kCells>& habit) const;
  static bool Teaches(const EyeAppearance& eye, double openness);

  Patch drawnEye_;
  Habit<kCells> rightEye_, leftEye_, mouth_;
  Habit<kAroundCells> around_;
  std::optional<double> lastT_;
  double strangeMs_ = 0;
};

}  // namespace vigil
