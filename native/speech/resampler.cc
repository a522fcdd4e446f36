#include "speech/resampler.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "core/error.h"

namespace vigil {

namespace {

/// Zero crossings of the sinc on either side; with this window the stop band begins at the lower rate's half.
constexpr double kCrossings = 52;
constexpr double kPassShare = 0.95;  // of the lower rate's half: middle of the transition
constexpr double kKaiserBeta = 8.6;  // side lobes 85 dB down (Kaiser 1974)

/// Modified Bessel function of the first kind, order 0, by its series.
double Bessel0(double x) {
  double term = 1, sum = 1;
  for (int k = 1; term > 1e-12 * sum; ++k) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

}  // namespace

Resampler::Resampler(int inputRate, int outputRate) {
  for (const int rate : {inputRate, outputRate}) {
    if (rate < 8000 || rate > 192000) {
      throw Error("INVALID_ARGUMENT",
                  "Expected a sample rate from 8000 to 192000 Hz but received " + std::to_string(rate) + ".");
    }
  }
  const int divisor = std::gcd(inputRate, outputRate);
  up_ = outputRate / divisor;
  down_ = inputRate / divisor;
  // Time runs in input samples. Cut-off in cycles per input sample:
  const double cutoff = 0.5 * kPassShare * std::min(1.0, static_cast<double>(up_) / down_);
  const int half = static_cast<int>(std::ceil(kCrossings / (2 * cutoff)));
  taps_ = 2 * half;
  filter_.resize(static_cast<size_t>(up_) * static_cast<size_t>(taps_));
  for (int phase = 0; phase < up_; ++phase) {
    float* row = filter_.data() + static_cast<size_t>(phase) * static_cast<size_t>(taps_);
    const double at = static_cast<double>(phase) / up_;  // past the input sample at tap half - 1
    std::vector<double> values(static_cast<size_t>(taps_));
    double sum = 0;
    for (int tap = 0; tap < taps_; ++tap) {
      const double distance = at - (tap - (half - 1));
      const double x = 2 * std::numbers::pi * cutoff * distance;
      const double sinc = distance == 0 ? 1 : std::sin(x) / x;
      const double edge = distance / half;
      const double window =
          std::abs(edge) >= 1 ? 0 : Bessel0(kKaiserBeta * std::sqrt(1 - edge * edge)) / Bessel0(kKaiserBeta);
      sum += values[static_cast<size_t>(tap)] = sinc * window;
    }
    // Every phase passes a constant unchanged.
    for (int tap = 0; tap < taps_; ++tap)
      row[tap] = static_cast<float>(values[static_cast<size_t>(tap)] / sum);
  }
  first_ = -(half - 1);
  history_.assign(static_cast<size_t>(half - 1), 0);
}

void Resampler::Push(std::span<const float> samples, std::vector<float>& out) {
  history_.insert(history_.end(), samples.begin(), samples.end());
  received_ += static_cast<int64_t>(samples.size());
  Drain(out, received_);
}

void Resampler::Finish(std::vector<float>& out) {
  const auto total = (received_ * up_ + down_ - 1) / down_;  // samples at times before the end
  history_.insert(history_.end(), static_cast<size_t>(taps_), 0);
  const size_t before = out.size();
  const int64_t missing = total - produced_;
  Drain(out, received_ + taps_);
  out.resize(before + static_cast<size_t>(std::max<int64_t>(0, missing)));
  const int half = taps_ / 2;
  first_ = -(half - 1);
  history_.assign(static_cast<size_t>(half - 1), 0);
  received_ = produced_ = 0;
}

/// All output whose filter ends before input sample `until`.
void Resampler::Drain(std::vector<float>& out, int64_t until) {
  const int half = taps_ / 2;
  for (;; ++produced_) {
    const int64_t position = produced_ * down_;
    const int64_t at = position / up_;  // the input sample at or before the output's time
    const int64_t begin = at - (half - 1);
    if (begin + taps_ > until) break;
    const float* row = filter_.data() + static_cast<size_t>(position % up_) * static_cast<size_t>(taps_);
    const float* in = history_.data() + (begin - first_);
    float sum = 0;
    for (int tap = 0; tap < taps_; ++tap) sum += row[tap] * in[tap];
    out.push_back(sum);
  }
  // What no later output needs.
  const int64_t keep = produced_ * down_ / up_ - (half - 1);
  if (keep > first_) {
    const auto gone = std::min<int64_t>(keep - first_, static_cast<int64_t>(history_.size()));
    history_.erase(history_.begin(), history_.begin() + gone);
    first_ += gone;
  }
}

}  // namespace vigil
