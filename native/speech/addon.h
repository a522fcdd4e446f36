#pragma once

#include <napi.h>

// Classes of speech.node that are defined in files of their own; addon.cc registers them.
namespace vigil {

Napi::Function DefineResampler(Napi::Env env);
Napi::Function DefineVoiceActivity(Napi::Env env);
Napi::Function DefineRecogniser(Napi::Env env);

}  // namespace vigil
