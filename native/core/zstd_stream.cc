#include "core/zstd_stream.h"

#include <zstd.h>

#include <new>
#include <string>

#include "core/error.h"

namespace vigil {

void ZstdStream::Free::operator()(ZSTD_DCtx_s* context) const { ZSTD_freeDCtx(context); }

ZstdStream::ZstdStream() : context_(ZSTD_createDCtx()) {
  if (!context_) throw std::bad_alloc();
}

ZstdStream::~ZstdStream() = default;

ZstdStream::Progress ZstdStream::Decompress(std::span<const uint8_t> input, std::span<uint8_t> output) {
  ZSTD_inBuffer in{input.data(), input.size(), 0};
  ZSTD_outBuffer out{output.data(), output.size(), 0};
  // What did not fit the output stays inside the context, so that an empty input may still produce.
  for (;;) {
    const size_t consumed = in.pos, produced = out.pos;
    const size_t wanted = ZSTD_decompressStream(context_.get(), &out, &in);
    if (ZSTD_isError(wanted) != 0) {
      throw Error("ZSTD_DAMAGED", std::string("Expected sound zstd data but it is damaged: ") +
                                      ZSTD_getErrorName(wanted) + ".");
    }
    if (in.pos == consumed && out.pos == produced) break;
    between_ = wanted == 0;
    if (out.pos == out.size) break;
  }
  return {in.pos, out.pos, between_};
}

}  // namespace vigil
