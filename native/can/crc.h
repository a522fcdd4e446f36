#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace vigil::can {

/// A CRC of 8 bits, most significant bit first. Start value and final XOR are the caller's.
class Crc8 {
 public:
  explicit constexpr Crc8(uint8_t polynomial) {
    for (unsigned byte = 0; byte < 256; ++byte) {
      auto crc = static_cast<uint8_t>(byte);
      for (int bit = 0; bit < 8; ++bit) {
        crc = static_cast<uint8_t>(crc & 0x80 ? crc << 1 ^ polynomial : crc << 1);
      }
      after_[0][byte] = crc;
    }
    for (size_t zeros = 1; zeros < after_.size(); ++zeros) {
      for (unsigned byte = 0; byte < 256; ++byte) after_[zeros][byte] = after_[0][after_[zeros - 1][byte]];
    }
  }

  constexpr uint8_t Update(uint8_t crc, uint8_t byte) const { return after_[0][crc ^ byte]; }

  /// Eight bytes at a time: a CRC is linear, so each byte's share can be looked up independently of the
  /// others.
  constexpr uint8_t Update(uint8_t crc, std::span<const uint8_t> bytes) const {
    while (!bytes.empty()) {
      const size_t count = bytes.size() < after_.size() ? bytes.size() : after_.size();
      uint8_t next = after_[count - 1][crc ^ bytes[0]];
      for (size_t i = 1; i < count; ++i) next ^= after_[count - 1 - i][bytes[i]];
      crc = next;
      bytes = bytes.subspan(count);
    }
    return crc;
  }

 private:
  /// after_[k][b]: the CRC of byte b followed by k zero bytes.
  std::array<std::array<uint8_t, 256>, 8> after_{};
};

/// A CRC of 16 bits, most significant bit first.
class Crc16 {
 public:
  explicit constexpr Crc16(uint16_t polynomial) {
    for (unsigned byte = 0; byte < 256; ++byte) {
      auto crc = static_cast<uint16_t>(byte << 8);
      for (int bit = 0; bit < 8; ++bit) {
        crc = static_cast<uint16_t>(crc & 0x8000 ? crc << 1 ^ polynomial : crc << 1);
      }
      table_[byte] = crc;
    }
  }

  constexpr uint16_t Update(uint16_t crc, uint8_t byte) const {
    return static_cast<uint16_t>(crc << 8 ^ table_[crc >> 8 ^ byte]);
  }
  constexpr uint16_t Update(uint16_t crc, std::span<const uint8_t> bytes) const {
    for (const uint8_t byte : bytes) crc = Update(crc, byte);
    return crc;
  }

 private:
  std::array<uint16_t, 256> table_{};
};

/// A CRC of 32 or 64 bits, least significant bit first; the polynomial as it is written most significant bit
/// first.
template <class Word>
class ReflectedCrc {
 public:
  explicit constexpr ReflectedCrc(Word polynomial) {
    Word reversed = 0;
    for (unsigned bit = 0; bit < 8 * sizeof(Word); ++bit) {
      if (polynomial >> bit & 1) reversed |= Word{1} << (8 * sizeof(Word) - 1 - bit);
    }
    for (unsigned byte = 0; byte < 256; ++byte) {
      Word crc = byte;
      for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ reversed : crc >> 1;
      table_[byte] = crc;
    }
  }

  constexpr Word Update(Word crc, std::span<const uint8_t> bytes) const {
    for (const uint8_t byte : bytes) crc = crc >> 8 ^ table_[static_cast<uint8_t>(crc) ^ byte];
    return crc;
  }

 private:
  std::array<Word, 256> table_{};
};

// Names as in the catalogue of parametrised CRC algorithms; the check values are those of "123456789".
inline constexpr Crc8 kCrc8J1850(0x1d);                        ///< SAE J1850: start 0xff, xor 0xff: 0x4b
inline constexpr Crc8 kCrc8H2f(0x2f);                          ///< AUTOSAR: start 0xff, xor 0xff: 0xdf
inline constexpr Crc16 kCrc16Ccitt(0x1021);                    ///< IBM-3740: start 0xffff: 0x29b1
inline constexpr ReflectedCrc<uint32_t> kCrc32P4(0xf4acfb13);  ///< start and xor all ones: 0x1697d06a
inline constexpr ReflectedCrc<uint64_t> kCrc64(0x42f0e1eba9ea3693);  ///< XZ: all ones: 0x995dc9bbdf1939fa

}  // namespace vigil::can
