#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vision/appearance.h"
#include "vision/eye_state.h"
#include "vision/eyes.h"
#include "vision/face_detector.h"
#include "vision/face_mesh.h"
#include "vision/head_pose.h"
#include "vision/image_quality.h"
#include "vision/image_reader.h"
#include "vision/still_image.h"

namespace vigil {

enum class FaceKind : int { kFace = 0, kNoFace = 1, kDamagedImage = 2, kInferenceFailed = 3 };

/// What one frame says about the driver: a pure function of the frames so far. No timings in here.
struct FaceObservation {
  double t = 0;
  uint32_t frame = 0;
  FaceKind kind = FaceKind::kNoFace;
  double presence = 0;
  double boxX = 0, boxY = 0, boxWidth = 0, boxHeight = 0;
  EyeMeasure left, right;
  double mouthOpening = 0;
  double yawDeg = 0, pitchDeg = 0, rollDeg = 0;
  GazeMeasure gaze;
  ImageQuality image;
  FaceAppearance appearance;
  double stillMs = 0;  ///< how long the picture has not changed
  int faces = 0;       ///< that the detector saw when it last ran
  int imageWidth = 0, imageHeight = 0;
};

/// Where the time went; outside the promise of determinism.
struct FrameTimings {
  double decodeMs = 0;
  double detectMs = 0;
  double cropMs = 0;
  double meshMs = 0;
  double measureMs = 0;
  double eyesMs = 0;  ///< of the eye-state network, not part of measureMs
  double totalMs = 0;
  bool detectorRan = false;
  int reduction = 1;
};

/// Where in the image the driver's face belongs, in shares of its width and height.
struct SeatWindow {
  double left = 0, top = 0, right = 1, bottom = 1;
};

struct FacePipelineOptions {
  std::string onnxLibrary;
  std::string detectorModel;
  std::string meshModel;
  std::string eyeStateModel;  ///< optional weights; not read when eyeNetwork is kOff
  EyeNetworkUse eyeNetwork = EyeNetworkUse::kOff;
  CanonicalFace canonical;
  bool mirrored = false;           ///< the image shows the driver as in a mirror
  double horizontalFovDeg = 55;    ///< of the whole frame; cabin cameras 50, webcams 60
  bool detectEveryFrame = false;   ///< for benchmarks: never track
  std::optional<SeatWindow> seat;  ///< of several faces the one in here is the driver's
  double recheckMs = 3000;         ///< how often the detector looks for other faces while one is tracked
};

/// Face detection only when no face is tracked, mesh on a region that follows the previous frame, measures.
/// Holds the tracking state; belongs to one thread. No allocation per frame after the first few.
class FacePipeline {
 public:
  explicit FacePipeline(FacePipelineOptions options);

  /// `frame` may have its size filled in. Never throws for a bad image: the observation says so.
  void Process(CameraFrame& frame, FaceObservation& observation, FrameTimings& timings);

  /// The eye-state network is not asked while paused. From any thread; holds from the next eye on.
  void PauseEyeNetwork(bool paused) { networkPaused_.store(paused, std::memory_order_relaxed); }

  /// 478 x (x, y, z), valid after an observation of kind kFace.
  const FaceLandmarks& landmarks() const { return face_; }

  /// The whole picture of the last frame, valid after kFace and kNoFace. Its buffer may be exchanged for
  /// another one: every frame is decoded anew.
  RgbImage& picture() { return image_; }

 private:
  void See(CameraFrame& frame, FaceObservation& observation, FrameTimings& timings);
  bool FindRegion(CameraFrame& frame, FaceObservation& observation, FrameTimings& timings);
  void Measure(FaceObservation& observation);
  void LookForOthers(const CameraFrame& frame, FrameTimings& timings);
  const Detection& Driver(std::span<const Detection> faces, const CameraFrame& frame) const;
  bool InSeat(double x, double y, const CameraFrame& frame) const;
  void AskNetwork(FaceObservation& observation, FrameTimings& timings);
  void ReadAt(CameraFrame& frame, int reduction, FrameTimings& timings);

  const FacePipelineOptions options_;
  std::shared_ptr<OnnxLibrary> library_;
  FaceDetector detector_;
  FaceMesh mesh_;
  std::optional<EyeState> eyeState_;
  std::atomic<bool> networkPaused_{false};
  ImageReader reader_;
  RgbImage image_;
  FaceLandmarks face_;
  std::optional<Region> region_;
  AppearanceMeter appearance_;
  StillImage still_;
  int faces_ = 0;
  double detectedAt_ = 0;
  CameraView camera_;
  int reduction_ = 1;
  std::vector<float> luma_;
};

}  // namespace vigil
