#include "vision/addon_eye_state.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "core/napi_arguments.h"
#include "core/napi_error.h"
#include "core/onnx_library.h"
#include "vision/eye_state.h"

namespace vigil {

namespace {

/// new EyeState(onnxLibrary, model): blocking calls on the JavaScript thread, for evaluation and tests. In
/// the pipeline the same code runs on the vision thread.
class EyeStateObject : public Napi::ObjectWrap<EyeStateObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "EyeState",
                       {InstanceMethod<&EyeStateObject::ClosedProbability>("closedProbability")});
  }

  explicit EyeStateObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    Guard(info.Env(), [&]() -> Napi::Value {
      const std::string library = args::String(info[0], "onnxLibrary");
      const std::string model = args::String(info[1], "model");
      state_ = std::make_unique<EyeState>(OnnxLibrary::Open(library), model);
      return {};
    });
  }

 private:
  /// closedProbability(luma, width, height): of the centred square as large as the longer side.
  Napi::Value ClosedProbability(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      const auto luma = args::TypedArray<uint8_t>(info[0], "luma");
      const auto width = static_cast<int>(args::Integer(info[1], "width", 1, kMaxImageSide));
      const auto height = static_cast<int>(args::Integer(info[2], "height", 1, kMaxImageSide));
      if (luma.size() != static_cast<size_t>(width) * static_cast<size_t>(height))
        throw args::Wrong("luma", "width x height bytes");
      image_.width = width;
      image_.height = height;
      image_.pixels.resize(luma.size() * 3);
      for (size_t i = 0; i < luma.size(); ++i) std::fill_n(&image_.pixels[3 * i], 3, luma[i]);
      const Region whole{width / 2.0, height / 2.0, static_cast<double>(std::max(width, height)), 0};
      return Napi::Number::New(info.Env(), state_->ClosedProbability(image_, whole));
    });
  }

  std::unique_ptr<EyeState> state_;
  RgbImage image_;
};

}  // namespace

Napi::Function DefineEyeState(Napi::Env env) { return EyeStateObject::Define(env); }

}  // namespace vigil
