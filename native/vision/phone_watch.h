#pragma once

#include <pthread.h>

#include <atomic>
#include <memory>
#include <optional>
#include <semaphore>
#include <string>
#include <thread>

#include "core/histogram.h"
#include "vision/face_pipeline.h"
#include "vision/object_detector.h"

namespace vigil {

struct PhoneWatchOptions {
  std::string onnxLibrary;
  std::string model;
  double intervalMs = 1000;  ///< on the drive's clock, between two pictures that are looked at
  bool lockStep = false;     ///< look on the caller's thread, at once: the same input gives the same output
  bool idle = true;          ///< SCHED_IDLE; false for tests that must end on a busy machine
};

/// What the surest phone in one picture looks like; whether it is one is for the reader of the score to say.
struct PhoneSighting {
  double t = 0;  ///< of the frame
  uint32_t frame = 0;
  bool failed = false;  ///< the network failed; nothing below is set
  double score = 0;     ///< 0 where there is no box
  double boxX = 0, boxY = 0, boxWidth = 0, boxHeight = 0;
  bool face = false;  ///< the driver's face was seen in the same frame, here:
  double faceX = 0, faceY = 0, faceWidth = 0, faceHeight = 0;
};

/// Looks for a phone in about one picture a second, on a thread of its own that runs only when nobody else
/// wants the processor (SCHED_IDLE), so that the frames of the face pipeline come as if it were not there.
///
/// The vision thread calls Step after every frame and never waits in it: pictures are handed over by swapping
/// buffers and results are fetched, both through one atomic; a lock could be held by the idle thread while
/// that gets no processor. While the network works no picture is taken; a picture that waits gives way to a
/// newer one.
///
/// The idle class yields to every thread of the same scheduling group. Where groups share the processors
/// (systemd services with weights, autogroup), a look still spends the share of the service, which the vision
/// thread needs. So while that thread has to wait for the processor no picture is taken at all.
class PhoneWatch {
 public:
  /// Loads the model. @throws Error MODEL_MISSING, MODEL_INVALID, MODEL_SHAPE
  explicit PhoneWatch(PhoneWatchOptions options);
  ~PhoneWatch();
  PhoneWatch(const PhoneWatch&) = delete;
  PhoneWatch& operator=(const PhoneWatch&) = delete;

  /// On the vision thread, with the frame's picture, whose buffer may be exchanged for another one; what it
  /// then holds is undefined. `waitedMs`: how long the frame waited for the processor while it was worked on;
  /// without meaning in lock-step. Returns a sighting that was finished since the last call: of an earlier
  /// frame, or in lock-step of this one.
  std::optional<PhoneSighting> Step(RgbImage& picture, const FaceObservation& observation,
                                    double waitedMs = 0);

  /// Ends the thread after the picture in hand; what it found is lost. Idempotent; not while another thread
  /// is in Step.
  void Stop();

  struct Counters {
    uint64_t looked = 0;   ///< pictures that were looked at
    uint64_t skipped = 0;  ///< frames at which a picture was due and the network still worked
    uint64_t yielded = 0;  ///< frames at which a picture was due and the vision thread lacked the processor
    uint64_t failed = 0;   ///< pictures for which it failed
  };
  /// From any thread.
  Counters Read() const;
  /// Time that the network took on its thread, of the processor's and by the clock. From any thread.
  Histogram::Snapshot Cpu() const { return cpu_.Read(); }
  Histogram::Snapshot Wall() const { return wall_.Read(); }

 private:
  enum class State { kFree, kFilling, kWaiting, kWorking, kDone };

  bool Due(double t) const;
  bool Reserve();
  void Fill(RgbImage& picture, const FaceObservation& observation);
  void Look();
  void Loop();

  const PhoneWatchOptions options_;
  ObjectDetector detector_;
  double waitingMs_ = 0;          ///< a frame's wait for the processor, mean of the last second or so
  std::optional<double> lastMs_;  ///< drive time of the picture handed over last; the vision thread's
  RgbImage picture_;              ///< owned by whoever `state_` says
  PhoneSighting sighting_;        ///< likewise
  std::atomic<State> state_{State::kFree};
  std::counting_semaphore<> work_{0};
  std::atomic<bool> stopping_{false};
  std::atomic<uint64_t> looked_{0}, skipped_{0}, yielded_{0}, failed_{0};
  Histogram cpu_, wall_;
  std::thread thread_;  // last: uses everything above
};

}  // namespace vigil
