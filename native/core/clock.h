#pragma once

#include <time.h>

#include <chrono>

namespace vigil {

/// Milliseconds on the machine's monotonic clock. For diagnostics and deadlines only: what a stage computes
/// depends on the time stamps of its inputs, never on this.
inline double MonotonicMs() noexcept {
  using namespace std::chrono;
  return duration<double, std::milli>(steady_clock::now().time_since_epoch()).count();
}

/// Milliseconds for which the calling thread has had the processor. For diagnostics only.
inline double ThreadCpuMs() noexcept {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

}  // namespace vigil
