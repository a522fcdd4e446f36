// can.node: decoding of CAN frames by a plan, and the candump text parser. Columns in typed arrays only; no
// state outside the objects, so that every thread of a process may load it.
#include "can/addon.h"

#include <napi.h>

#include <memory>

#include "can/candump.h"
#include "can/decode_plan.h"
#include "core/napi_arguments.h"
#include "core/napi_error.h"

namespace vigil::can {
namespace {

/// A view of the first `count` elements. Throws Error INVALID_ARGUMENT when the array is shorter.
template <class T>
std::span<T> Column(Napi::Value value, const char* name, size_t count) {
  const std::span<T> column = args::TypedArray<T>(value, name);
  if (column.size() < count) {
    throw Error("INVALID_ARGUMENT", std::string("Expected ") + std::to_string(count) + " elements in " +
                                        name + " but found " + std::to_string(column.size()) + ".");
  }
  return column.first(count);
}

template <class T>
std::span<const T> Whole(Napi::Value value, const char* name) {
  return args::TypedArray<T>(value, name);
}

int64_t CountArgument(Napi::Value value, const char* name) {
  return args::Integer(value, name, 0, INT64_C(0xffffffff));
}

/// A Float64Array of at least `count` elements: the recycled one when it has them, else a new one. Throws
/// Error OUT_OF_MEMORY when there is no room.
Napi::Float64Array Room(Napi::Env env, Napi::Value recycled, const char* name, size_t count) {
  if (!recycled.IsUndefined()) {
    if (args::TypedArray<double>(recycled, name).size() >= count) return recycled.As<Napi::Float64Array>();
  }
  Napi::Float64Array fresh = Napi::Float64Array::New(env, count);
  if (fresh.IsEmpty()) {  // no memory, or a worker_thread that is being terminated
    if (env.IsExceptionPending()) env.GetAndClearPendingException();
    throw Error("OUT_OF_MEMORY",
                "Expected memory for " + std::to_string(count) + " values but there was none left.",
                "Decode smaller batches.");
  }
  return fresh;
}

/// new DecodePlan(key, messageBytes, signalStart, firstBit, bitLength, kind, factor, offset, switchIndex,
/// rangeStart, rangeLow, rangeHigh, channel)
class DecodePlanObject : public Napi::ObjectWrap<DecodePlanObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "DecodePlan",
                       {InstanceMethod<&DecodePlanObject::Decode>("decode"),
                        InstanceMethod<&DecodePlanObject::Latest>("latest")});
  }

  explicit DecodePlanObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    Guard(info.Env(), [&]() -> Napi::Value {
      const PlanColumns columns{
          Whole<uint32_t>(info[0], "key"),         Whole<uint16_t>(info[1], "messageBytes"),
          Whole<uint32_t>(info[2], "signalStart"), Whole<uint16_t>(info[3], "firstBit"),
          Whole<uint8_t>(info[4], "bitLength"),    Whole<uint8_t>(info[5], "kind"),
          Whole<double>(info[6], "factor"),        Whole<double>(info[7], "offset"),
          Whole<int32_t>(info[8], "switchIndex"),  Whole<uint32_t>(info[9], "rangeStart"),
          Whole<int64_t>(info[10], "rangeLow"),    Whole<int64_t>(info[11], "rangeHigh"),
      };
      plan_ = std::make_unique<DecodePlan>(columns,
                                           static_cast<int>(args::Integer(info[12], "channel", -1, 255)));
      return {};
    });
  }

 private:
  /// decode(count, t, id, flags, channel, length, offset, data, rows, truncated, passed, times?, values?)
  /// fills rows and truncated (one element per message) and passed (unknown, without data, other channel) and
  /// returns [times, values].
  Napi::Value Decode(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      const auto count = static_cast<size_t>(CountArgument(info[0], "count"));
      const FrameColumns frames = Frames(info, count);
      const auto rows = Column<uint32_t>(info[8], "rows", plan_->messageCount());
      const auto truncated = Column<uint32_t>(info[9], "truncated", plan_->messageCount());
      const auto passed = Column<uint32_t>(info[10], "passed", 3);
      plan_->Assign(frames);
      Napi::Float64Array times = Room(info.Env(), info[11], "times", plan_->rowCount());
      Napi::Float64Array values = Room(info.Env(), info[12], "values", plan_->valueCount());
      plan_->Extract({times.Data(), times.ElementLength()}, {values.Data(), values.ElementLength()});
      for (size_t m = 0; m < plan_->messageCount(); ++m) {
        rows[m] = static_cast<uint32_t>(plan_->rows(m));
        truncated[m] = plan_->truncated(m);
      }
      WritePassed(passed);
      Napi::Array result = Napi::Array::New(info.Env(), 2);
      result.Set(0u, times);
      result.Set(1u, values);
      return result;
    });
  }

  /// latest(count, t, id, flags, channel, length, offset, data, seen, truncated, passed, times, values,
  /// verdicts?) fills seen and truncated (one element per message) and passed (as decode, and those that a
  /// verdict refused), and overwrites the times and values of the signals that came.
  Napi::Value Latest(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      const auto count = static_cast<size_t>(CountArgument(info[0], "count"));
      const FrameColumns frames = Frames(info, count);
      const auto seen = Column<uint32_t>(info[8], "seen", plan_->messageCount());
      const auto truncated = Column<uint32_t>(info[9], "truncated", plan_->messageCount());
      const auto passed = Column<uint32_t>(info[10], "passed", 4);
      const auto times = Column<double>(info[11], "times", plan_->signalCount());
      const auto values = Column<double>(info[12], "values", plan_->signalCount());
      std::span<const uint8_t> verdicts;
      if (!info[13].IsUndefined()) verdicts = Column<uint8_t>(info[13], "verdicts", count);
      plan_->AssignLatest(frames, verdicts);
      plan_->ExtractLatest(times, values);
      for (size_t m = 0; m < plan_->messageCount(); ++m) {
        seen[m] = plan_->seen(m);
        truncated[m] = plan_->truncated(m);
      }
      WritePassed(passed);
      passed[3] = plan_->passed().refused;
      return info.Env().Undefined();
    });
  }

  static FrameColumns Frames(const Napi::CallbackInfo& info, size_t count) {
    return {
        Column<double>(info[1], "t", count),       Column<uint32_t>(info[2], "id", count),
        Column<uint8_t>(info[3], "flags", count),  Column<uint8_t>(info[4], "channel", count),
        Column<uint8_t>(info[5], "length", count), Column<uint32_t>(info[6], "offset", count),
        Whole<uint8_t>(info[7], "data"),
    };
  }

  void WritePassed(std::span<uint32_t> passed) const {
    passed[0] = plan_->passed().unknown;
    passed[1] = plan_->passed().withoutData;
    passed[2] = plan_->passed().otherChannel;
  }

  std::unique_ptr<DecodePlan> plan_;
};

/// new CandumpParser() or new CandumpParser(epochSeconds, deltas)
class CandumpParserObject : public Napi::ObjectWrap<CandumpParserObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "CandumpParser",
                       {InstanceMethod<&CandumpParserObject::Parse>("parse"),
                        InstanceMethod<&CandumpParserObject::Summary>("summary")});
  }

  explicit CandumpParserObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    Guard(info.Env(), [&]() -> Napi::Value {
      if (info.Length() == 0) return {};
      parser_ = CandumpParser(args::Integer(info[0], "epochSeconds", 0, INT64_C(9999999999)),
                              args::Boolean(info[1], "deltas"));
      return {};
    });
  }

 private:
  /// parse(text, start, end, last, t, id, flags, channel, length, offset, data, progress) reads the bytes
  /// from start to end, appends to the columns and updates progress: frames and data bytes in the columns,
  /// bytes consumed by this call.
  Napi::Value Parse(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      const auto text = Whole<uint8_t>(info[0], "text");
      const auto size = static_cast<int64_t>(text.size());
      const int64_t start = args::Integer(info[1], "start", 0, size);
      const int64_t end = args::Integer(info[2], "end", start, size);
      const bool last = args::Boolean(info[3], "last");
      const size_t room = args::TypedArray<double>(info[4], "t").size();
      const MutableFrameColumns out{
          Column<double>(info[4], "t", room),          Column<uint32_t>(info[5], "id", room),
          Column<uint8_t>(info[6], "flags", room),     Column<uint8_t>(info[7], "channel", room),
          Column<uint8_t>(info[8], "length", room),    Column<uint32_t>(info[9], "offset", room),
          args::TypedArray<uint8_t>(info[10], "data"),
      };
      const auto progress = Column<uint32_t>(info[11], "progress", 3);
      if (out.data.size() > UINT32_MAX) throw args::Wrong("data", "fewer than 2^32 bytes");
      if (size > UINT32_MAX) throw args::Wrong("text", "fewer than 2^32 bytes");
      const CandumpParser::Progress filled{progress[0], progress[1], 0};
      if (filled.frames > room || filled.dataBytes > out.data.size()) {
        throw args::Wrong("progress", "frames and bytes that fit the columns");
      }
      const auto done = parser_.Parse(
          text.subspan(static_cast<size_t>(start), static_cast<size_t>(end - start)), last, out, filled);
      progress[0] = static_cast<uint32_t>(done.frames);
      progress[1] = static_cast<uint32_t>(done.dataBytes);
      progress[2] = static_cast<uint32_t>(done.consumed);
      return info.Env().Undefined();
    });
  }

  Napi::Value Summary(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      const Napi::Env env = info.Env();
      Napi::Object summary = Napi::Object::New(env);
      summary.Set("lines", static_cast<double>(parser_.lines()));
      summary.Set("malformed", static_cast<double>(parser_.malformed()));
      summary.Set("endsMidLine", parser_.endsMidLine());
      Napi::Array problems = Napi::Array::New(env);
      for (const CandumpProblem& problem : parser_.problems()) {
        Napi::Object entry = Napi::Object::New(env);
        entry.Set("line", static_cast<double>(problem.line));
        entry.Set("message", problem.message);
        entry.Set("text", problem.text);
        problems.Set(problems.Length(), entry);
      }
      summary.Set("problems", problems);
      Napi::Array channels = Napi::Array::New(env);
      for (size_t i = 0; i < parser_.channels().size(); ++i) {
        if (parser_.channels()[i].empty()) continue;
        Napi::Object entry = Napi::Object::New(env);
        entry.Set("channel", static_cast<double>(i));
        entry.Set("name", parser_.channels()[i]);
        channels.Set(channels.Length(), entry);
      }
      summary.Set("channels", channels);
      return summary;
    });
  }

  CandumpParser parser_;
};

Napi::Object Initialize(Napi::Env env, Napi::Object exports) {
  exports.Set("DecodePlan", DecodePlanObject::Define(env));
  exports.Set("CandumpParser", CandumpParserObject::Define(env));
  DefineBlf(env, exports);
  DefineMf4(env, exports);
  DefineLive(env, exports);
  DefineValidity(env, exports);
  return exports;
}

}  // namespace
}  // namespace vigil::can

namespace {
Napi::Object InitializeAddon(Napi::Env env, Napi::Object exports) {
  return vigil::can::Initialize(env, exports);
}
}  // namespace

NODE_API_MODULE(can, InitializeAddon)
