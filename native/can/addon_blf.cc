// The Node-API boundary of BlfParser.
#include <napi.h>

#include "can/addon.h"
#include "can/addon_columns.h"
#include "can/blf.h"
#include "core/napi_arguments.h"
#include "core/napi_error.h"

namespace vigil::can {
namespace {

/// new BlfParser()
class BlfParserObject : public Napi::ObjectWrap<BlfParserObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "BlfParser",
                       {InstanceMethod<&BlfParserObject::Parse>("parse"),
                        InstanceMethod<&BlfParserObject::Resynchronise>("resynchronise"),
                        InstanceMethod<&BlfParserObject::Summary>("summary")});
  }

  explicit BlfParserObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {}

 private:
  /// parse(bytes, start, end, place, t, id, flags, channel, length, offset, data, progress) reads the bytes
  /// from start to end, appends to the columns and updates progress: frames and data bytes in the columns,
  /// bytes consumed by this call.
  Napi::Value Parse(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      const auto bytes = args::TypedArray<uint8_t>(info[0], "bytes");
      const auto size = static_cast<int64_t>(bytes.size());
      const int64_t start = args::Integer(info[1], "start", 0, size);
      const int64_t end = args::Integer(info[2], "end", start, size);
      const int64_t place = args::Integer(info[3], "place", 0, INT64_C(1) << 53);
      const ColumnArguments columns = FrameColumnArguments(info, 4);
      const auto done =
          parser_.Parse(bytes.subspan(static_cast<size_t>(start), static_cast<size_t>(end - start)),
                        static_cast<uint64_t>(place), columns.out, {columns.frames, columns.dataBytes, 0});
      columns.progress[0] = static_cast<uint32_t>(done.frames);
      columns.progress[1] = static_cast<uint32_t>(done.dataBytes);
      columns.progress[2] = static_cast<uint32_t>(done.consumed);
      return info.Env().Undefined();
    });
  }

  Napi::Value Resynchronise(const Napi::CallbackInfo& info) {
    parser_.Resynchronise();
    return info.Env().Undefined();
  }

  Napi::Value Summary(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      const Napi::Env env = info.Env();
      Napi::Object summary = Napi::Object::New(env);
      summary.Set("damaged", static_cast<double>(parser_.damaged()));
      summary.Set("requests", static_cast<double>(parser_.requests()));
      Napi::Array problems = Napi::Array::New(env);
      for (const BlfProblem& problem : parser_.problems()) {
        Napi::Object entry = Napi::Object::New(env);
        entry.Set("place", static_cast<double>(problem.place));
        entry.Set("text", problem.text);
        problems.Set(problems.Length(), entry);
      }
      summary.Set("problems", problems);
      Napi::Array skipped = Napi::Array::New(env);
      for (const auto& [type, count] : parser_.skipped()) {
        Napi::Object entry = Napi::Object::New(env);
        entry.Set("type", static_cast<double>(type));
        entry.Set("count", static_cast<double>(count));
        skipped.Set(skipped.Length(), entry);
      }
      summary.Set("skipped", skipped);
      return summary;
    });
  }

  BlfParser parser_;
};

}  // namespace

void DefineBlf(Napi::Env env, Napi::Object exports) {
  exports.Set("BlfParser", BlfParserObject::Define(env));
}

}  // namespace vigil::can
