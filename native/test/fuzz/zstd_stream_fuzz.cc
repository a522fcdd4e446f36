// Compressed logs in pieces: what was compressed comes back whatever the pieces are, and anything else is
// refused or gives bytes, a bounded piece at a time.
#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <vector>

#include "core/error.h"
#include "core/zstd_codec.h"
#include "core/zstd_stream.h"
#include "test/fuzz/expect.h"

using vigil::Error;
using vigil::ZstdStream;
using vigil::fuzz::Expect;

namespace {

/// A few bytes can stand for gigabytes; enough is enough.
constexpr size_t kMostBytes = 1 << 20;

std::vector<uint8_t> Unpack(const std::vector<uint8_t>& input, size_t piece, size_t room, bool* whole) {
  ZstdStream stream;
  std::vector<uint8_t> out, part(room);
  ZstdStream::Progress progress;
  for (size_t at = 0; out.size() < kMostBytes;) {
    const size_t count = std::min(piece, input.size() - at);
    progress = stream.Decompress({input.data() + at, count}, part);
    Expect(progress.consumed <= count && progress.produced <= part.size(), "progress stays in its bounds");
    out.insert(out.end(), part.begin(), part.begin() + static_cast<ptrdiff_t>(progress.produced));
    at += progress.consumed;
    if (at == input.size() && progress.produced < part.size()) break;
    Expect(progress.consumed > 0 || progress.produced > 0, "every call gets on");
  }
  *whole = progress.between;
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  FuzzedDataProvider input(bytes, size);
  const size_t piece = input.ConsumeIntegralInRange<size_t>(1, 300);
  const size_t room = input.ConsumeIntegralInRange<size_t>(1, 300);
  const int level = input.ConsumeIntegralInRange(-5, 6);
  const size_t cut = input.ConsumeIntegral<uint16_t>();
  const auto data = input.ConsumeRemainingBytes<uint8_t>();

  // Two frames, one behind the other.
  const std::vector<uint8_t> first(data.begin(),
                                   data.begin() + static_cast<ptrdiff_t>(cut % (data.size() + 1)));
  const std::vector<uint8_t> second(data.begin() + static_cast<ptrdiff_t>(first.size()), data.end());
  auto packed = vigil::ZstdCompress(first, level);
  const auto behind = vigil::ZstdCompress(second, level);
  packed.insert(packed.end(), behind.begin(), behind.end());
  bool whole = false;
  Expect(Unpack(packed, piece, room, &whole) == data && whole, "what was compressed comes back");
  const auto damaged = [&](const std::vector<uint8_t>& frame) {
    try {
      Unpack(frame, piece, room, &whole);
    } catch (const Error& error) {
      Expect(error.code() == "ZSTD_DAMAGED", "errors have a known code");
    }
  };
  damaged(data);
  packed[cut % packed.size()] ^= 1;
  damaged(packed);
  return 0;
}
