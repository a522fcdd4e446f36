#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace vigil::can {

/// How a message's checksum is computed; the same values as `checksumKinds` in src/can/validity/plan.ts.
/// Every kind leaves out the bits of the checksum itself.
enum class ChecksumKind : uint8_t {
  kNone = 0,
  kSum = 1,        ///< seed plus all bytes, 8 bits
  kNibbles = 2,    ///< seed minus all half bytes, 4 bits
  kOnes = 3,       ///< seed xor the number of ones without those of the counter, 4 bits
  kXor = 4,        ///< all bytes xored
  kCrc8J1850 = 5,  ///< polynomial 0x1d, most significant bit first
  kCrc8H2f = 6,    ///< polynomial 0x2f; one byte of a list, picked by the counter, after the payload
  kHyundaiFd = 7,  ///< CRC-16 over the payload from byte 2 on and the identifier, xor by length
  // AUTOSAR E2E profiles whose header holds the counter (e2e.h).
  kE2eP04 = 8,
  kE2eP05 = 9,
  kE2eP06 = 10,
  kE2eP07 = 11,
  kE2eP08 = 12,
};
constexpr uint32_t kChecksumKinds = 13;

/// Up to 32 bits of a payload: `low`, and above it `high` where a database splits the value.
class Field {
 public:
  Field() = default;
  /// Each half as firstBit | length << 16 | motorola << 24 (`DbcSignal` terms, first bit in reading order); a
  /// length of 0 means that there is none. Throws Error INVALID_ARGUMENT when it does not fit 64 bytes.
  Field(uint32_t low, uint32_t high);

  bool present() const { return low_.length > 0; }
  /// Payload bytes that hold the whole field.
  size_t requiredBytes() const { return requiredBytes_; }
  /// The byte in which the field begins.
  size_t byte() const { return low_.first >> 3; }
  uint64_t mask() const { return (uint64_t{1} << (low_.length + high_.length)) - 1; }

  /// `payload` must have requiredBytes().
  uint32_t Read(const uint8_t* payload) const {
    if (simple_) return static_cast<uint32_t>(payload[byte()] >> shift_ & mask());
    return ReadParts(payload);
  }
  void Write(uint8_t* payload, uint32_t value) const;

 private:
  struct Part {
    uint16_t first = 0;
    uint8_t length = 0;
    bool motorola = false;
  };
  static Part Unpack(uint32_t packed);
  static uint32_t ReadPart(const Part& part, const uint8_t* payload);
  static void WritePart(const Part& part, uint8_t* payload, uint32_t value);
  uint32_t ReadParts(const uint8_t* payload) const;

  Part low_, high_;
  uint8_t requiredBytes_ = 0;
  bool simple_ = false;  ///< within one byte
  uint8_t shift_ = 0;    ///< of a simple field
};

/// What a checksum depends on beside the payload.
struct ChecksumRule {
  ChecksumKind kind = ChecksumKind::kNone;
  uint32_t seed = 0;
  uint32_t oddSeed = 0;  ///< instead of `seed` when the counter is odd
  uint32_t finalXor = 0;
  bool addLength = false;         ///< the payload's length is part of the sum
  uint8_t coveredBytes = 0;       ///< payload bytes the sum covers, from the start; 0 for all
  const uint8_t* list = nullptr;  ///< 16 bytes, or null
  uint32_t id = 0;
  Field checksum, counter;
};

/// The checksum that a payload should carry. The payload must have the rule's fields; not for E2E profiles 4
/// to 8.
uint32_t ExpectedChecksum(const ChecksumRule& rule, std::span<const uint8_t> payload, uint32_t counter);

}  // namespace vigil::can
