#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

namespace vigil {

struct HeartbeatOptions {
  /// Between two beats that go out.
  double periodMs = 50;
  /// No beat goes out when the last sign of life is older than this. With periodMs it bounds when the beats
  /// stop.
  double limitMs = 150;
};

/// Beats for as long as its owner shows signs of life. The thread is its own, so that it notices a JavaScript
/// loop that stalls; and it stops rather than say so, because silence is what a watchdog acts on.
class Heartbeat {
 public:
  /// `beat` runs on the heartbeat's thread with the number of the beat, from 1; it must not block.
  Heartbeat(HeartbeatOptions options, std::function<void(uint64_t)> beat);
  ~Heartbeat();
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

  /// A sign of life. Any thread.
  void Alive() noexcept;

  struct Counters {
    uint64_t beats = 0;
    /// Periods without a beat because there was no sign of life.
    uint64_t missed = 0;
    /// How often the beats stopped.
    uint64_t stalls = 0;
    /// Since the last sign of life; NaN before the first.
    double ageMs = 0;
  };
  Counters Read() const noexcept;

 private:
  void Run();

  const HeartbeatOptions options_;
  const std::function<void(uint64_t)> beat_;
  std::atomic<double> aliveMs_;
  std::atomic<uint64_t> beats_{0};
  std::atomic<uint64_t> missed_{0};
  std::atomic<uint64_t> stalls_{0};
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;  // last: starts when everything else is there
};

}  // namespace vigil
