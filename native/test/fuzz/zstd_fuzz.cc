// Chunks of a recording: what was compressed comes back, and damaged data is refused without reserving memory
// on its word.
#include <fuzzer/FuzzedDataProvider.h>

#include <vector>

#include "core/error.h"
#include "core/zstd_codec.h"
#include "test/fuzz/expect.h"

using vigil::Error;
using vigil::fuzz::Expect;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  FuzzedDataProvider input(bytes, size);
  const int level = input.ConsumeIntegralInRange(-5, 12);
  const size_t expected = input.ConsumeIntegralInRange<size_t>(0, 1 << 17);
  const size_t flip = input.ConsumeIntegral<uint32_t>();
  const auto data = input.ConsumeRemainingBytes<uint8_t>();

  auto compressed = vigil::ZstdCompress(data, level);
  vigil::ZstdExpectSize(compressed, data.size());
  std::vector<uint8_t> back(data.size());
  vigil::ZstdDecompress(compressed, back);
  Expect(back == data, "what was compressed comes back");

  const auto refuseOrFill = [](const std::vector<uint8_t>& frame, size_t announced) {
    try {
      vigil::ZstdExpectSize(frame, announced);
      std::vector<uint8_t> out(announced);
      vigil::ZstdDecompress(frame, out);
    } catch (const Error& error) {
      Expect(error.code() == "ZSTD_DAMAGED", "errors have a known code");
    }
  };
  refuseOrFill(data, expected);
  compressed[flip % compressed.size()] ^= static_cast<uint8_t>(1 + (flip >> 24) % 255);
  refuseOrFill(compressed, data.size());
  compressed.resize(flip % compressed.size());
  refuseOrFill(compressed, data.size());
  return 0;
}
