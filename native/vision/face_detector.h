#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/onnx_session.h"
#include "vision/frame.h"
#include "vision/resample.h"

namespace vigil {

/// One face in full-size pixels. Key points: image-left eye, image-right eye (of an unmirrored driver: the
/// right eye, then the left one).
struct Detection {
  double score = 0;
  double left = 0, top = 0, right = 0, bottom = 0;
  double eyeX[2] = {0, 0};
  double eyeY[2] = {0, 0};
};

/// BlazeFace short range: 896 anchors on a 16x16 (two each) and an 8x8 grid (six each), weighted non-maximum
/// suppression (Bazarevsky et al. 2019, arXiv 1907.05047).
class FaceDetector {
 public:
  FaceDetector(std::shared_ptr<OnnxLibrary> library, const std::string& modelPath);

  /// Faces with a score of at least 0.5, none twice, the widest first. Valid until the next call.
  std::span<const Detection> Detect(const RgbImage& image);

  /// What the network saw last, 128 x 128 x 3 of -1 to 1, and where in it the picture lies: for photometry
  /// when there is no face.
  std::span<const float> lastInput() const { return input_; }
  const PixelWindow& lastPicture() const { return picture_; }
  static constexpr int kSide = 128;

 private:
  struct Candidate {
    size_t anchor;
    float score;
    float box[4];  ///< left, top, right, bottom in units of the square
    float eyes[4];
  };

  void Decode();
  void Suppress(const Letterbox& fit);
  static Detection Place(const Candidate& face, const Letterbox& fit);

  OnnxSession session_;
  std::span<float> input_;
  PixelWindow picture_;
  std::span<const float> regressors_;
  std::span<const float> scores_;
  std::vector<float> anchors_;  ///< 896 x (x, y)
  std::vector<Candidate> candidates_;
  std::vector<Candidate> rest_;
  std::vector<Detection> found_;
};

/// The mesh's region from a detection: the box's centre, 1.5 times its longer side, level with the eyes.
Region RegionOf(const Detection& detection);

}  // namespace vigil
