// Node-API boundary of ValidityPlan.
#include <napi.h>

#include <memory>
#include <string>

#include "can/addon.h"
#include "can/validity.h"
#include "core/napi_arguments.h"
#include "core/napi_error.h"

namespace vigil::can {
namespace {

/// The first `count` elements. Throws Error INVALID_ARGUMENT when the array is shorter.
template <class T>
std::span<T> Column(Napi::Value value, const char* name, size_t count) {
  const std::span<T> column = args::TypedArray<T>(value, name);
  if (column.size() < count) throw args::Wrong(name, "at least " + std::to_string(count) + " elements");
  return column.first(count);
}

template <class T>
std::span<const T> Whole(Napi::Value value, const char* name) {
  return args::TypedArray<T>(value, name);
}

/// new ValidityPlan(key, rules, resyncMs, lists, channel)
class ValidityPlanObject : public Napi::ObjectWrap<ValidityPlanObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "ValidityPlan",
                       {InstanceMethod<&ValidityPlanObject::Check>("check"),
                        InstanceMethod<&ValidityPlanObject::Protect>("protect"),
                        InstanceMethod<&ValidityPlanObject::Reset>("reset")});
  }

  explicit ValidityPlanObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    Guard(info.Env(), [&]() -> Napi::Value {
      const ValidityColumns columns{Whole<uint32_t>(info[0], "key"), Whole<uint32_t>(info[1], "rules"),
                                    Whole<double>(info[2], "resyncMs"), Whole<uint8_t>(info[3], "lists")};
      plan_ = std::make_unique<ValidityPlan>(columns,
                                             static_cast<int>(args::Integer(info[4], "channel", -1, 255)));
      return {};
    });
  }

 private:
  /// check(count, t, id, flags, channel, length, offset, data, verdicts, rows) fills one verdict per frame,
  /// and the same ones message after message; returns how many of the latter there are.
  Napi::Value Check(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      const auto count = static_cast<size_t>(args::Integer(info[0], "count", 0, INT64_C(0xffffffff)));
      const FrameColumns frames{
          Column<double>(info[1], "t", count),       Column<uint32_t>(info[2], "id", count),
          Column<uint8_t>(info[3], "flags", count),  Column<uint8_t>(info[4], "channel", count),
          Column<uint8_t>(info[5], "length", count), Column<uint32_t>(info[6], "offset", count),
          Whole<uint8_t>(info[7], "data"),
      };
      const auto verdicts = Column<uint8_t>(info[8], "verdicts", count);
      plan_->Check(frames, verdicts);
      if (info[9].IsUndefined()) return info.Env().Undefined();
      plan_->GroupByMessage(verdicts, Column<uint8_t>(info[9], "rows", count),
                            Column<uint32_t>(info[10], "counts", plan_->messageCount()));
      return info.Env().Undefined();
    });
  }

  /// protect(message, payload, counter) writes counter and checksum into the payload.
  Napi::Value Protect(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      const auto last = static_cast<int64_t>(plan_->messageCount()) - 1;
      const auto message = static_cast<size_t>(args::Integer(info[0], "message", 0, last));
      const auto payload = args::TypedArray<uint8_t>(info[1], "payload");
      const auto counter = static_cast<uint32_t>(args::Integer(info[2], "counter", 0, INT64_C(0xffffffff)));
      plan_->Protect(message, payload, counter);
      return info.Env().Undefined();
    });
  }

  Napi::Value Reset(const Napi::CallbackInfo& info) {
    plan_->Reset();
    return info.Env().Undefined();
  }

  std::unique_ptr<ValidityPlan> plan_;
};

}  // namespace

void DefineValidity(Napi::Env env, Napi::Object exports) {
  exports.Set("ValidityPlan", ValidityPlanObject::Define(env));
}

}  // namespace vigil::can
