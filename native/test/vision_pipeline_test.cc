#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "core/worker.h"
#include "test/allocations.h"
#include "test/vision_face.h"

using doctest::Approx;
using vigil::CameraFrame;
using vigil::FaceKind;
using vigil::FaceObservation;
using vigil::FacePipeline;
using vigil::FrameTimings;
using vigil::test::Astronaut;
using vigil::test::PipelineOptions;

// The models must be built (`vigil models build`). Against MediaPipe itself the chain is compared in
// test/30-*.test.ts; here it is about order, memory and threads. Pose comes from a synthetic face, so its
// numbers mean nothing.

namespace {

struct Seen {
  FaceObservation observation;
  FrameTimings timings;
};

class Camera {
 public:
  explicit Camera(vigil::FacePipelineOptions options = PipelineOptions()) : pipeline_(std::move(options)) {}

  Seen Show(CameraFrame frame) {
    frame.number = next_++;
    frame.t = 40.0 * frame.number;
    Seen seen;
    pipeline_.Process(frame, seen.observation, seen.timings);
    return seen;
  }

  FacePipeline& pipeline() { return pipeline_; }

 private:
  FacePipeline pipeline_;
  uint32_t next_ = 0;
};

CameraFrame Plain(uint8_t level) {
  CameraFrame frame;
  frame.format = vigil::PixelFormat::kGrey;
  frame.width = 320;
  frame.height = 240;
  frame.bytes.assign(size_t{320} * 240, level);
  return frame;
}

CameraFrame Damaged() {
  CameraFrame frame;
  frame.bytes.assign(1000, 0x42);
  return frame;
}

}  // namespace

TEST_CASE("face pipeline: the detector runs once, then the region follows the face") {
  Camera camera;
  const Seen first = camera.Show(Astronaut());
  REQUIRE(first.observation.kind == FaceKind::kFace);
  CHECK(first.timings.detectorRan);
  CHECK(first.observation.presence > 0.95);
  for (int i = 0; i < 5; ++i) {
    const Seen seen = camera.Show(Astronaut());
    CHECK(seen.observation.kind == FaceKind::kFace);
    CHECK_FALSE(seen.timings.detectorRan);
    CHECK(seen.observation.frame == static_cast<uint32_t>(i + 1));
    CHECK(seen.observation.t == 40.0 * (i + 1));
  }
}

TEST_CASE("face pipeline: no face in flat pictures, whose quality is the picture's own") {
  Camera camera;
  for (const int level : {0, 128, 255}) {
    const FaceObservation seen = camera.Show(Plain(static_cast<uint8_t>(level))).observation;
    CHECK(seen.kind == FaceKind::kNoFace);
    CHECK(seen.presence == 0);
    CHECK(seen.image.brightness == Approx(level / 255.0).epsilon(1e-4));
    // The detector's black bars above and below a 4:3 picture are no contrast of the picture.
    CHECK(seen.image.contrast < 1e-4);
    CHECK(seen.image.sharpness < 1e-3);
    CHECK(seen.image.saturatedShare == (level == 255 ? 1 : 0));
  }
}

TEST_CASE("face pipeline: a face that vanishes is lost at once and found at once") {
  Camera camera;
  CHECK(camera.Show(Astronaut()).observation.kind == FaceKind::kFace);
  const Seen lost = camera.Show(Plain(0));
  CHECK(lost.observation.kind == FaceKind::kNoFace);
  const Seen found = camera.Show(Astronaut());
  CHECK(found.observation.kind == FaceKind::kFace);
  CHECK(found.timings.detectorRan);
}

TEST_CASE("face pipeline: a damaged frame is named and does not end tracking") {
  Camera camera;
  camera.Show(Astronaut());
  CHECK(camera.Show(Damaged()).observation.kind == FaceKind::kDamagedImage);
  const Seen next = camera.Show(Astronaut());
  CHECK(next.observation.kind == FaceKind::kFace);
  CHECK_FALSE(next.timings.detectorRan);
}

TEST_CASE("face pipeline: a picture of another size is a new search, not a crash") {
  Camera camera;
  camera.Show(Astronaut());
  CameraFrame small = Plain(90);
  small.width = 16;
  small.height = 16;
  small.bytes.resize(256);
  CHECK(camera.Show(small).observation.kind == FaceKind::kNoFace);
  CHECK(camera.Show(Astronaut()).observation.kind == FaceKind::kFace);
}

TEST_CASE("face pipeline: mirrored swaps the sides and nothing else") {
  auto options = PipelineOptions();
  Camera straight(options);
  options.mirrored = true;
  Camera mirrored(options);
  for (int i = 0; i < 2; ++i) {
    const FaceObservation a = straight.Show(Astronaut()).observation;
    const FaceObservation b = mirrored.Show(Astronaut()).observation;
    CHECK(b.yawDeg == -a.yawDeg);
    CHECK(b.pitchDeg == a.pitchDeg);
    CHECK(b.rollDeg == -a.rollDeg);
    CHECK(b.gaze.azimuthDeg == -a.gaze.azimuthDeg);
    CHECK(b.gaze.elevationDeg == a.gaze.elevationDeg);
    CHECK(b.left.openness == a.right.openness);
    CHECK(b.right.openness == a.left.openness);
    CHECK(b.left.weight == a.right.weight);
    CHECK(b.boxX == a.boxX);
    CHECK(b.mouthOpening == a.mouthOpening);
  }
}

TEST_CASE("face pipeline: detecting every frame finds what tracking follows") {
  auto options = PipelineOptions();
  options.detectEveryFrame = true;
  Camera camera(options);
  for (int i = 0; i < 3; ++i) {
    const Seen seen = camera.Show(Astronaut());
    CHECK(seen.timings.detectorRan);
    CHECK(seen.observation.kind == FaceKind::kFace);
  }
}

TEST_CASE("face pipeline: a frame allocates what the inference itself does and no more") {
  Camera camera;
  CameraFrame frame = Astronaut();
  Seen seen;
  const auto show = [&] { camera.pipeline().Process(frame, seen.observation, seen.timings); };
  for (int i = 0; i < 5; ++i) show();
  const auto library = vigil::OnnxLibrary::Open(vigil::test::OnnxRuntimeLibrary());
  vigil::OnnxSession mesh(library, PipelineOptions().meshModel);
  vigil::OnnxSession detector(library, PipelineOptions().detectorModel);
  const auto counted = [](auto&& call) {
    const size_t before = vigil::test::AllocationCount();
    for (int i = 0; i < 10; ++i) call();
    return vigil::test::AllocationCount() - before;
  };
  CHECK(counted(show) == counted([&] { mesh.Run(); }));

  auto options = PipelineOptions();
  options.detectEveryFrame = true;
  FacePipeline detecting(options);
  const auto detect = [&] { detecting.Process(frame, seen.observation, seen.timings); };
  for (int i = 0; i < 5; ++i) detect();
  CHECK(counted(detect) == counted([&] {
          detector.Run();
          mesh.Run();
        }));
}

TEST_CASE("face pipeline: on a worker's thread, pushed and collected from others") {
  FacePipeline pipeline(PipelineOptions());
  std::atomic<int> woken{0};
  vigil::WorkerOptions options;
  options.queueLength = 2;
  options.policy = vigil::DropPolicy::kBlock;
  vigil::Worker<CameraFrame, Seen> worker(
      options,
      [&](CameraFrame& frame, Seen& seen) { pipeline.Process(frame, seen.observation, seen.timings); },
      [&] { woken.fetch_add(1); });
  constexpr uint32_t kFrames = 8;
  const CameraFrame face = Astronaut();
  std::thread source([&] {
    for (uint32_t i = 0; i < kFrames; ++i) {
      worker.Push([&](CameraFrame& frame) {
        frame = face;
        frame.number = i;
      });
    }
  });
  uint32_t next = 0;
  while (next < kFrames) {
    worker.Collect([&](Seen& seen) {
      CHECK(seen.observation.frame == next);
      CHECK(seen.observation.kind == FaceKind::kFace);
      ++next;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  source.join();
  CHECK(woken.load() > 0);
  CHECK(worker.Counters().completed == kFrames);
  CHECK(worker.Counters().dropped == 0);
}
