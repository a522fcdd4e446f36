#pragma once

#include <napi.h>

#include <cstdint>
#include <span>
#include <string>

#include "core/error.h"

namespace vigil::args {

inline Error Wrong(const std::string& name, const std::string& expected) {
  return {"INVALID_ARGUMENT", "Expected " + expected + " for " + name + "."};
}

inline double Number(Napi::Value value, const std::string& name) {
  if (!value.IsNumber()) throw Wrong(name, "a number");
  return value.As<Napi::Number>().DoubleValue();
}

/// An integer in [low, high]; NaN and fractions are refused.
inline int64_t Integer(Napi::Value value, const std::string& name, int64_t low, int64_t high) {
  const double number = Number(value, name);
  if (!(number >= static_cast<double>(low) && number <= static_cast<double>(high)) ||
      number != static_cast<double>(static_cast<int64_t>(number))) {
    throw Wrong(name, "an integer from " + std::to_string(low) + " to " + std::to_string(high));
  }
  return static_cast<int64_t>(number);
}

inline bool Boolean(Napi::Value value, const std::string& name) {
  if (!value.IsBoolean()) throw Wrong(name, "a boolean");
  return value.As<Napi::Boolean>().Value();
}

inline std::string String(Napi::Value value, const std::string& name) {
  if (!value.IsString()) throw Wrong(name, "a string");
  return value.As<Napi::String>().Utf8Value();
}

inline Napi::Object Object(Napi::Value value, const std::string& name) {
  if (!value.IsObject()) throw Wrong(name, "an object");
  return value.As<Napi::Object>();
}

inline Napi::Function Function(Napi::Value value, const std::string& name) {
  if (!value.IsFunction()) throw Wrong(name, "a function");
  return value.As<Napi::Function>();
}

/// The JavaScript class that holds elements of type T.
inline constexpr auto kNoTypedArray = static_cast<napi_typedarray_type>(-1);
template <class T>
inline constexpr napi_typedarray_type kTypedArrayType = kNoTypedArray;
template <>
inline constexpr napi_typedarray_type kTypedArrayType<uint8_t> = napi_uint8_array;
template <>
inline constexpr napi_typedarray_type kTypedArrayType<int16_t> = napi_int16_array;
template <>
inline constexpr napi_typedarray_type kTypedArrayType<float> = napi_float32_array;
template <>
inline constexpr napi_typedarray_type kTypedArrayType<double> = napi_float64_array;
template <>
inline constexpr napi_typedarray_type kTypedArrayType<int32_t> = napi_int32_array;
template <>
inline constexpr napi_typedarray_type kTypedArrayType<uint32_t> = napi_uint32_array;
template <>
inline constexpr napi_typedarray_type kTypedArrayType<uint16_t> = napi_uint16_array;
template <>
inline constexpr napi_typedarray_type kTypedArrayType<int64_t> = napi_bigint64_array;

/// A view of a typed array of exactly element type T. Valid for the duration of the call only: the JavaScript
/// side may detach the buffer afterwards.
template <class T>
std::span<T> TypedArray(Napi::Value value, const std::string& name) {
  static_assert(kTypedArrayType<T> != kNoTypedArray, "no typed array holds this element type");
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != kTypedArrayType<T>) {
    throw Wrong(name, "a typed array of the matching element type");
  }
  auto array = value.As<Napi::TypedArrayOf<T>>();
  return {array.Data(), array.ElementLength()};
}

}  // namespace vigil::args
