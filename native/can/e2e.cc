#include "can/e2e.h"

#include "can/crc.h"

namespace vigil::can {
namespace {

constexpr uint8_t kAbsent = 0xff;

/// Where a header's members lie, in bytes from its start, and how wide they are. All big endian, except the
/// CRC of profile 5.
struct Layout {
  uint8_t bytes;
  uint8_t crc, crcBytes;
  uint8_t length, lengthBytes;
  uint8_t counter, counterBytes;
  uint8_t dataId;  ///< 4 bytes where it is sent
};

constexpr Layout kP04{12, 8, 4, 0, 2, 2, 2, 4};
constexpr Layout kP05{3, 0, 2, kAbsent, 0, 2, 1, kAbsent};
constexpr Layout kP06{5, 0, 2, 2, 2, 4, 1, kAbsent};
constexpr Layout kP07{20, 0, 8, 8, 4, 12, 4, 16};
constexpr Layout kP08{16, 0, 4, 4, 4, 8, 4, 12};

const Layout& LayoutOf(ChecksumKind profile) {
  switch (profile) {
    case ChecksumKind::kE2eP04:
      return kP04;
    case ChecksumKind::kE2eP05:
      return kP05;
    case ChecksumKind::kE2eP06:
      return kP06;
    case ChecksumKind::kE2eP07:
      return kP07;
    default:
      return kP08;
  }
}

uint64_t ReadBigEndian(std::span<const uint8_t> bytes) {
  uint64_t value = 0;
  for (const uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

void WriteBigEndian(std::span<uint8_t> bytes, uint64_t value) {
  for (size_t i = bytes.size(); i-- > 0; value >>= 8) bytes[i] = static_cast<uint8_t>(value);
}

uint16_t SwapBytes(uint16_t value) { return static_cast<uint16_t>(value << 8 | value >> 8); }

/// The CRC as the header carries it, read big endian.
uint64_t Crc(ChecksumKind profile, std::span<const uint8_t> payload, size_t offset, uint32_t dataId) {
  const Layout& layout = LayoutOf(profile);
  const auto before = payload.first(offset + layout.crc);
  const auto after = payload.subspan(offset + layout.crc + layout.crcBytes);
  const auto idLow = static_cast<uint8_t>(dataId), idHigh = static_cast<uint8_t>(dataId >> 8);
  switch (profile) {
    case ChecksumKind::kE2eP05: {
      uint16_t crc = kCrc16Ccitt.Update(kCrc16Ccitt.Update(0xffff, before), after);
      crc = kCrc16Ccitt.Update(kCrc16Ccitt.Update(crc, idLow), idHigh);
      return SwapBytes(crc);
    }
    case ChecksumKind::kE2eP06: {
      const uint16_t crc = kCrc16Ccitt.Update(kCrc16Ccitt.Update(0xffff, before), after);
      return kCrc16Ccitt.Update(kCrc16Ccitt.Update(crc, idHigh), idLow);
    }
    case ChecksumKind::kE2eP07:
      return ~kCrc64.Update(kCrc64.Update(~uint64_t{0}, before), after);
    default:
      return ~kCrc32P4.Update(kCrc32P4.Update(~uint32_t{0}, before), after);
  }
}

}  // namespace

size_t E2eHeaderBytes(ChecksumKind profile) { return LayoutOf(profile).bytes; }

uint32_t E2eCounter(ChecksumKind profile, std::span<const uint8_t> payload, size_t offset) {
  const Layout& layout = LayoutOf(profile);
  return static_cast<uint32_t>(ReadBigEndian(payload.subspan(offset + layout.counter, layout.counterBytes)));
}

bool E2eHeaderRight(ChecksumKind profile, std::span<const uint8_t> payload, size_t offset, uint32_t dataId) {
  const Layout& layout = LayoutOf(profile);
  const auto header = payload.subspan(offset, layout.bytes);
  if (layout.length != kAbsent &&
      ReadBigEndian(header.subspan(layout.length, layout.lengthBytes)) != payload.size()) {
    return false;
  }
  if (layout.dataId != kAbsent && ReadBigEndian(header.subspan(layout.dataId, 4)) != dataId) return false;
  return ReadBigEndian(header.subspan(layout.crc, layout.crcBytes)) == Crc(profile, payload, offset, dataId);
}

void E2eWriteHeader(ChecksumKind profile, std::span<uint8_t> payload, size_t offset, uint32_t dataId,
                    uint32_t counter) {
  const Layout& layout = LayoutOf(profile);
  const auto header = payload.subspan(offset, layout.bytes);
  if (layout.length != kAbsent)
    WriteBigEndian(header.subspan(layout.length, layout.lengthBytes), payload.size());
  WriteBigEndian(header.subspan(layout.counter, layout.counterBytes), counter);
  if (layout.dataId != kAbsent) WriteBigEndian(header.subspan(layout.dataId, 4), dataId);
  WriteBigEndian(header.subspan(layout.crc, layout.crcBytes), Crc(profile, payload, offset, dataId));
}

}  // namespace vigil::can
