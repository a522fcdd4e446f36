#pragma once

#include <napi.h>

#include <algorithm>
#include <span>

#include "core/error.h"

namespace vigil {

/// A new typed array of `count` elements for C++ to fill. Always through here: while a worker_thread is being
/// terminated Node-API refuses to create anything, at any moment, and the array's memory would be a null
/// pointer.
/// @throws Error ENVIRONMENT_ENDING, which nobody is left to see
template <class T>
Napi::TypedArrayOf<T> NewArray(Napi::Env env, size_t count) {
  auto array = Napi::TypedArrayOf<T>::New(env, count);
  if (array.IsEmpty()) {
    throw Error("ENVIRONMENT_ENDING", "Expected a running JavaScript environment but it is being torn down.");
  }
  return array;
}

/// A new typed array with a copy of `values`.
template <class T>
Napi::TypedArrayOf<T> CopyToArray(Napi::Env env, std::span<const T> values) {
  auto array = NewArray<T>(env, values.size());
  std::copy(values.begin(), values.end(), array.Data());
  return array;
}

}  // namespace vigil
