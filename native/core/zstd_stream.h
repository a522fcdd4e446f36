#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

struct ZSTD_DCtx_s;

namespace vigil {

/// Decompresses zstd data that comes in pieces; frames may follow one another. Holds one window (at most
/// 128 MiB, and only if the data asks for it) and nothing of what went through.
class ZstdStream {
 public:
  struct Progress {
    size_t consumed = 0;  ///< bytes of the input that are done with
    size_t produced = 0;  ///< bytes in the output
    bool between = true;  ///< no frame is half read: a place where the data may end
  };

  ZstdStream();
  ~ZstdStream();
  ZstdStream(const ZstdStream&) = delete;
  ZstdStream& operator=(const ZstdStream&) = delete;

  /// Goes on until the input is used up or the output is full; call again with the rest.
  /// @throws Error ZSTD_DAMAGED
  Progress Decompress(std::span<const uint8_t> input, std::span<uint8_t> output);

 private:
  struct Free {
    void operator()(ZSTD_DCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_DCtx_s, Free> context_;
  bool between_ = true;
};

}  // namespace vigil
