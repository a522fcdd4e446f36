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

void ZstdExpectSize(std::span<const uint8_t> data, size_t size) {
  const unsigned long long declared = ZSTD_getFrameContentSize(data.data(), data.size());
  if (declared == ZSTD_CONTENTSIZE_ERROR) {
    throw Error("ZSTD_DAMAGED", "Expected a zstd frame but the data does not begin as one.");
  }
  // A frame need not declare its size; then decompressing finds out.
  if (declared != ZSTD_CONTENTSIZE_UNKNOWN && declared != size) {
    throw Error("ZSTD_DAMAGED", "Expected " + std::to_string(size) +
                                    " bytes from a zstd frame but it declares " + std::to_string(declared) +
                                    ".");
  }
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
