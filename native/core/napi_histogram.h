#pragma once

#include <napi.h>

#include "core/histogram.h"

namespace vigil {

/// {count, p50Ms, p90Ms, p99Ms, p999Ms, maxMs, meanMs}
inline Napi::Object SnapshotToJs(Napi::Env env, const Histogram::Snapshot& snapshot) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("count", static_cast<double>(snapshot.count));
  object.Set("p50Ms", snapshot.p50Ms);
  object.Set("p90Ms", snapshot.p90Ms);
  object.Set("p99Ms", snapshot.p99Ms);
  object.Set("p999Ms", snapshot.p999Ms);
  object.Set("maxMs", snapshot.maxMs);
  object.Set("meanMs", snapshot.meanMs);
  return object;
}

}  // namespace vigil
