#pragma once

#include <napi.h>

namespace vigil {

/// The class CameraCapture of vision.node.
Napi::Function DefineCameraCapture(Napi::Env env);

}  // namespace vigil
