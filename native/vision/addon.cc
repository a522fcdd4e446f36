// vision.node: camera frames in, one face observation per frame out, on a thread of its own.
#include <napi.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/histogram.h"
#include "core/napi_arguments.h"
#include "core/napi_arrays.h"
#include "core/napi_error.h"
#include "core/napi_histogram.h"
#include "core/napi_worker.h"
#include "vision/addon_capture.h"
#include "vision/addon_eye_state.h"
#include "vision/addon_phone.h"
#include "vision/face_pipeline.h"

namespace vigil {
namespace {

/// Order of the columns of one row; src/camera/vision-addon.ts reads the same order.
constexpr size_t kObservationColumns = 43;
constexpr size_t kTimingColumns = 10;
constexpr size_t kLandmarkValues = landmark::kCount * 3;

struct Result {
  FaceObservation observation;
  FrameTimings timings;
  std::vector<float> landmarks;  ///< empty unless asked for
  std::optional<PhoneSighting> phone;
};

struct Stages {
  Histogram decode, detect, crop, mesh, measure, eyes, frame;
};

void WriteObservation(const FaceObservation& o, double* row) {
  const std::array<double, kObservationColumns> values = {o.t,
                                                          static_cast<double>(o.frame),
                                                          static_cast<double>(o.kind),
                                                          o.presence,
                                                          o.boxX,
                                                          o.boxY,
                                                          o.boxWidth,
                                                          o.boxHeight,
                                                          o.left.openness,
                                                          o.left.weight,
                                                          o.right.openness,
                                                          o.right.weight,
                                                          o.mouthOpening,
                                                          o.yawDeg,
                                                          o.pitchDeg,
                                                          o.rollDeg,
                                                          o.gaze.azimuthDeg,
                                                          o.gaze.elevationDeg,
                                                          o.gaze.confidence,
                                                          o.image.brightness,
                                                          o.image.contrast,
                                                          o.image.sharpness,
                                                          o.image.saturatedShare,
                                                          o.left.closedProbability,
                                                          o.right.closedProbability,
                                                          o.appearance.left.likeness,
                                                          o.appearance.left.familiarity,
                                                          o.appearance.left.brightness,
                                                          o.appearance.left.contrast,
                                                          o.appearance.left.saturatedShare,
                                                          o.appearance.right.likeness,
                                                          o.appearance.right.familiarity,
                                                          o.appearance.right.brightness,
                                                          o.appearance.right.contrast,
                                                          o.appearance.right.saturatedShare,
                                                          o.appearance.lower.familiarity,
                                                          o.appearance.lower.contrast,
                                                          o.stillMs,
                                                          static_cast<double>(o.faces),
                                                          static_cast<double>(o.imageWidth),
                                                          static_cast<double>(o.imageHeight),
                                                          o.image.detail,
                                                          o.appearance.aroundEyes};
  std::copy(values.begin(), values.end(), row);
}

void WriteTimings(const Result& result, double* row) {
  const FrameTimings& t = result.timings;
  const std::array<double, kTimingColumns> values = {static_cast<double>(result.observation.frame),
                                                     t.decodeMs,
                                                     t.detectMs,
                                                     t.cropMs,
                                                     t.meshMs,
                                                     t.measureMs,
                                                     t.totalMs,
                                                     t.detectorRan ? 1.0 : 0.0,
                                                     static_cast<double>(t.reduction),
                                                     t.eyesMs};
  std::copy(values.begin(), values.end(), row);
}

CanonicalFace ReadCanonical(Napi::Object config) {
  const auto vertices = args::TypedArray<double>(config.Get("canonicalVertices"), "canonicalVertices");
  const auto anchors = args::TypedArray<double>(config.Get("canonicalAnchors"), "canonicalAnchors");
  if (vertices.size() != landmark::kBaseCount * 3) throw args::Wrong("canonicalVertices", "468 x 3 numbers");
  if (anchors.empty() || anchors.size() % 2 != 0)
    throw args::Wrong("canonicalAnchors", "pairs of index and weight");
  CanonicalFace face;
  face.vertices.assign(vertices.begin(), vertices.end());
  for (size_t i = 0; i < anchors.size(); i += 2) {
    if (!(anchors[i] >= 0 && anchors[i] < landmark::kBaseCount))
      throw args::Wrong("canonicalAnchors", "indices below 468");
    face.anchors.push_back({static_cast<size_t>(anchors[i]), anchors[i + 1]});
  }
  return face;
}

SeatWindow ReadSeat(std::span<const double> shares) {
  if (shares.size() != 4 || !(0 <= shares[0] && shares[0] < shares[2] && shares[2] <= 1) ||
      !(0 <= shares[1] && shares[1] < shares[3] && shares[3] <= 1))
    throw args::Wrong("seat", "left, top, right and bottom as ascending shares of 0 to 1");
  return {shares[0], shares[1], shares[2], shares[3]};
}

/// new FaceTracker(config, onBatch(observations: Float64Array, timings: Float64Array, landmarks?:
/// Float32Array, phones?: Float64Array))
class FaceTracker : public Napi::ObjectWrap<FaceTracker> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(
        env, "FaceTracker",
        {InstanceMethod<&FaceTracker::Push>("push"), InstanceMethod<&FaceTracker::Counters>("counters"),
         InstanceMethod<&FaceTracker::Latencies>("latencies"),
         InstanceMethod<&FaceTracker::PhoneCounters>("phoneCounters"),
         InstanceMethod<&FaceTracker::Outstanding>("outstanding"),
         InstanceMethod<&FaceTracker::PauseEyeNetwork>("pauseEyeNetwork"),
         InstanceMethod<&FaceTracker::Close>("close")});
  }

  explicit FaceTracker(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    Guard(info.Env(), [&]() -> Napi::Value {
      Open(info.Env(), args::Object(info[0], "config"), args::Function(info[1], "onBatch"));
      return {};
    });
  }

 private:
  using Binding = WorkerBinding<CameraFrame, Result>;

  void Open(Napi::Env env, Napi::Object config, Napi::Function onBatch) {
    FacePipelineOptions options;
    options.onnxLibrary = args::String(config.Get("onnxLibrary"), "onnxLibrary");
    options.detectorModel = args::String(config.Get("detectorModel"), "detectorModel");
    options.meshModel = args::String(config.Get("meshModel"), "meshModel");
    if (!config.Get("eyeNetwork").IsUndefined()) {
      options.eyeNetwork =
          static_cast<EyeNetworkUse>(args::Integer(config.Get("eyeNetwork"), "eyeNetwork", 0, 2));
    }
    if (options.eyeNetwork != EyeNetworkUse::kOff)
      options.eyeStateModel = args::String(config.Get("eyeStateModel"), "eyeStateModel");
    options.canonical = ReadCanonical(config);
    options.mirrored = args::Boolean(config.Get("mirrored"), "mirrored");
    if (!config.Get("horizontalFovDeg").IsUndefined())
      options.horizontalFovDeg = args::Number(config.Get("horizontalFovDeg"), "horizontalFovDeg");
    if (!(options.horizontalFovDeg >= 10 && options.horizontalFovDeg <= 150))
      throw args::Wrong("horizontalFovDeg", "an angle from 10 to 150");
    options.detectEveryFrame = args::Boolean(config.Get("detectEveryFrame"), "detectEveryFrame");
    if (!config.Get("recheckMs").IsUndefined())
      options.recheckMs = args::Number(config.Get("recheckMs"), "recheckMs");
    if (!config.Get("seat").IsUndefined())
      options.seat = ReadSeat(args::TypedArray<double>(config.Get("seat"), "seat"));
    withLandmarks_ = args::Boolean(config.Get("landmarks"), "landmarks");

    WorkerOptions worker;
    worker.name = "vigil-vision";
    worker.queueLength = static_cast<size_t>(args::Integer(config.Get("queueLength"), "queueLength", 1, 256));
    worker.policy = static_cast<DropPolicy>(args::Integer(config.Get("dropPolicy"), "dropPolicy", 0, 2));
    worker.deadlineMs = args::Number(config.Get("deadlineMs"), "deadlineMs");
    if (!config.Get("fifoPriority").IsUndefined()) {
      worker.fifoPriority =
          static_cast<int>(args::Integer(config.Get("fifoPriority"), "fifoPriority", 1, 99));
    }
    if (!config.Get("cpu").IsUndefined()) {
      worker.cpu = static_cast<int>(args::Integer(config.Get("cpu"), "cpu", 0, 1023));
    }
    onBatch_ = Napi::Persistent(onBatch);
    phone_ = OpenPhoneWatch(config, options.onnxLibrary);
    pipeline_ = std::make_unique<FacePipeline>(std::move(options));
    binding_ = std::make_unique<Binding>(
        env, this, worker, [this](CameraFrame& frame, Result& result) { Process(frame, result); },
        [this](Napi::Env e) { Deliver(e); });
  }

  /// On the worker's thread.
  void Process(CameraFrame& frame, Result& result) {
    const double cpuMs = ThreadCpuMs();
    pipeline_->Process(frame, result.observation, result.timings);
    if (phone_) {
      // The pipeline waits for nothing but the processor.
      const double waitedMs = result.timings.totalMs - (ThreadCpuMs() - cpuMs);
      result.phone = phone_->Step(pipeline_->picture(), result.observation, waitedMs);
    }
    const FrameTimings& t = result.timings;
    stages_.decode.Record(t.decodeMs);
    if (t.detectorRan) stages_.detect.Record(t.detectMs);
    stages_.frame.Record(t.totalMs);
    if (result.observation.kind == FaceKind::kFace) {
      stages_.crop.Record(t.cropMs);
      stages_.mesh.Record(t.meshMs);
      stages_.measure.Record(t.measureMs);
      if (t.eyesMs > 0) stages_.eyes.Record(t.eyesMs);
    }
    if (!withLandmarks_) return;
    const auto& points = pipeline_->landmarks().points;
    if (result.observation.kind == FaceKind::kFace) {
      result.landmarks.assign(points.begin(), points.end());
    } else {
      result.landmarks.assign(kLandmarkValues, 0.0F);
    }
  }

  /// push(t, number, format, width, height, bytes) -> 0 accepted, 1 full, 2 closed. The bytes are copied.
  Napi::Value Push(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      const double t = args::Number(info[0], "t");
      const auto number = static_cast<uint32_t>(args::Integer(info[1], "number", 0, 0xFFFFFFFFLL));
      const auto format = static_cast<PixelFormat>(args::Integer(info[2], "format", 0, 3));
      const auto width = static_cast<int>(args::Integer(info[3], "width", 0, 65535));
      const auto height = static_cast<int>(args::Integer(info[4], "height", 0, 65535));
      const auto bytes = args::TypedArray<uint8_t>(info[5], "bytes");
      const auto pushed = binding_->TryPush([&](CameraFrame& frame) {
        frame.t = t;
        frame.number = number;
        frame.format = format;
        frame.width = width;
        frame.height = height;
        frame.bytes.assign(bytes.begin(), bytes.end());
      });
      return Napi::Number::New(info.Env(), static_cast<int>(pushed));
    });
  }

  void Deliver(Napi::Env env) {
    rows_.clear();
    timings_.clear();
    landmarks_.clear();
    phones_.clear();
    binding_->Collect([&](Result& result) {
      if (result.phone) AppendSighting(*result.phone, rows_.size() / kObservationColumns, phones_);
      rows_.resize(rows_.size() + kObservationColumns);
      WriteObservation(result.observation, rows_.data() + rows_.size() - kObservationColumns);
      timings_.resize(timings_.size() + kTimingColumns);
      WriteTimings(result, timings_.data() + timings_.size() - kTimingColumns);
      landmarks_.insert(landmarks_.end(), result.landmarks.begin(), result.landmarks.end());
    });
    if (rows_.empty()) return;
    const auto rows = CopyToArray<double>(env, rows_);
    const auto timings = CopyToArray<double>(env, timings_);
    const Napi::Value none = env.Undefined();
    onBatch_.Call({rows, timings, withLandmarks_ ? CopyToArray<float>(env, landmarks_) : none,
                   phones_.empty() ? none : CopyToArray<double>(env, phones_)});
  }

  Napi::Value Counters(const Napi::CallbackInfo& info) { return binding_->CountersToJs(info.Env()); }

  Napi::Value Outstanding(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<double>(binding_->Outstanding()));
  }

  Napi::Value PauseEyeNetwork(const Napi::CallbackInfo& info) {
    if (!info[0].IsBoolean())
      throw Napi::TypeError::New(info.Env(), "Expected whether to pause, true or false.");
    pipeline_->PauseEyeNetwork(info[0].As<Napi::Boolean>().Value());
    return info.Env().Undefined();
  }

  Napi::Value Latencies(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    Napi::Object object = Napi::Object::New(env);
    object.Set("decode", SnapshotToJs(env, stages_.decode.Read()));
    object.Set("detect", SnapshotToJs(env, stages_.detect.Read()));
    object.Set("crop", SnapshotToJs(env, stages_.crop.Read()));
    object.Set("mesh", SnapshotToJs(env, stages_.mesh.Read()));
    object.Set("measure", SnapshotToJs(env, stages_.measure.Read()));
    object.Set("eyes", SnapshotToJs(env, stages_.eyes.Read()));
    object.Set("frame", SnapshotToJs(env, stages_.frame.Read()));
    return object;
  }

  /// undefined without a phone model
  Napi::Value PhoneCounters(const Napi::CallbackInfo& info) {
    return phone_ ? PhoneCountersToJs(info.Env(), *phone_) : info.Env().Undefined();
  }

  Napi::Value Close(const Napi::CallbackInfo& info) {
    binding_->Close();
    if (phone_) phone_->Stop();
    return info.Env().Undefined();
  }

  bool withLandmarks_ = false;
  Napi::FunctionReference onBatch_;
  std::vector<double> rows_;
  std::vector<double> timings_;
  std::vector<float> landmarks_;
  std::vector<double> phones_;
  Stages stages_;
  std::unique_ptr<PhoneWatch> phone_;
  std::unique_ptr<FacePipeline> pipeline_;
  std::unique_ptr<Binding> binding_;  // last: its thread uses everything above
};

}  // namespace
}  // namespace vigil

static Napi::Object InitModule(Napi::Env env, Napi::Object exports) {
  exports.Set("FaceTracker", vigil::FaceTracker::Define(env));
  exports.Set("EyeState", vigil::DefineEyeState(env));
  exports.Set("CameraCapture", vigil::DefineCameraCapture(env));
  return exports;
}
NODE_API_MODULE(vision, InitModule)
