#pragma once

#include <napi.h>

// Classes of core.node that are defined in files of their own; addon.cc registers them.
namespace vigil {

void DefineZstdStream(Napi::Env env, Napi::Object exports);
void DefineHeartbeat(Napi::Env env, Napi::Object exports);

}  // namespace vigil
