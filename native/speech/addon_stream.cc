#include <memory>
#include <vector>

#include "core/napi_arguments.h"
#include "core/napi_arrays.h"
#include "core/napi_error.h"
#include "core/onnx_library.h"
#include "speech/addon.h"
#include "speech/resampler.h"
#include "speech/voice_activity.h"

// Stages that take a stream of samples piece by piece; each call is short (well under a millisecond for a
// piece of 32 ms) and runs on the calling thread.
namespace vigil {

namespace {

/// new Resampler(inputRate, outputRate)
class ResamplerObject : public Napi::ObjectWrap<ResamplerObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(
        env, "Resampler",
        {InstanceMethod<&ResamplerObject::Push>("push"), InstanceMethod<&ResamplerObject::Finish>("finish")});
  }

  explicit ResamplerObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    Guard(info.Env(), [&]() -> Napi::Value {
      constexpr int64_t kMost = 1000000;
      resampler_ =
          std::make_unique<Resampler>(static_cast<int>(args::Integer(info[0], "inputRate", 1, kMost)),
                                      static_cast<int>(args::Integer(info[1], "outputRate", 1, kMost)));
      return {};
    });
  }

 private:
  Napi::Value Push(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      out_.clear();
      resampler_->Push(args::TypedArray<float>(info[0], "samples"), out_);
      return CopyToArray<float>(info.Env(), out_);
    });
  }

  Napi::Value Finish(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      out_.clear();
      resampler_->Finish(out_);
      return CopyToArray<float>(info.Env(), out_);
    });
  }

  std::unique_ptr<Resampler> resampler_;
  std::vector<float> out_;
};

/// new VoiceActivity(onnxLibrary, model)
class VoiceActivityObject : public Napi::ObjectWrap<VoiceActivityObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "VoiceActivity",
                       {InstanceMethod<&VoiceActivityObject::Push>("push"),
                        InstanceMethod<&VoiceActivityObject::Missing>("missing"),
                        InstanceMethod<&VoiceActivityObject::Reset>("reset")});
  }

  explicit VoiceActivityObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    Guard(info.Env(), [&]() -> Napi::Value {
      const std::string library = args::String(info[0], "onnxLibrary");
      activity_ = std::make_unique<VoiceActivity>(OnnxLibrary::Open(library), args::String(info[1], "model"));
      return {};
    });
  }

 private:
  Napi::Value Push(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      out_.clear();
      activity_->Push(args::TypedArray<float>(info[0], "samples"), out_);
      return CopyToArray<float>(info.Env(), out_);
    });
  }

  Napi::Value Missing(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<double>(activity_->missing()));
  }

  Napi::Value Reset(const Napi::CallbackInfo& info) {
    activity_->Reset();
    return info.Env().Undefined();
  }

  std::unique_ptr<VoiceActivity> activity_;
  std::vector<float> out_;
};

}  // namespace

Napi::Function DefineResampler(Napi::Env env) { return ResamplerObject::Define(env); }
Napi::Function DefineVoiceActivity(Napi::Env env) { return VoiceActivityObject::Define(env); }

}  // namespace vigil
