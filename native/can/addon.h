#pragma once

#include <napi.h>

namespace vigil::can {

// Each adds the classes of its file addon_<noun>.cc to the addon's exports.
void DefineBlf(Napi::Env env, Napi::Object exports);
void DefineValidity(Napi::Env env, Napi::Object exports);
void DefineLive(Napi::Env env, Napi::Object exports);
void DefineMf4(Napi::Env env, Napi::Object exports);

}  // namespace vigil::can
