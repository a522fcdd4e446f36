#include "can/checksum.h"

#include <algorithm>
#include <bit>
#include <string>

#include "can/crc.h"
#include "can/frame_columns.h"
#include "core/error.h"

namespace vigil::can {
namespace {

uint32_t SumOfBytes(std::span<const uint8_t> bytes) {
  uint32_t sum = 0;
  for (const uint8_t byte : bytes) sum += byte;
  return sum;
}

uint32_t SumOfNibbles(std::span<const uint8_t> bytes) {
  uint32_t sum = 0;
  for (const uint8_t byte : bytes) sum += (byte & 15u) + (byte >> 4);
  return sum;
}

uint32_t Ones(std::span<const uint8_t> bytes) {
  int ones = 0;
  for (const uint8_t byte : bytes) ones += std::popcount(byte);
  return static_cast<uint32_t>(ones);
}

/// The payload without the byte of the checksum, which lies at `skip`.
uint8_t Crc8Without(const Crc8& crc, uint8_t start, std::span<const uint8_t> payload, size_t skip) {
  return crc.Update(crc.Update(start, payload.first(skip)), payload.subspan(skip + 1));
}

/// opendbc, opendbc/can: the final XOR goes by the length of the frame; other lengths have none.
uint16_t HyundaiFdXor(size_t length) {
  switch (length) {
    case 8:
      return 0x5f29;
    case 16:
      return 0x041d;
    case 24:
      return 0x819d;
    case 32:
      return 0x9f5b;
    default:
      return 0;
  }
}

}  // namespace

Field::Part Field::Unpack(uint32_t packed) {
  return {static_cast<uint16_t>(packed & 0xffff), static_cast<uint8_t>(packed >> 16 & 0xff),
          (packed >> 24 & 1) != 0};
}

Field::Field(uint32_t low, uint32_t high) : low_(Unpack(low)), high_(Unpack(high)) {
  for (const Part& part : {low_, high_}) {
    if (part.length == 0) continue;
    const size_t bytes = (static_cast<size_t>(part.first) + part.length + 7) / 8;
    if (bytes > kMaxPayload || low_.length + high_.length > 32) {
      throw Error("INVALID_ARGUMENT", "Expected a field of at most 32 bits within 64 bytes but found bit " +
                                          std::to_string(part.first) + ", length " +
                                          std::to_string(part.length) + ".");
    }
    requiredBytes_ = std::max(requiredBytes_, static_cast<uint8_t>(bytes));
  }
  const unsigned bit = low_.first & 7;
  simple_ = low_.length > 0 && high_.length == 0 && bit + low_.length <= 8;
  if (simple_) shift_ = static_cast<uint8_t>(low_.motorola ? 8 - bit - low_.length : bit);
}

uint32_t Field::ReadPart(const Part& part, const uint8_t* payload) {
  uint32_t value = 0;
  for (unsigned i = 0; i < part.length; ++i) {
    const unsigned position = part.first + i;
    const uint8_t byte = payload[position >> 3];
    if (part.motorola) {
      value = value << 1 | (byte >> (7 - (position & 7)) & 1u);
    } else {
      value |= (byte >> (position & 7) & 1u) << i;
    }
  }
  return value;
}

void Field::WritePart(const Part& part, uint8_t* payload, uint32_t value) {
  for (unsigned i = 0; i < part.length; ++i) {
    const unsigned position = part.first + i;
    const unsigned shift = part.motorola ? 7 - (position & 7) : position & 7;
    const unsigned bit = value >> (part.motorola ? part.length - 1 - i : i) & 1u;
    uint8_t& byte = payload[position >> 3];
    byte = static_cast<uint8_t>((byte & ~(1u << shift)) | bit << shift);
  }
}

uint32_t Field::ReadParts(const uint8_t* payload) const {
  const uint32_t low = ReadPart(low_, payload);
  return high_.length == 0 ? low : low | ReadPart(high_, payload) << low_.length;
}

void Field::Write(uint8_t* payload, uint32_t value) const {
  WritePart(low_, payload, value);
  if (high_.length > 0) WritePart(high_, payload, value >> low_.length);
}

uint32_t ExpectedChecksum(const ChecksumRule& rule, std::span<const uint8_t> payload, uint32_t counter) {
  const uint32_t seed = counter & 1 ? rule.oddSeed : rule.seed;
  const auto covered =
      rule.coveredBytes == 0 ? payload : payload.first(std::min<size_t>(rule.coveredBytes, payload.size()));
  const uint8_t* data = payload.data();
  const size_t own = rule.checksum.byte();
  switch (rule.kind) {
    case ChecksumKind::kSum: {
      const uint32_t length = rule.addLength ? static_cast<uint32_t>(payload.size()) : 0;
      return (seed + length + SumOfBytes(covered) - (own < covered.size() ? data[own] : 0)) & 0xff;
    }
    case ChecksumKind::kNibbles:
      return (seed + rule.checksum.Read(data) - SumOfNibbles(covered)) & 0xf;
    case ChecksumKind::kOnes: {
      const auto left = std::popcount(rule.checksum.Read(data)) + std::popcount(rule.counter.Read(data));
      return ((Ones(covered) - static_cast<uint32_t>(left)) ^ seed) & 0xf;
    }
    case ChecksumKind::kXor: {
      uint8_t value = static_cast<uint8_t>(seed ^ data[own]);
      for (const uint8_t byte : payload) value ^= byte;
      return value;
    }
    case ChecksumKind::kCrc8J1850:
      return Crc8Without(kCrc8J1850, static_cast<uint8_t>(seed), payload, own) ^ rule.finalXor;
    case ChecksumKind::kCrc8H2f: {
      uint8_t crc = Crc8Without(kCrc8H2f, static_cast<uint8_t>(seed), payload, own);
      if (rule.list != nullptr) crc = kCrc8H2f.Update(crc, rule.list[counter & 15]);
      return crc ^ rule.finalXor;
    }
    case ChecksumKind::kHyundaiFd: {
      uint16_t crc = kCrc16Ccitt.Update(0, payload.subspan(2));
      crc = kCrc16Ccitt.Update(crc, static_cast<uint8_t>(rule.id));
      crc = kCrc16Ccitt.Update(crc, static_cast<uint8_t>(rule.id >> 8));
      return crc ^ HyundaiFdXor(payload.size());
    }
    default:
      return 0;
  }
}

}  // namespace vigil::can
