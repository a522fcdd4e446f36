#include "core/heartbeat.h"

#include <chrono>
#include <limits>
#include <utility>

#include "core/clock.h"

namespace vigil {

Heartbeat::Heartbeat(HeartbeatOptions options, std::function<void(uint64_t)> beat)
    : options_(options),
      beat_(std::move(beat)),
      aliveMs_(std::numeric_limits<double>::quiet_NaN()),
      thread_([this] { Run(); }) {}

Heartbeat::~Heartbeat() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_one();
  thread_.join();
}

void Heartbeat::Alive() noexcept { aliveMs_.store(MonotonicMs(), std::memory_order_relaxed); }

Heartbeat::Counters Heartbeat::Read() const noexcept {
  return {beats_.load(std::memory_order_relaxed), missed_.load(std::memory_order_relaxed),
          stalls_.load(std::memory_order_relaxed), MonotonicMs() - aliveMs_.load(std::memory_order_relaxed)};
}

void Heartbeat::Run() {
  using Clock = std::chrono::steady_clock;
  const auto period = std::chrono::duration_cast<Clock::duration>(
      std::chrono::duration<double, std::milli>(options_.periodMs));
  auto deadline = Clock::now() + period;
  bool beating = false;
  std::unique_lock lock(mutex_);
  while (!stop_.wait_until(lock, deadline, [this] { return stopping_; })) {
    // Deadlines are absolute; those that a suspended machine slept through are not made up for.
    const auto now = Clock::now();
    while (deadline <= now) deadline += period;
    const double age = MonotonicMs() - aliveMs_.load(std::memory_order_relaxed);
    if (age <= options_.limitMs) {  // false before the first sign of life: NaN
      beating = true;
      beat_(beats_.fetch_add(1, std::memory_order_relaxed) + 1);
      continue;
    }
    if (beating) stalls_.fetch_add(1, std::memory_order_relaxed);
    beating = false;
    missed_.fetch_add(1, std::memory_order_relaxed);
  }
}

}  // namespace vigil
