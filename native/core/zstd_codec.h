#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vigil {

/// One zstd frame holding `data`. @throws Error ZSTD_FAILED
std::vector<uint8_t> ZstdCompress(std::span<const uint8_t> data, int level);

/// Refuses a frame whose header is damaged or declares another content size, before anyone reserves that much
/// memory on its word. @throws Error ZSTD_DAMAGED
void ZstdExpectSize(std::span<const uint8_t> data, size_t size);

/// Decompresses one zstd frame into exactly `out`. @throws Error ZSTD_DAMAGED when the data is damaged or of
/// another size
void ZstdDecompress(std::span<const uint8_t> data, std::span<uint8_t> out);

}  // namespace vigil
