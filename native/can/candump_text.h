#pragma once

#include <array>
#include <cstdint>
#include <string_view>

// What the two kinds of candump lines share.
namespace vigil::can::candump {

/// Value of each hexadecimal digit; 0xff for every other character.
inline constexpr std::array<uint8_t, 256> kHex = [] {
  std::array<uint8_t, 256> table{};
  table.fill(0xff);
  uint8_t value = 0;
  for (const char c : std::string_view("0123456789abcdef")) table[static_cast<uint8_t>(c)] = value++;
  value = 10;
  for (const char c : std::string_view("ABCDEF")) table[static_cast<uint8_t>(c)] = value++;
  return table;
}();

inline uint8_t Hex(char c) { return kHex[static_cast<uint8_t>(c)]; }
inline bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Bits of an identifier as SocketCAN writes it.
inline constexpr uint32_t kErrorBit = 0x20000000;
inline constexpr uint32_t kIdMask = 0x1fffffff;
inline bool SkipBlanks(std::string_view* rest) {
  size_t at = 0;
  while (at < rest->size() && ((*rest)[at] == ' ' || (*rest)[at] == '\t')) ++at;
  rest->remove_prefix(at);
  return at > 0;
}

/// One frame of a line; the payload lies elsewhere.
struct LineFrame {
  double t;
  uint32_t id;
  uint8_t flags, channel, length;
};

/// True when the rest of a line, from the interface's name on, is one that candump writes without `-L`.
bool IsLong(std::string_view rest);

/// Reads what follows the interface's name: `[RX - -] ID [length] bytes ['characters']`. Null when it was
/// read, else what was expected. `payload` has room for 64 bytes.
const char* ReadLong(std::string_view rest, LineFrame* frame, uint8_t* payload);

/// Moves over `YYYY-MM-DD hh:mm:ss`, taken as UTC; seconds since 1970, or -1 when it is not there.
int64_t ReadDate(std::string_view* rest);

}  // namespace vigil::can::candump
