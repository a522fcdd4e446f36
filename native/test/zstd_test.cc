#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/zstd_codec.h"

namespace {

std::vector<uint8_t> Noise(size_t size, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<uint8_t> data(size);
  for (uint8_t& byte : data) byte = static_cast<uint8_t>(random() % 17);  // compressible, but not trivially
  return data;
}

std::string CodeOf(const std::vector<uint8_t>& frame, size_t size) {
  std::vector<uint8_t> out(size);
  try {
    vigil::ZstdDecompress(frame, out);
  } catch (const vigil::Error& error) {
    return error.code();
  }
  return "";
}

}  // namespace

TEST_CASE("zstd: round trip at every level and awkward size") {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{100}, size_t{65536}, size_t{300001}}) {
    for (const int level : {1, 3, 9}) {
      const auto data = Noise(size, static_cast<uint32_t>(size) + 1);
      const auto frame = vigil::ZstdCompress(data, level);
      std::vector<uint8_t> back(size, 0xEE);
      vigil::ZstdDecompress(frame, back);
      CHECK(back == data);
    }
  }
}

TEST_CASE("zstd: a frame starts with the format's magic number") {
  const auto frame = vigil::ZstdCompress(Noise(10, 1), 1);
  REQUIRE(frame.size() > 4);
  CHECK(frame[0] == 0x28);
  CHECK(frame[1] == 0xB5);
  CHECK(frame[2] == 0x2F);
  CHECK(frame[3] == 0xFD);
}

TEST_CASE("zstd: every truncation is noticed") {
  const auto data = Noise(2000, 3);
  const auto frame = vigil::ZstdCompress(data, 1);
  for (size_t size = 0; size < frame.size(); ++size) {
    REQUIRE(CodeOf({frame.begin(), frame.begin() + static_cast<ptrdiff_t>(size)}, data.size()) ==
            "ZSTD_DAMAGED");
  }
}

TEST_CASE("zstd: a wrong size is noticed, larger or smaller") {
  const auto frame = vigil::ZstdCompress(Noise(1000, 4), 1);
  CHECK(CodeOf(frame, 1000).empty());
  CHECK(CodeOf(frame, 999) == "ZSTD_DAMAGED");
  CHECK(CodeOf(frame, 1001) == "ZSTD_DAMAGED");
  CHECK(CodeOf(frame, 0) == "ZSTD_DAMAGED");
}

TEST_CASE("zstd: rubbish before, instead of or behind a frame is noticed") {
  auto frame = vigil::ZstdCompress(Noise(1000, 5), 1);
  auto damaged = frame;
  damaged[0] ^= 1;
  CHECK(CodeOf(damaged, 1000) == "ZSTD_DAMAGED");
  CHECK(CodeOf(Noise(500, 6), 1000) == "ZSTD_DAMAGED");
  frame.push_back(0);
  CHECK(CodeOf(frame, 1000) == "ZSTD_DAMAGED");
}

TEST_CASE("zstd: flipped bits never do worse than an error or other bytes of the right size") {
  const auto data = Noise(5000, 7);
  const auto frame = vigil::ZstdCompress(data, 3);
  std::mt19937 random(8);
  for (int round = 0; round < 500; ++round) {
    auto damaged = frame;
    damaged[random() % damaged.size()] ^= static_cast<uint8_t>(1U << (random() % 8));
    const std::string code = CodeOf(damaged, data.size());
    REQUIRE((code.empty() || code == "ZSTD_DAMAGED"));
  }
}

TEST_CASE("zstd: the size a frame declares is known before memory is asked for") {
  const auto frame = vigil::ZstdCompress(Noise(1000, 9), 1);
  CHECK_NOTHROW(vigil::ZstdExpectSize(frame, 1000));
  CHECK_THROWS_AS(vigil::ZstdExpectSize(frame, size_t{1} << 31), vigil::Error);
  CHECK_THROWS_AS(vigil::ZstdExpectSize(Noise(50, 10), 1000), vigil::Error);
  CHECK_THROWS_AS(vigil::ZstdExpectSize({}, 1000), vigil::Error);
}
