#include "core/zstd_codec.h"

#include <zstd.h>

#include <string>

#include "core/error.h"

namespace vigil {

std::vector<uint8_t> ZstdCompress(std::span<const uint8_t> data, int level) {
  std::vector<uint8_t> out(ZSTD_compressBound(data.size()));
  const size_t size = ZSTD_compress(out.data(), out.size(), data.data(), data.size(), level);
  if (ZSTD_isError(size) != 0) {
    throw Error("ZSTD_FAILED", std::string("Compressing failed: ") + ZSTD_getErrorName(size) + ".");
  }
  out.resize(size);
  return out;
}

void ZstdDecompress(std::span<const uint8_t> data, std::span<uint8_t> out) {
  const size_t size = ZSTD_decompress(out.data(), out.size(), data.data(), data.size());
  if (ZSTD_isError(size) != 0) {
    throw Error("ZSTD_DAMAGED", std::string("Expected a whole zstd frame but it is damaged: ") +
                                    ZSTD_getErrorName(size) + ".");
  }
  if (size != out.size()) {
    throw Error("ZSTD_DAMAGED", "Expected " + std::to_string(out.size()) +
                                    " bytes from a zstd frame but it held " + std::to_string(size) + ".");
  }
}

}  // namespace vigil
