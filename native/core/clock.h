#pragma once

#include <chrono>

namespace vigil {

/// Milliseconds on the machine's monotonic clock. For diagnostics and deadlines only: what a stage computes
/// depends on the time stamps of its inputs, never on this.
inline double MonotonicMs() noexcept {
  using namespace std::chrono;
  return duration<double, std::milli>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace vigil
