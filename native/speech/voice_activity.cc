#include "speech/voice_activity.h"

#include <algorithm>

namespace vigil {

void VoiceFrames::Push(std::span<const float> samples,
                       const std::function<void(std::span<const float, kFrame>)>& take) {
  while (!samples.empty()) {
    const size_t taken = std::min(missing(), samples.size());
    std::copy_n(samples.begin(), taken, frame_.begin() + static_cast<ptrdiff_t>(filled_));
    filled_ += taken;
    samples = samples.subspan(taken);
    if (filled_ < kFrame) return;
    take(frame_);
    std::copy(frame_.end() - kContext, frame_.end(), frame_.begin());
    filled_ = kContext;
  }
}

void VoiceFrames::Reset() {
  frame_.fill(0);
  filled_ = kContext;
}

VoiceActivity::VoiceActivity(const std::shared_ptr<OnnxLibrary>& library, const std::string& model)
    : session_(library, model) {}

void VoiceActivity::Push(std::span<const float> samples, std::vector<float>& probabilities) {
  frames_.Push(samples, [&](auto frame) { probabilities.push_back(Run(frame)); });
}

void VoiceActivity::Reset() {
  frames_.Reset();
  state_.fill(0);
}

float VoiceActivity::Run(std::span<const float, VoiceFrames::kFrame> frame) {
  std::copy(frame.begin(), frame.end(), input_.begin());
  TensorView rate;
  rate.name = "sr";
  rate.type = onnx::ElementType::kInt64;
  rate.data = &rate_;
  rate.bytes = sizeof rate_;
  const std::array inputs{FloatTensor("input", input_, {1, VoiceFrames::kFrame}),
                          FloatTensor("state", state_, {2, 1, 128}), rate};
  const std::array outputs{FloatTensor("output", probability_, {1, 1}),
                           FloatTensor("stateN", nextState_, {2, 1, 128})};
  session_.Run(inputs, outputs);
  state_ = nextState_;
  return probability_[0];
}

}  // namespace vigil
