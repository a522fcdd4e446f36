// core.node: what every other addon is built on, reachable from JavaScript: ONNX sessions (for model checks
// and tools), zstd (recordings), latency histograms and the heartbeat.
#include "core/addon.h"

#include <napi.h>

#include <cstring>
#include <memory>

#include "core/histogram.h"
#include "core/napi_arguments.h"
#include "core/napi_arrays.h"
#include "core/napi_error.h"
#include "core/napi_histogram.h"
#include "core/onnx_session.h"
#include "core/zstd_codec.h"

namespace vigil {
namespace {

Napi::Array Describe(Napi::Env env, const std::vector<OnnxTensor>& tensors) {
  Napi::Array array = Napi::Array::New(env, tensors.size());
  for (size_t i = 0; i < tensors.size(); ++i) {
    Napi::Object entry = Napi::Object::New(env);
    entry.Set("name", tensors[i].name);
    entry.Set("type", ElementName(tensors[i].type));
    Napi::Array shape = Napi::Array::New(env, tensors[i].shape.size());
    for (size_t k = 0; k < tensors[i].shape.size(); ++k) {
      shape.Set(static_cast<uint32_t>(k), static_cast<double>(tensors[i].shape[k]));
    }
    entry.Set("shape", shape);
    array.Set(static_cast<uint32_t>(i), entry);
  }
  return array;
}

/// new OnnxSession(libraryPath, modelPath, threads, warmUpRuns); blocks while it loads and while it runs.
class OnnxSessionObject : public Napi::ObjectWrap<OnnxSessionObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "OnnxSession",
                       {InstanceMethod<&OnnxSessionObject::Inputs>("inputs"),
                        InstanceMethod<&OnnxSessionObject::Outputs>("outputs"),
                        InstanceMethod<&OnnxSessionObject::RuntimeVersion>("runtimeVersion"),
                        InstanceMethod<&OnnxSessionObject::Run>("run")});
  }

  explicit OnnxSessionObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    Guard(info.Env(), [&]() -> Napi::Value {
      library_ = OnnxLibrary::Open(args::String(info[0], "libraryPath"));
      session_ = std::make_unique<OnnxSession>(
          library_, args::String(info[1], "modelPath"),
          OnnxSessionOptions{static_cast<int>(args::Integer(info[2], "threads", 1, 64)),
                             static_cast<int>(args::Integer(info[3], "warmUpRuns", 0, 1000))});
      return {};
    });
  }

 private:
  Napi::Value Inputs(const Napi::CallbackInfo& info) { return Describe(info.Env(), session_->inputs()); }
  Napi::Value Outputs(const Napi::CallbackInfo& info) { return Describe(info.Env(), session_->outputs()); }
  Napi::Value RuntimeVersion(const Napi::CallbackInfo& info) {
    return Napi::String::New(info.Env(), library_->version());
  }

  /// run(inputs: Uint8Array[], outputs: Uint8Array[]): raw bytes of each tensor, in the model's order.
  Napi::Value Run(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      const auto inputs = Buffers(info[0], "inputs", session_->inputs());
      const auto outputs = Buffers(info[1], "outputs", session_->outputs());
      for (size_t i = 0; i < inputs.size(); ++i) {
        std::memcpy(session_->mutableInputs()[i].bytes.data(), inputs[i].data(), inputs[i].size());
      }
      session_->Run();
      for (size_t i = 0; i < outputs.size(); ++i) {
        std::memcpy(outputs[i].data(), session_->outputs()[i].bytes.data(), outputs[i].size());
      }
      return info.Env().Undefined();
    });
  }

  static std::vector<std::span<uint8_t>> Buffers(Napi::Value value, const std::string& name,
                                                 const std::vector<OnnxTensor>& tensors) {
    if (!value.IsArray() || value.As<Napi::Array>().Length() != tensors.size()) {
      throw args::Wrong(name, "an array of " + std::to_string(tensors.size()) + " Uint8Array");
    }
    std::vector<std::span<uint8_t>> buffers;
    for (uint32_t i = 0; i < tensors.size(); ++i) {
      const auto bytes = args::TypedArray<uint8_t>(value.As<Napi::Array>().Get(i), name);
      if (bytes.size() != tensors[i].bytes.size()) {
        throw Error("MODEL_SHAPE", "Expected " + std::to_string(tensors[i].bytes.size()) + " bytes for '" +
                                       tensors[i].name + "' but received " + std::to_string(bytes.size()) +
                                       ".");
      }
      buffers.push_back(bytes);
    }
    return buffers;
  }

  std::shared_ptr<OnnxLibrary> library_;
  std::unique_ptr<OnnxSession> session_;
};

/// new Histogram(): record(milliseconds), read().
class HistogramObject : public Napi::ObjectWrap<HistogramObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(
        env, "Histogram",
        {InstanceMethod<&HistogramObject::Record>("record"), InstanceMethod<&HistogramObject::Read>("read")});
  }
  explicit HistogramObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {}

 private:
  Napi::Value Record(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      histogram_.Record(args::Number(info[0], "milliseconds"));
      return info.Env().Undefined();
    });
  }
  Napi::Value Read(const Napi::CallbackInfo& info) { return SnapshotToJs(info.Env(), histogram_.Read()); }

  Histogram histogram_;
};

Napi::Value Compress(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const auto data = args::TypedArray<uint8_t>(info[0], "data");
    const auto out = ZstdCompress(data, static_cast<int>(args::Integer(info[1], "level", 1, 19)));
    return CopyToArray<uint8_t>(info.Env(), out);
  });
}

Napi::Value Decompress(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const auto data = args::TypedArray<uint8_t>(info[0], "data");
    const auto size = args::Integer(info[1], "size", 0, int64_t{1} << 31);
    ZstdExpectSize(data, static_cast<size_t>(size));
    auto result = NewArray<uint8_t>(info.Env(), static_cast<size_t>(size));
    ZstdDecompress(data, {result.Data(), result.ElementLength()});
    return result;
  });
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("OnnxSession", OnnxSessionObject::Define(env));
  exports.Set("Histogram", HistogramObject::Define(env));
  DefineZstdStream(env, exports);
  DefineHeartbeat(env, exports);
  exports.Set("zstdCompress", Napi::Function::New<Compress>(env, "zstdCompress"));
  exports.Set("zstdDecompress", Napi::Function::New<Decompress>(env, "zstdDecompress"));
  return exports;
}

}  // namespace
}  // namespace vigil

static Napi::Object InitModule(Napi::Env env, Napi::Object exports) { return vigil::Init(env, exports); }
NODE_API_MODULE(core, InitModule)
