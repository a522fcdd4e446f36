#pragma once

#include <cstdint>
#include <cstring>

namespace vigil::can {

// Little-endian numbers at any address; both log formats and both of our processor classes are little endian.

template <class T>
T LoadLittle(const uint8_t* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

}  // namespace vigil::can
