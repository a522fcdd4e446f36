#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include "can/crc.h"

using namespace vigil::can;

namespace {
constexpr std::array<uint8_t, 9> kDigits{'1', '2', '3', '4', '5', '6', '7', '8', '9'};
}

TEST_CASE("CRCs give the catalogue's check values") {
  static_assert((kCrc8J1850.Update(0xff, kDigits) ^ 0xff) == 0x4b);
  static_assert(kCrc8J1850.Update(0x00, kDigits) == 0x37);  // GSM-A: start and final XOR 0
  static_assert((kCrc8H2f.Update(0xff, kDigits) ^ 0xff) == 0xdf);
  static_assert(kCrc16Ccitt.Update(0xffff, kDigits) == 0x29b1);
  static_assert(kCrc16Ccitt.Update(0x0000, kDigits) == 0x31c3);  // XMODEM
  CHECK(static_cast<uint32_t>(~kCrc32P4.Update(~uint32_t{0}, kDigits)) == 0x1697d06a);
  CHECK(~kCrc64.Update(~uint64_t{0}, kDigits) == 0x995dc9bbdf1939fa);
}

TEST_CASE("eight bytes at a time give what one byte at a time gives") {
  std::mt19937 random(8);
  for (int round = 0; round < 200; ++round) {
    std::vector<uint8_t> bytes(random() % 65);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
    uint8_t expected = static_cast<uint8_t>(round);
    for (const uint8_t byte : bytes) expected = kCrc8J1850.Update(expected, byte);
    CHECK(kCrc8J1850.Update(static_cast<uint8_t>(round), bytes) == expected);
  }
}
