#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

/// Four floats in one register, through the vector extension that GCC and Clang share: the same source, and
/// the same rounding, on SSE4 and NEON.
namespace vigil::simd {

using Float4 = float __attribute__((vector_size(16)));
using Int4 = int32_t __attribute__((vector_size(16)));

inline Float4 Splat(float value) { return Float4{value, value, value, value}; }

inline Float4 Load(const float* from) {
  Float4 value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

inline void Store(float* to, Float4 value) { std::memcpy(to, &value, sizeof value); }

inline Float4 ToFloat(Int4 value) { return __builtin_convertvector(value, Float4); }

/// Towards zero.
inline Int4 ToInt(Float4 value) { return __builtin_convertvector(value, Int4); }

inline Float4 Clamp(Float4 value, Float4 low, Float4 high) {
  value = value < low ? low : value;
  return value > high ? high : value;
}

inline double Sum(Float4 value) {
  return (static_cast<double>(value[0]) + value[1]) + (static_cast<double>(value[2]) + value[3]);
}

/// Lanes of `a` (0 to n - 1) and `b` (n to 2 n - 1) in the given order.
template <int... kLanes, class Vector>
inline Vector Shuffle(Vector a, Vector b) {
#if defined(__clang__) || __GNUC__ >= 12
  return __builtin_shufflevector(a, b, kLanes...);
#else
  using Lane = std::conditional_t<sizeof(a[0]) == 1, uint8_t, int32_t>;
  using Lanes __attribute__((vector_size(sizeof(Vector)))) = Lane;
  return __builtin_shuffle(a, b, Lanes{kLanes...});
#endif
}

/// Three bytes of a little-endian word in the lower lanes: its first three, or those from `kFirst` = 1 on.
template <int kFirst>
inline Float4 BytesToFloat(uint32_t word) {
  using Words = uint32_t __attribute__((vector_size(16)));
  using Bytes = uint8_t __attribute__((vector_size(16)));
  // Byte 4 and the following are zero: one table look-up puts a byte and three zeros into each lane.
  const Bytes bytes = reinterpret_cast<Bytes>(Words{word, 0, 0, 0});
  return ToFloat(reinterpret_cast<Int4>(
      Shuffle<kFirst, 4, 4, 4, kFirst + 1, 4, 4, 4, kFirst + 2, 4, 4, 4, 4, 4, 4, 4>(bytes, bytes)));
}

}  // namespace vigil::simd
