// What the fuzzers in native/test/fuzz found, kept where no clang is needed.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "can/blf.h"
#include "can/message_index.h"
#include "can/mf4.h"

using vigil::can::BlfParser;
using vigil::can::kMaxPayload;
using vigil::can::Mf4Group;
using vigil::can::Mf4Records;
using vigil::can::MutableFrameColumns;

namespace {

struct Columns {
  std::vector<double> t = std::vector<double>(8);
  std::vector<uint32_t> id = std::vector<uint32_t>(8), offset = std::vector<uint32_t>(8);
  std::vector<uint8_t> flags = std::vector<uint8_t>(8), channel = std::vector<uint8_t>(8),
                       length = std::vector<uint8_t>(8), data = std::vector<uint8_t>(8 * kMaxPayload);

  MutableFrameColumns view() { return {t, id, flags, channel, length, offset, data}; }
};

}  // namespace

TEST_CASE("a container that ends within an object's signature is no damage") {
  // An object that is no frame, 8 bytes of padding, the same object again.
  const std::string object = std::string("LOBJ\x10\0\x01\0\x10\0\0\0\x41\0\0\0", 16);
  const std::string text = object + std::string(8, '\0') + object;
  const std::vector<uint8_t> bytes(text.begin(), text.end());
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    BlfParser parser;
    Columns columns;
    const auto first = parser.Parse({bytes.data(), cut}, 0, columns.view(), {});
    REQUIRE(first.consumed <= cut);
    const std::vector<uint8_t> rest(bytes.begin() + static_cast<ptrdiff_t>(first.consumed), bytes.end());
    parser.Parse(rest, 0, columns.view(), {});
    CHECK(parser.damaged() == 0);
    CHECK(parser.skipped() == std::map<uint32_t, uint64_t>{{0x41, 2}});
  }
}

TEST_CASE("an MF4 field of no bits is 0, wherever it claims to lie") {
  Mf4Group group;
  group.recordBytes = 4;
  group.kind = Mf4Group::Kind::kData;
  group.timeFactor = 1000;
  group.id = {.byte = 0, .bit = 0, .bits = 8};
  group.time = {.byte = 1u << 30, .bit = 0, .bits = 0, .bigEndian = true, .isSigned = true};
  Mf4Records records({group}, 0, 0, false);
  Columns columns;
  const std::vector<uint8_t> bytes{0x12, 0, 0, 0};
  const auto progress = records.Parse(bytes, true, columns.view(), {});
  REQUIRE(progress.frames == 1);
  CHECK(columns.t[0] == 0);
  CHECK(columns.id[0] == 0x12);
}

TEST_CASE("a number of more than 29 bits is no identifier, and no J1939 group either") {
  const std::vector<uint32_t> keys{0xc0000000 | 0x18fef100};
  const vigil::can::MessageIndex index(keys);
  CHECK(index.Find(0x0cfef117, true) == 0);
  for (const uint32_t id : {0x80fef100u, 0xc0fef100u, 0x38fef100u, 0x98fef100u}) {
    CHECK(index.Find(id, true) == vigil::can::kNoMessage);
  }
}
