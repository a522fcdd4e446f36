#pragma once

#include <napi.h>

namespace vigil {

/// The EyeState class of vision.node: the eye-state network on crops that somebody else has cut.
Napi::Function DefineEyeState(Napi::Env env);

}  // namespace vigil
