#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace vigil {

/// Changes the sample rate of a stream by a ratio of small whole numbers: an interpolating low-pass filter
/// (windowed sinc, Kaiser window) of which only the needed phases are computed. Output sample k lies at time
/// k / outputRate of the input: the filter's delay is taken out. However a stream is cut into pieces, the
/// output is the same to the bit.
class Resampler {
 public:
  /// Rates in Hz, 8000 to 192000. Passes up to 0.9 of the lower rate's half with less than 0.1 % ripple; what
  /// lies above that half is 80 dB down. @throws Error INVALID_ARGUMENT
  Resampler(int inputRate, int outputRate);

  /// Takes samples and appends those of the output that they complete.
  void Push(std::span<const float> samples, std::vector<float>& out);

  /// Appends the rest, as if silence followed, and starts anew.
  void Finish(std::vector<float>& out);

 private:
  void Drain(std::vector<float>& out, int64_t until);

  int up_;                      // output rate / greatest common divisor
  int down_;                    // input rate / greatest common divisor
  int taps_;                    // per phase
  std::vector<float> filter_;   // up_ phases x taps_
  std::vector<float> history_;  // input from sample `first_` on
  int64_t first_;               // starts at a negative number: silence before the stream
  int64_t received_ = 0;
  int64_t produced_ = 0;
};

}  // namespace vigil
