#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace vigil {

/// Fixed-memory latency histogram: log-linear buckets of 1/64 octave, so a percentile is at most 1.6 % above
/// the true value. One thread (or several) records, any thread reads at any time without locking; a snapshot
/// taken while recording may miss the newest values, never tear one.
class Histogram {
 public:
  struct Snapshot {
    uint64_t count = 0;
    double p50Ms = 0, p90Ms = 0, p99Ms = 0, p999Ms = 0, maxMs = 0, meanMs = 0;
  };

  /// `milliseconds` below 0 and NaN count as 0; above 2^36 microseconds (19 hours) saturates.
  void Record(double milliseconds) noexcept {
    const uint64_t micros = ToMicros(milliseconds);
    counts_[BucketOf(micros)].fetch_add(1, std::memory_order_relaxed);
    totalMicros_.fetch_add(micros, std::memory_order_relaxed);
    uint64_t seen = maxMicros_.load(std::memory_order_relaxed);
    while (micros > seen && !maxMicros_.compare_exchange_weak(seen, micros, std::memory_order_relaxed)) {
    }
  }

  Snapshot Read() const noexcept {
    std::array<uint64_t, kBuckets> counts;
    Snapshot snapshot;
    for (size_t i = 0; i < kBuckets; ++i) {
      counts[i] = counts_[i].load(std::memory_order_relaxed);
      snapshot.count += counts[i];
    }
    if (snapshot.count == 0) return snapshot;
    snapshot.maxMs = static_cast<double>(maxMicros_.load(std::memory_order_relaxed)) / 1000.0;
    snapshot.meanMs = static_cast<double>(totalMicros_.load(std::memory_order_relaxed)) / 1000.0 /
                      static_cast<double>(snapshot.count);
    snapshot.p50Ms = Percentile(counts, snapshot, 0.50);
    snapshot.p90Ms = Percentile(counts, snapshot, 0.90);
    snapshot.p99Ms = Percentile(counts, snapshot, 0.99);
    snapshot.p999Ms = Percentile(counts, snapshot, 0.999);
    return snapshot;
  }

 private:
  static constexpr unsigned kSubBits = 6;
  static constexpr unsigned kMaxBits = 36;
  static constexpr size_t kBuckets = (kMaxBits - kSubBits + 1) << kSubBits;

  static uint64_t ToMicros(double milliseconds) noexcept {
    if (!(milliseconds > 0)) return 0;
    const double micros = milliseconds * 1000.0 + 0.5;
    constexpr double kTop = static_cast<double>((uint64_t{1} << kMaxBits) - 1);
    return micros >= kTop ? (uint64_t{1} << kMaxBits) - 1 : static_cast<uint64_t>(micros);
  }

  // Values below 64 have a bucket each; above, the top 7 bits name the bucket.
  static size_t BucketOf(uint64_t micros) noexcept {
    const unsigned width = static_cast<unsigned>(std::bit_width(micros));
    if (width <= kSubBits) return static_cast<size_t>(micros);
    const unsigned shift = width - kSubBits - 1;
    return ((static_cast<size_t>(shift) + 1) << kSubBits) +
           static_cast<size_t>((micros >> shift) & ((1U << kSubBits) - 1));
  }

  // The largest value that falls into the bucket: a percentile never flatters.
  static double UpperMs(size_t bucket) noexcept {
    if (bucket < (size_t{1} << kSubBits)) return static_cast<double>(bucket) / 1000.0;
    const size_t shift = (bucket >> kSubBits) - 1;
    const uint64_t mantissa = (bucket & ((1U << kSubBits) - 1)) + (uint64_t{1} << kSubBits);
    return static_cast<double>(((mantissa + 1) << shift) - 1) / 1000.0;
  }

  static double Percentile(const std::array<uint64_t, kBuckets>& counts, const Snapshot& snapshot,
                           double share) noexcept {
    const double rank = share * static_cast<double>(snapshot.count);
    uint64_t below = 0;
    for (size_t i = 0; i < kBuckets; ++i) {
      below += counts[i];
      if (static_cast<double>(below) >= rank && counts[i] > 0) {
        const double upper = UpperMs(i);
        return upper < snapshot.maxMs ? upper : snapshot.maxMs;
      }
    }
    return snapshot.maxMs;
  }

  std::array<std::atomic<uint64_t>, kBuckets> counts_{};
  std::atomic<uint64_t> totalMicros_{0};
  std::atomic<uint64_t> maxMicros_{0};
};

}  // namespace vigil
