#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <vector>

#include "core/error.h"
#include "speech/resampler.h"

using doctest::Approx;
using vigil::Resampler;

namespace {

std::vector<float> Tone(double hertz, int rate, double seconds) {
  std::vector<float> samples(static_cast<size_t>(seconds * rate));
  for (size_t i = 0; i < samples.size(); ++i)
    samples[i] = static_cast<float>(std::sin(2 * std::numbers::pi * hertz * static_cast<double>(i) / rate));
  return samples;
}

std::vector<float> Resampled(const std::vector<float>& in, int from, int to) {
  Resampler resampler(from, to);
  std::vector<float> out;
  resampler.Push(in, out);
  resampler.Finish(out);
  return out;
}

/// Largest difference from the tone itself, away from the ends.
double Error(const std::vector<float>& out, double hertz, int rate) {
  const auto wanted = Tone(hertz, rate, static_cast<double>(out.size()) / rate);
  double most = 0;
  for (size_t i = 400; i + 400 < out.size(); ++i)
    most = std::max(most, std::abs(static_cast<double>(out[i]) - static_cast<double>(wanted[i])));
  return most;
}

}  // namespace

TEST_CASE("resampler: a tone keeps its height, its phase and its length") {
  for (const int rate : {8000, 22050, 32000, 44100, 48000}) {
    for (const double hertz : {100.0, 1000.0, 3400.0}) {
      CAPTURE(rate);
      CAPTURE(hertz);
      const auto out = Resampled(Tone(hertz, rate, 0.5), rate, 16000);
      CHECK(out.size() == 8000);
      CHECK(Error(out, hertz, 16000) < 2e-3);
    }
  }
}

TEST_CASE("resampler: what the lower rate cannot hold is 80 dB down") {
  for (const double hertz : {8000.0, 9000.0, 12000.0, 20000.0}) {
    CAPTURE(hertz);
    const auto out = Resampled(Tone(hertz, 48000, 0.5), 48000, 16000);
    float peak = 0;
    for (size_t i = 400; i + 400 < out.size(); ++i) peak = std::max(peak, std::abs(out[i]));
    CHECK(peak < 2e-4);
  }
}

TEST_CASE("resampler: a constant stays, an equal rate changes nothing but the ends of the band") {
  const std::vector<float> constant(4410, 0.5F);
  const auto out = Resampled(constant, 44100, 16000);
  for (size_t i = 200; i + 200 < out.size(); ++i) CHECK(out[i] == Approx(0.5).epsilon(1e-5));
  CHECK(Error(Resampled(Tone(3000, 16000, 0.3), 16000, 16000), 3000, 16000) < 2e-3);
}

TEST_CASE("resampler: however the stream is cut, the same bits") {
  std::mt19937 random(11);
  std::uniform_real_distribution<float> value(-1, 1);
  std::vector<float> in(5000);
  for (float& sample : in) sample = value(random);
  const auto whole = Resampled(in, 44100, 16000);
  for (int round = 0; round < 20; ++round) {
    Resampler resampler(44100, 16000);
    std::vector<float> out;
    for (size_t at = 0; at < in.size();) {
      const size_t count = std::min(in.size() - at, static_cast<size_t>(random() % 700));
      resampler.Push({in.data() + at, count}, out);
      at += count;
    }
    resampler.Finish(out);
    CHECK(out == whole);
    // And it starts anew.
    out.clear();
    resampler.Push(in, out);
    resampler.Finish(out);
    CHECK(out == whole);
  }
}

TEST_CASE("resampler: an empty stream, one sample, a wrong rate") {
  CHECK(Resampled({}, 48000, 16000).empty());
  CHECK(Resampled({1.0F}, 48000, 16000).size() == 1);
  CHECK(Resampled({1.0F}, 8000, 16000).size() == 2);
  CHECK_THROWS_AS(Resampler(4000, 16000), vigil::Error);
  CHECK_THROWS_AS(Resampler(16000, 400000), vigil::Error);
}
