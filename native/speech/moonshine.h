#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "speech/beam.h"
#include "speech/dynamic_session.h"
#include "speech/vocabulary.h"

namespace vigil {

struct MoonshineFiles {
  std::string encoder;
  std::string decoder;  ///< as models/convert/moonshine.ts makes it: embeddings in, hidden state out
  std::string vocabulary;
};

/// Sizes of the published models.
struct MoonshineSize {
  size_t layers;
  size_t heads;
  size_t headWidth;

  static MoonshineSize Tiny() { return {6, 8, 36}; }
  static MoonshineSize Base() { return {8, 8, 52}; }
  size_t width() const { return heads * headWidth; }
};

/// The Moonshine speech recognition network: Encode once for an utterance, then First and Next for its
/// tokens. Belongs to one thread at a time.
class Moonshine : public StepModel {
 public:
  static constexpr int kSampleRate = 16000;
  static constexpr size_t kFewestSamples = 1600;            ///< 0.1 s; the convolutions need 1343
  static constexpr size_t kMostSamples = 30 * kSampleRate;  ///< attention grows with the square
  static constexpr size_t kMostRows = 16;

  /// @throws Error MODEL_MISSING, MODEL_INVALID
  Moonshine(const std::shared_ptr<OnnxLibrary>& library, const MoonshineFiles& files, MoonshineSize size);

  /// Number of vectors that the encoder makes of so many samples: three convolutions without padding.
  static size_t EncodedLength(size_t samples);

  /// Mono samples at 16 kHz, -1 to 1. @throws Error INVALID_ARGUMENT for too few or too many,
  /// INFERENCE_FAILED
  void Encode(std::span<const float> samples);

  size_t vocabulary() const override { return vocabulary_.size(); }
  int32_t endToken() const override { return 2; }
  void First(std::span<float> logits) override;
  void Next(std::span<const int32_t> tokens, std::span<const int32_t> parents,
            std::span<float> logits) override;

 private:
  static constexpr int32_t kBegin = 1;

  /// One layer's keys or values: of what was said (rows x heads x length x headWidth), two of them as each
  /// step reads one and writes the other, and of what was heard (heads x encoded x headWidth), written by the
  /// first step only.
  struct Memory {
    std::string pastDecoder, pastEncoder, presentDecoder, presentEncoder;
    std::vector<float> said, saidNext, heard;
  };

  MoonshineSize size_;
  DynamicSession encoder_;
  DynamicSession decoder_;
  Vocabulary vocabulary_;
  std::vector<Memory> memory_;  // keys, then values, of each layer
  std::vector<float> samples_, encoded_, embeddings_, hidden_, unused_;
  std::vector<TensorView> inputs_, outputs_;
  size_t encodedLength_ = 0;
  size_t saidLength_ = 0;
  size_t rows_ = 0;
  uint8_t useCache_ = 0;
};

}  // namespace vigil
