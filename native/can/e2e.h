#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "can/checksum.h"

namespace vigil::can {

/// Bytes of the header of E2E profiles 4 to 8.
size_t E2eHeaderBytes(ChecksumKind profile);

/// The counter of a header; `payload` must hold it at `offset`.
uint32_t E2eCounter(ChecksumKind profile, std::span<const uint8_t> payload, size_t offset);

/// Whether CRC, length and Data ID of the header at `offset` are right.
bool E2eHeaderRight(ChecksumKind profile, std::span<const uint8_t> payload, size_t offset, uint32_t dataId);

/// Writes the header: length, counter, Data ID where the profile sends it, and the CRC over all of that.
void E2eWriteHeader(ChecksumKind profile, std::span<uint8_t> payload, size_t offset, uint32_t dataId,
                    uint32_t counter);

}  // namespace vigil::can
