#include "core/addon.h"
#include "core/napi_arguments.h"
#include "core/napi_error.h"
#include "core/zstd_stream.h"

namespace vigil {
namespace {

/// new ZstdStream()
class ZstdStreamObject : public Napi::ObjectWrap<ZstdStreamObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "ZstdStream", {InstanceMethod<&ZstdStreamObject::Decompress>("decompress")});
  }

  explicit ZstdStreamObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {}

 private:
  /// decompress(input, start, output, progress) reads the input from `start`, writes the output from its
  /// beginning and updates progress: bytes consumed, bytes produced, 1 between two frames.
  Napi::Value Decompress(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      const auto input = args::TypedArray<uint8_t>(info[0], "input");
      const auto start = args::Integer(info[1], "start", 0, static_cast<int64_t>(input.size()));
      const auto output = args::TypedArray<uint8_t>(info[2], "output");
      const auto progress = args::TypedArray<uint32_t>(info[3], "progress");
      if (progress.size() < 3) throw args::Wrong("progress", "three elements");
      if (input.size() > UINT32_MAX || output.size() > UINT32_MAX) {
        throw args::Wrong("input and output", "fewer than 2^32 bytes");
      }
      const auto done = stream_.Decompress(input.subspan(static_cast<size_t>(start)), output);
      progress[0] = static_cast<uint32_t>(done.consumed);
      progress[1] = static_cast<uint32_t>(done.produced);
      progress[2] = done.between ? 1 : 0;
      return info.Env().Undefined();
    });
  }

  ZstdStream stream_;
};

}  // namespace

void DefineZstdStream(Napi::Env env, Napi::Object exports) {
  exports.Set("ZstdStream", ZstdStreamObject::Define(env));
}

}  // namespace vigil
