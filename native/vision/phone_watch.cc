#include "vision/phone_watch.h"

#include <sched.h>

#include <algorithm>
#include <utility>

#include "core/clock.h"

namespace vigil {

namespace {

/// Mean wait of a frame from which on the processors count as full. An undisturbed frame waits for some
/// hundredths of a millisecond.
constexpr double kFullMs = 1;
/// Share of the newest frame in that mean: 30 frames are a second.
constexpr double kNewest = 1.0 / 30;

void SetPolicy(std::thread& thread, int policy) {
  const sched_param parameter{};
  pthread_setschedparam(thread.native_handle(), policy, &parameter);  // best effort: idle needs no privilege
}

}  // namespace

PhoneWatch::PhoneWatch(PhoneWatchOptions options)
    : options_(std::move(options)), detector_(OnnxLibrary::Open(options_.onnxLibrary), options_.model) {
  if (options_.lockStep) return;
  thread_ = std::thread([this] { Loop(); });
  pthread_setname_np(thread_.native_handle(), "vigil-phone");
  if (options_.idle) SetPolicy(thread_, SCHED_IDLE);
}

PhoneWatch::~PhoneWatch() { Stop(); }

void PhoneWatch::Stop() {
  if (!thread_.joinable()) return;
  stopping_.store(true);
  // On a busy machine an idle thread could take long to come to its end.
  if (options_.idle) SetPolicy(thread_, SCHED_OTHER);
  work_.release();
  thread_.join();
}

std::optional<PhoneSighting> PhoneWatch::Step(RgbImage& picture, const FaceObservation& observation,
                                              double waitedMs) {
  std::optional<PhoneSighting> finished;
  if (state_.load(std::memory_order_acquire) == State::kDone) {
    finished = sighting_;
    state_.store(State::kFree, std::memory_order_release);
  }
  waitingMs_ += kNewest * (std::max(0.0, waitedMs) - waitingMs_);
  const bool readable = observation.kind == FaceKind::kFace || observation.kind == FaceKind::kNoFace;
  if (!readable || !Due(observation.t)) return finished;
  if (options_.lockStep) {
    Fill(picture, observation);
    Look();
    return sighting_;
  }
  if (waitingMs_ > kFullMs) {
    yielded_.fetch_add(1, std::memory_order_relaxed);
    return finished;
  }
  const bool replaces = state_.load(std::memory_order_acquire) == State::kWaiting;
  if (!Reserve()) {
    skipped_.fetch_add(1, std::memory_order_relaxed);
    return finished;
  }
  Fill(picture, observation);
  state_.store(State::kWaiting, std::memory_order_release);
  if (!replaces) work_.release();
  return finished;
}

/// A clock that went back (another drive, a seek) makes a picture due.
bool PhoneWatch::Due(double t) const {
  return !lastMs_ || t - *lastMs_ >= options_.intervalMs || t < *lastMs_;
}

/// Takes the slot when it is free or holds a picture nobody has begun to look at.
bool PhoneWatch::Reserve() {
  State expected = State::kFree;
  if (state_.compare_exchange_strong(expected, State::kFilling)) return true;
  expected = State::kWaiting;
  return state_.compare_exchange_strong(expected, State::kFilling);
}

void PhoneWatch::Fill(RgbImage& picture, const FaceObservation& observation) {
  lastMs_ = observation.t;
  std::swap(picture, picture_);
  sighting_ = {};
  sighting_.t = observation.t;
  sighting_.frame = observation.frame;
  sighting_.face = observation.kind == FaceKind::kFace;
  if (!sighting_.face) return;
  sighting_.faceX = observation.boxX;
  sighting_.faceY = observation.boxY;
  sighting_.faceWidth = observation.boxWidth;
  sighting_.faceHeight = observation.boxHeight;
}

void PhoneWatch::Look() {
  const double cpuMs = ThreadCpuMs();
  const double wallMs = MonotonicMs();
  try {
    if (const auto phone = detector_.Surest(picture_, ObjectDetector::kPhone)) {
      sighting_.score = phone->score;
      sighting_.boxX = phone->left;
      sighting_.boxY = phone->top;
      sighting_.boxWidth = phone->right - phone->left;
      sighting_.boxHeight = phone->bottom - phone->top;
    }
  } catch (const std::exception&) {  // nothing may leave this thread; the sighting says so
    sighting_.failed = true;
    failed_.fetch_add(1, std::memory_order_relaxed);
  }
  looked_.fetch_add(1, std::memory_order_relaxed);
  cpu_.Record(ThreadCpuMs() - cpuMs);
  wall_.Record(MonotonicMs() - wallMs);
}

void PhoneWatch::Loop() {
  for (;;) {
    work_.acquire();
    if (stopping_.load()) return;
    // The vision thread may be exchanging the waiting picture for a newer one, which takes microseconds.
    for (State expected = State::kWaiting; !state_.compare_exchange_weak(expected, State::kWorking);
         expected = State::kWaiting) {
      if (stopping_.load()) return;
      std::this_thread::yield();
    }
    Look();
    state_.store(State::kDone, std::memory_order_release);
  }
}

PhoneWatch::Counters PhoneWatch::Read() const {
  return {looked_.load(std::memory_order_relaxed), skipped_.load(std::memory_order_relaxed),
          yielded_.load(std::memory_order_relaxed), failed_.load(std::memory_order_relaxed)};
}

}  // namespace vigil
