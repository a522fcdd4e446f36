#include "speech/recogniser.h"

#include <time.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/clock.h"
#include "core/error.h"

namespace vigil {

namespace {

/// Faster than people speak; a free sentence beyond it has run into a loop.
constexpr double kTokensPerSecond = 6.5;
constexpr double kFewestFreeTokens = 6;

/// Of this thread: what a step costs whoever else is computing.
double CpuMs() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

void GiveUpIf(bool cancelled) {
  if (cancelled) throw Error("SPEECH_CANCELLED", "The utterance was given up before it was recognised.");
}

}  // namespace

Recogniser::Recogniser(std::string onnxLibrary, MoonshineFiles files, MoonshineSize size)
    : onnxLibrary_(std::move(onnxLibrary)), files_(std::move(files)), size_(size) {}

void Recogniser::Load() {
  if (network_ == nullptr)
    network_ = std::make_unique<Moonshine>(OnnxLibrary::Open(onnxLibrary_), files_, size_);
}

Recognition Recogniser::Recognise(const RecognitionRequest& request) {
  Load();
  const std::atomic<bool>* isCancelled = request.isCancelled.get();
  const auto cancelled = [isCancelled] { return isCancelled != nullptr && *isCancelled; };
  GiveUpIf(cancelled());
  Recognition out;
  const double wall = MonotonicMs();
  const double begin = CpuMs();
  network_->Encode(request.samples);
  const double encoded = CpuMs();
  GiveUpIf(cancelled());
  BeamOptions options;
  options.beam = request.beam;
  options.tokenBonus = request.tokenBonus;
  options.marks = request.marks;
  options.known = request.known;
  options.isCancelled = isCancelled;
  if (request.withFree || request.grammar == nullptr) {
    const double seconds = static_cast<double>(request.samples.size()) / Moonshine::kSampleRate;
    options.freeTokens =
        static_cast<size_t>(std::max(kFewestFreeTokens, std::ceil(seconds * kTokensPerSecond)));
  }
  out.beam = Search(*network_, request.grammar.get(), options);
  GiveUpIf(out.beam.cancelled);
  out.timings = {encoded - begin, CpuMs() - encoded, MonotonicMs() - wall};
  return out;
}

}  // namespace vigil
