#include "vision/face_pipeline.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/clock.h"
#include "core/error.h"

namespace vigil {

namespace {

constexpr double kMinPresence = 0.5;

// A JPEG is reduced as long as the region keeps this many pixels a side; the gap between the two numbers
// keeps a face at the limit from changing resolution, and with it openness, from frame to frame.
constexpr double kReduceAbove = 1.25 * FaceMesh::kSide;
constexpr double kEnlargeBelow = 1.05 * FaceMesh::kSide;
// Without a region: the detector needs little, but the mesh that follows in the same frame needs the face.
constexpr int kDetectSide = 640;

int ReductionFor(double regionSize, int current) {
  int reduction = current;
  while (reduction > 1 && regionSize / reduction < kEnlargeBelow) reduction /= 2;
  while (reduction < 8 && regionSize / (reduction * 2) >= kReduceAbove) reduction *= 2;
  return reduction;
}

int ReductionForDetection(int width, int height) {
  int reduction = 1;
  while (reduction < 8 && std::max(width, height) / (reduction * 2) >= kDetectSide) reduction *= 2;
  return reduction;
}

/// A region that can be cropped: nothing in it is NaN or infinite.
bool IsUsable(const Region& region) {
  return std::isfinite(region.centreX) && std::isfinite(region.centreY) && std::isfinite(region.rotation) &&
         std::isfinite(region.size) && region.size >= 1;
}

/// Adds the time since its construction to a field.
class Lap {
 public:
  explicit Lap(double& field) : field_(field), start_(MonotonicMs()) {}
  ~Lap() { field_ += MonotonicMs() - start_; }
  Lap(const Lap&) = delete;
  Lap& operator=(const Lap&) = delete;

 private:
  double& field_;
  double start_;
};

/// A mirrored image swaps sides: angles about the vertical and the viewing axis change sign, eyes change
/// places.
void Mirror(FaceObservation& observation) {
  observation.yawDeg = -observation.yawDeg;
  observation.rollDeg = -observation.rollDeg;
  observation.gaze.azimuthDeg = -observation.gaze.azimuthDeg;
  std::swap(observation.left, observation.right);
  std::swap(observation.appearance.left, observation.appearance.right);
}

std::pair<float, float> Extent(std::span<const float> points, size_t axis) {
  float low = points[axis];
  float high = points[axis];
  for (size_t i = 1; i < landmark::kBaseCount; ++i) {
    low = std::min(low, points[3 * i + axis]);
    high = std::max(high, points[3 * i + axis]);
  }
  return {low, high};
}

}  // namespace

FacePipeline::FacePipeline(FacePipelineOptions options)
    : options_(std::move(options)),
      library_(OnnxLibrary::Open(options_.onnxLibrary)),
      detector_(library_, options_.detectorModel),
      mesh_(library_, options_.meshModel),
      luma_(static_cast<size_t>(FaceMesh::kSide) * FaceMesh::kSide) {
  if (options_.eyeNetwork != EyeNetworkUse::kOff) eyeState_.emplace(library_, options_.eyeStateModel);
}

void FacePipeline::Process(CameraFrame& frame, FaceObservation& observation, FrameTimings& timings) {
  observation = {};
  timings = {};
  observation.t = frame.t;
  observation.frame = frame.number;
  const Lap total(timings.totalMs);
  try {
    See(frame, observation, timings);
  } catch (const Error& error) {
    // Tracking survives one damaged frame: the face is where it was.
    observation.kind =
        error.code() == "INFERENCE_FAILED" ? FaceKind::kInferenceFailed : FaceKind::kDamagedImage;
  } catch (const std::exception&) {  // memory: nothing may leave the worker's thread
    region_.reset();
    observation.kind = FaceKind::kInferenceFailed;
  }
}

void FacePipeline::See(CameraFrame& frame, FaceObservation& observation, FrameTimings& timings) {
  {
    const Lap lap(timings.decodeMs);
    reader_.ReadSize(frame);
    camera_ = {static_cast<double>(frame.width), static_cast<double>(frame.height),
               options_.horizontalFovDeg};
  }
  if (options_.detectEveryFrame) region_.reset();
  observation.imageWidth = frame.width;
  observation.imageHeight = frame.height;
  if (!region_ && !FindRegion(frame, observation, timings)) return;
  const int reduction = ReductionFor(region_->size, reduction_);
  if (!timings.detectorRan || reduction < reduction_) ReadAt(frame, reduction, timings);
  reduction_ = reduction;
  observation.stillMs = still_.Measure(image_, frame.t);
  timings.reduction = static_cast<int>(std::lround(1 / image_.scale));
  {
    const Lap lap(timings.cropMs);
    mesh_.Crop(image_, *region_);
    observation.image = MeasureQuality(mesh_.lastInput(), FaceMesh::kSide, 0, 1, luma_);
  }
  {
    const Lap lap(timings.meshMs);
    mesh_.Run(*region_, face_);
  }
  if (!std::isfinite(face_.presence)) {
    region_.reset();
    throw Error("INFERENCE_FAILED", "Expected a face score from the face mesh but it is not a number.");
  }
  observation.presence = face_.presence;
  observation.faces = faces_;
  if (face_.presence <= kMinPresence) {
    region_.reset();
    observation.kind = FaceKind::kNoFace;
    observation.faces = 0;
    return;
  }
  const Region cropped = *region_;
  region_ = RegionOf(face_);
  if (!IsUsable(*region_)) {
    region_.reset();
    throw Error("INFERENCE_FAILED", "Expected finite landmarks from the face mesh but some are not.");
  }
  {
    const Lap lap(timings.measureMs);
    Measure(observation);
    observation.appearance = appearance_.Measure(luma_, cropped, face_,
                                                 {frame.t, observation.yawDeg, observation.right.openness,
                                                  observation.left.openness, observation.mouthOpening});
  }
  LookForOthers(frame, timings);
  AskNetwork(observation, timings);
  if (options_.mirrored) Mirror(observation);
}

bool FacePipeline::FindRegion(CameraFrame& frame, FaceObservation& observation, FrameTimings& timings) {
  reduction_ = ReductionForDetection(frame.width, frame.height);
  ReadAt(frame, reduction_, timings);
  const Lap lap(timings.detectMs);
  timings.detectorRan = true;
  const auto found = detector_.Detect(image_);
  faces_ = static_cast<int>(found.size());
  detectedAt_ = frame.t;
  if (!found.empty() && IsUsable(RegionOf(Driver(found, frame)))) {
    region_ = RegionOf(Driver(found, frame));
    return true;
  }
  observation.kind = FaceKind::kNoFace;
  observation.stillMs = still_.Measure(image_, frame.t);
  observation.image =
      MeasureQuality(detector_.lastInput(), FaceDetector::kSide, detector_.lastPicture(), -1, 1, luma_);
  return false;
}

bool FacePipeline::InSeat(double x, double y, const CameraFrame& frame) const {
  const SeatWindow seat = options_.seat.value_or(SeatWindow{});
  return x >= seat.left * frame.width && x <= seat.right * frame.width && y >= seat.top * frame.height &&
         y <= seat.bottom * frame.height;
}

/// Of the faces, widest first, the widest in the driver's seat; where there is none, the widest of all.
const Detection& FacePipeline::Driver(std::span<const Detection> faces, const CameraFrame& frame) const {
  const auto seated = std::find_if(faces.begin(), faces.end(), [&](const Detection& face) {
    return InSeat((face.left + face.right) / 2, (face.top + face.bottom) / 2, frame);
  });
  return seated == faces.end() ? faces.front() : *seated;
}

/// Tracking sees one face only. Now and then the detector counts them all, and a face in the driver's seat
/// takes over from one that is not.
void FacePipeline::LookForOthers(const CameraFrame& frame, FrameTimings& timings) {
  const double since = frame.t - detectedAt_;
  if (timings.detectorRan || (since >= 0 && since < options_.recheckMs)) return;
  const Lap lap(timings.detectMs);
  timings.detectorRan = true;
  detectedAt_ = frame.t;
  const auto found = detector_.Detect(image_);
  // The tracked face may be turned too far for the detector.
  faces_ = std::max(1, static_cast<int>(found.size()));
  if (found.empty() || InSeat(region_->centreX, region_->centreY, frame)) return;
  const Detection& other = Driver(found, frame);
  const Region region = RegionOf(other);
  if (InSeat(region.centreX, region.centreY, frame) && IsUsable(region)) region_ = region;
}

void FacePipeline::ReadAt(CameraFrame& frame, int reduction, FrameTimings& timings) {
  const Lap lap(timings.decodeMs);
  reader_.Read(frame, reduction, image_);
}

void FacePipeline::Measure(FaceObservation& observation) {
  const std::span<const float> points = face_.points;
  // Eyes are measured as they are seen, along the line of sight; directions are told in the camera's axes.
  const HeadPose seen = FitHeadPose(options_.canonical, points);
  const LineOfSight sight(camera_, seen.centreX, seen.centreY);
  const HeadPose head = sight.ToCamera(seen);
  observation.kind = FaceKind::kFace;
  observation.yawDeg = head.yawDeg;
  observation.pitchDeg = head.pitchDeg;
  observation.rollDeg = head.rollDeg;
  observation.right = MeasureRightEye(points, seen);
  observation.left = MeasureLeftEye(points, seen);
  observation.gaze = MeasureGaze(points, seen, observation.right, observation.left);
  sight.ToCamera(observation.gaze.azimuthDeg, observation.gaze.elevationDeg);
  observation.mouthOpening = MeasureMouth(points);
  const auto [minX, maxX] = Extent(points, 0);
  const auto [minY, maxY] = Extent(points, 1);
  observation.boxX = minX;
  observation.boxY = minY;
  observation.boxWidth = maxX - minX;
  observation.boxHeight = maxY - minY;
}

void FacePipeline::AskNetwork(FaceObservation& observation, FrameTimings& timings) {
  if (!eyeState_ || networkPaused_.load(std::memory_order_relaxed)) return;
  const auto ask = [&](const landmark::EyePoints& points, EyeMeasure& eye) {
    const double yawDeg = observation.yawDeg;
    if (options_.eyeNetwork == EyeNetworkUse::kUnsure && !GeometryIsUnsure(eye, yawDeg, observation.pitchDeg))
      return;
    const Region region = EyeRegion(face_.points, points, yawDeg);
    if (!IsUsable(region)) return;
    const Lap lap(timings.eyesMs);
    try {
      eye.closedProbability = eyeState_->ClosedProbability(image_, region);
    } catch (const Error&) {
      // The network is a second opinion: without it the lids' geometry stands.
    }
  };
  ask(landmark::kRight, observation.right);
  ask(landmark::kLeft, observation.left);
}

}  // namespace vigil
