#pragma once

#include <napi.h>

#include <exception>
#include <string>

#include "core/error.h"

namespace vigil {

/// Throws into JavaScript the shape that src/runtime/errors.ts adopts as VigilError.
inline void ThrowToJs(Napi::Env env, const std::string& code, const std::string& message,
                      const std::string& advice = "") {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("vigilCode", code);
  error.Set("vigilAdvice", advice);
  error.ThrowAsJavaScriptException();
}

/// Runs `body` and turns every C++ exception into a JavaScript one; returns undefined in that case.
/// Every function an addon exports goes through this: no exception crosses the boundary.
template <class Body>
Napi::Value Guard(Napi::Env env, Body&& body) {
  try {
    return body();
  } catch (const Error& error) {
    ThrowToJs(env, error.code(), error.what(), error.advice());
  } catch (const std::bad_alloc&) {
    ThrowToJs(env, "OUT_OF_MEMORY", "Expected memory for the operation but there was none left.");
  } catch (const std::exception& error) {
    ThrowToJs(env, "NATIVE_FAILURE", error.what());
  }
  return env.Undefined();
}

}  // namespace vigil
