#include "vision/addon_phone.h"

#include "core/napi_arguments.h"
#include "core/napi_histogram.h"

namespace vigil {

std::unique_ptr<PhoneWatch> OpenPhoneWatch(Napi::Object config, const std::string& onnxLibrary) {
  if (config.Get("phoneModel").IsUndefined()) return nullptr;
  PhoneWatchOptions options;
  options.onnxLibrary = onnxLibrary;
  options.model = args::String(config.Get("phoneModel"), "phoneModel");
  options.intervalMs = args::Number(config.Get("phoneIntervalMs"), "phoneIntervalMs");
  if (!(options.intervalMs >= 0)) throw args::Wrong("phoneIntervalMs", "milliseconds from 0 on");
  options.lockStep = args::Boolean(config.Get("phoneLockStep"), "phoneLockStep");
  return std::make_unique<PhoneWatch>(std::move(options));
}

void AppendSighting(const PhoneSighting& s, size_t frameRow, std::vector<double>& rows) {
  rows.insert(rows.end(), {static_cast<double>(frameRow), s.t, static_cast<double>(s.frame),
                           s.failed ? 1.0 : 0.0, s.score, s.boxX, s.boxY, s.boxWidth, s.boxHeight,
                           s.face ? 1.0 : 0.0, s.faceX, s.faceY, s.faceWidth, s.faceHeight});
}

Napi::Object PhoneCountersToJs(Napi::Env env, const PhoneWatch& watch) {
  const PhoneWatch::Counters counters = watch.Read();
  Napi::Object object = Napi::Object::New(env);
  object.Set("looked", static_cast<double>(counters.looked));
  object.Set("skipped", static_cast<double>(counters.skipped));
  object.Set("yielded", static_cast<double>(counters.yielded));
  object.Set("failed", static_cast<double>(counters.failed));
  object.Set("cpu", SnapshotToJs(env, watch.Cpu()));
  object.Set("wall", SnapshotToJs(env, watch.Wall()));
  return object;
}

}  // namespace vigil
