#include "core/histogram.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <thread>
#include <vector>

using vigil::Histogram;

namespace {

constexpr double kBucketWidth = 1.0 / 64;  // relative; what the header promises

/// A reported percentile is never below the true one and at most one bucket above it (plus rounding to 1 us).
void CheckPercentile(double reportedMs, double trueMs) {
  CHECK(reportedMs >= trueMs - 0.0005);
  CHECK(reportedMs <= trueMs * (1 + kBucketWidth) + 0.001);
}

double TruePercentile(const std::vector<double>& sorted, double share) {
  const auto rank = static_cast<size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::max<size_t>(rank, 1) - 1];
}

}  // namespace

TEST_CASE("histogram: empty reads as zero") {
  const auto snapshot = std::make_unique<Histogram>()->Read();
  CHECK(snapshot.count == 0);
  CHECK(snapshot.p50Ms == 0);
  CHECK(snapshot.p999Ms == 0);
  CHECK(snapshot.maxMs == 0);
  CHECK(snapshot.meanMs == 0);
}

TEST_CASE("histogram: below 64 us every microsecond has its own bucket") {
  Histogram histogram;
  for (int micros = 1; micros <= 50; ++micros) histogram.Record(micros / 1000.0);
  const auto snapshot = histogram.Read();
  CHECK(snapshot.count == 50);
  CHECK(snapshot.p50Ms == doctest::Approx(0.025));
  CHECK(snapshot.p90Ms == doctest::Approx(0.045));
  CHECK(snapshot.p99Ms == doctest::Approx(0.050));
  CHECK(snapshot.maxMs == doctest::Approx(0.050));
  CHECK(snapshot.meanMs == doctest::Approx(0.0255));
}

TEST_CASE("histogram: percentiles of 1 to 1000 ms") {
  Histogram histogram;
  for (int i = 1000; i >= 1; --i) histogram.Record(i);
  const auto snapshot = histogram.Read();
  CHECK(snapshot.count == 1000);
  CheckPercentile(snapshot.p50Ms, 500);
  CheckPercentile(snapshot.p90Ms, 900);
  CheckPercentile(snapshot.p99Ms, 990);
  CheckPercentile(snapshot.p999Ms, 999);
  CHECK(snapshot.maxMs == 1000);
  CHECK(snapshot.meanMs == doctest::Approx(500.5));
}

TEST_CASE("histogram: random latencies over six decades stay within one bucket") {
  for (const uint32_t seed : {1U, 2U, 3U, 4U}) {
    std::mt19937 random(seed);
    std::lognormal_distribution<double> latency(1.0, 3.0);
    auto histogram = std::make_unique<Histogram>();
    std::vector<double> values(5000);
    for (double& value : values) {
      value = latency(random);
      histogram->Record(value);
    }
    std::sort(values.begin(), values.end());
    const auto snapshot = histogram->Read();
    CheckPercentile(snapshot.p50Ms, TruePercentile(values, 0.5));
    CheckPercentile(snapshot.p90Ms, TruePercentile(values, 0.9));
    CheckPercentile(snapshot.p99Ms, TruePercentile(values, 0.99));
    CheckPercentile(snapshot.p999Ms, TruePercentile(values, 0.999));
    CHECK(std::abs(snapshot.maxMs - values.back()) <= 0.0005 + values.back() * 1e-12);
    CHECK(snapshot.p999Ms <= snapshot.maxMs);
  }
}

TEST_CASE("histogram: a single value is its own every percentile") {
  Histogram histogram;
  histogram.Record(17.3);
  const auto snapshot = histogram.Read();
  CHECK(snapshot.p50Ms == doctest::Approx(17.3));
  CHECK(snapshot.p999Ms == doctest::Approx(17.3));
  CHECK(snapshot.maxMs == doctest::Approx(17.3));
}

TEST_CASE("histogram: negative and NaN count as zero") {
  Histogram histogram;
  histogram.Record(-1);
  histogram.Record(std::numeric_limits<double>::quiet_NaN());
  histogram.Record(-std::numeric_limits<double>::infinity());
  const auto snapshot = histogram.Read();
  CHECK(snapshot.count == 3);
  CHECK(snapshot.maxMs == 0);
}

TEST_CASE("histogram: saturates at 19 hours instead of overflowing") {
  Histogram histogram;
  histogram.Record(1e18);
  histogram.Record(std::numeric_limits<double>::infinity());
  const auto snapshot = histogram.Read();
  const double topMs = (std::pow(2.0, 36) - 1) / 1000;
  CHECK(snapshot.count == 2);
  CHECK(snapshot.maxMs == doctest::Approx(topMs));
  CHECK(snapshot.p50Ms == doctest::Approx(topMs));
}

TEST_CASE("histogram: several recorders and a reader need no lock") {
  constexpr int kThreads = 4;
  constexpr int kRecords = 20000;
  auto histogram = std::make_unique<Histogram>();
  std::vector<std::thread> recorders;
  for (int t = 0; t < kThreads; ++t) {
    recorders.emplace_back([&, t] {
      for (int i = 0; i < kRecords; ++i) histogram->Record(t + 1);
    });
  }
  uint64_t seen = 0;
  while (seen < uint64_t{kThreads} * kRecords) {
    const auto snapshot = histogram->Read();
    REQUIRE(snapshot.count >= seen);
    seen = snapshot.count;
    if (seen > 0) CHECK(snapshot.p50Ms <= snapshot.p999Ms);
  }
  for (std::thread& recorder : recorders) recorder.join();
  CHECK(histogram->Read().maxMs == kThreads);
  CHECK(histogram->Read().meanMs == doctest::Approx(2.5));
}
