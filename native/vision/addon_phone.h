#pragma once

#include <napi.h>

#include <memory>
#include <vector>

#include "vision/phone_watch.h"

// How the phone watch crosses the boundary; part of the FaceTracker class in addon.cc.
namespace vigil {

/// From a tracker's config: none unless it names a `phoneModel`; then `phoneIntervalMs` and `phoneLockStep`
/// too.
std::unique_ptr<PhoneWatch> OpenPhoneWatch(Napi::Object config, const std::string& onnxLibrary);

/// Appends one row; src/camera/phone-addon.ts reads the same order. `frameRow` is the row of the batch's
/// observation with which the sighting came.
void AppendSighting(const PhoneSighting& sighting, size_t frameRow, std::vector<double>& rows);

/// {looked, skipped, yielded, failed, cpu, wall}
Napi::Object PhoneCountersToJs(Napi::Env env, const PhoneWatch& watch);

}  // namespace vigil
