#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "speech/dynamic_session.h"

namespace vigil {

/// Cuts a stream of samples into what the voice activity network wants: 512 new samples after the last 64 of
/// the frame before. Without those 64 the network never fires.
class VoiceFrames {
 public:
  static constexpr size_t kNew = 512;  ///< 32 ms
  static constexpr size_t kContext = 64;
  static constexpr size_t kFrame = kContext + kNew;

  /// Calls `take` with each frame that `samples` complete; the first one's context is silence.
  void Push(std::span<const float> samples, const std::function<void(std::span<const float, kFrame>)>& take);

  /// Samples that the next frame waits for, 1 to 512.
  size_t missing() const { return kFrame - filled_; }

  void Reset();

 private:
  std::array<float, kFrame> frame_{};
  size_t filled_ = kContext;
};

/// How likely it is that speech is heard (Silero VAD v6). Belongs to one thread at a time.
class VoiceActivity {
 public:
  /// @throws Error MODEL_MISSING, MODEL_INVALID
  VoiceActivity(const std::shared_ptr<OnnxLibrary>& library, const std::string& model);

  /// Mono samples at 16 kHz, any number. Appends a probability, 0 to 1, for each frame of 512 that is
  /// complete: none while the first one is not. @throws Error INFERENCE_FAILED
  void Push(std::span<const float> samples, std::vector<float>& probabilities);

  size_t missing() const { return frames_.missing(); }

  /// Forgets what was heard.
  void Reset();

 private:
  static constexpr size_t kState = 2 * 128;

  float Run(std::span<const float, VoiceFrames::kFrame> frame);

  DynamicSession session_;
  VoiceFrames frames_;
  std::array<float, VoiceFrames::kFrame> input_{};
  std::array<float, kState> state_{}, nextState_{};
  std::array<float, 1> probability_{};
  int64_t rate_ = 16000;
};

}  // namespace vigil
