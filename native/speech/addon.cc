#include "speech/addon.h"

static Napi::Object InitModule(Napi::Env env, Napi::Object exports) {
  exports.Set("Resampler", vigil::DefineResampler(env));
  exports.Set("VoiceActivity", vigil::DefineVoiceActivity(env));
  exports.Set("Recogniser", vigil::DefineRecogniser(env));
  return exports;
}
NODE_API_MODULE(speech, InitModule)
