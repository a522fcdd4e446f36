#include "core/zstd_stream.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/zstd_codec.h"

namespace {

std::vector<uint8_t> Content(size_t size) {
  std::vector<uint8_t> data(size);
  for (size_t i = 0; i < size; ++i) data[i] = static_cast<uint8_t>((i * i) >> 7);
  return data;
}

}  // namespace

TEST_CASE("frames that follow one another come out whole, whatever the pieces are") {
  const std::vector<uint8_t> content = Content(300000);
  std::vector<uint8_t> packed = vigil::ZstdCompress(content, 3);
  const size_t one = packed.size();
  packed.insert(packed.end(), packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(one));
  for (const size_t piece : {size_t{1}, size_t{777}, packed.size()}) {
    vigil::ZstdStream stream;
    std::vector<uint8_t> out, buffer(4096);
    bool between = false;
    for (size_t at = 0; at < packed.size();) {
      const size_t size = std::min(piece, packed.size() - at);
      const auto done = stream.Decompress({packed.data() + at, size}, buffer);
      at += done.consumed;
      between = done.between;
      out.insert(out.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(done.produced));
    }
    for (size_t more = buffer.size(); more == buffer.size();) {
      const auto done = stream.Decompress({}, buffer);
      more = done.produced;
      between = done.between;
      out.insert(out.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(done.produced));
    }
    CHECK(between);
    REQUIRE(out.size() == 2 * content.size());
    CHECK(std::equal(content.begin(), content.end(), out.begin()));
  }
}

TEST_CASE("data that end early or are damaged say so") {
  const std::vector<uint8_t> packed = vigil::ZstdCompress(Content(10000), 3);
  std::vector<uint8_t> buffer(65536);
  vigil::ZstdStream cut;
  CHECK_FALSE(cut.Decompress({packed.data(), packed.size() / 2}, buffer).between);
  vigil::ZstdStream damaged;
  std::vector<uint8_t> wrong = packed;
  wrong[0] ^= 0xff;
  CHECK_THROWS_AS(damaged.Decompress(wrong, buffer), vigil::Error);
}
