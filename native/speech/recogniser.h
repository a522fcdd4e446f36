#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "speech/beam.h"
#include "speech/moonshine.h"

namespace vigil {

/// Where the time went, milliseconds.
struct RecognitionTimings {
  double encodeCpuMs = 0;
  double decodeCpuMs = 0;
  double wallMs = 0;
};

struct Recognition {
  BeamResult beam;
  RecognitionTimings timings;
};

/// An utterance, a grammar (or none, for the free sentence alone), and how hard to look.
struct RecognitionRequest {
  std::vector<float> samples;  ///< mono, 16 kHz
  std::shared_ptr<TokenGrammar> grammar;
  size_t beam = 6;
  float tokenBonus = 0;  ///< as in BeamOptions
  bool withFree = true;
  std::vector<int32_t> marks;  ///< as in BeamOptions
  std::vector<int32_t> known;  ///< as in BeamOptions
  std::shared_ptr<std::atomic<bool>> isCancelled;
};

/// Moonshine with the beam. Loads the network with the first request. Belongs to one thread.
class Recogniser {
 public:
  Recogniser(std::string onnxLibrary, MoonshineFiles files, MoonshineSize size);

  /// @throws Error ONNX_LIBRARY_MISSING, MODEL_MISSING, MODEL_INVALID
  void Load();

  /// Gives up between two calls of the network when it is cancelled. @throws Error as Load, and
  /// INVALID_ARGUMENT, INFERENCE_FAILED, SPEECH_CANCELLED
  Recognition Recognise(const RecognitionRequest& request);

 private:
  std::string onnxLibrary_;
  MoonshineFiles files_;
  MoonshineSize size_;
  std::unique_ptr<Moonshine> network_;
};

}  // namespace vigil
