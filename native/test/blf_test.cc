#include "can/blf.h"

#include <doctest/doctest.h>

#include <cstring>
#include <random>
#include <vector>

using vigil::can::BlfParser;
using vigil::can::kMaxPayload;
using vigil::can::MutableFrameColumns;

namespace {

using Bytes = std::vector<uint8_t>;

struct Columns {
  explicit Columns(size_t rows)
      : t(rows), id(rows), offset(rows), flags(rows), channel(rows), length(rows), data(rows * kMaxPayload) {}
  std::vector<double> t;
  std::vector<uint32_t> id, offset;
  std::vector<uint8_t> flags, channel, length, data;
  MutableFrameColumns columns() { return {t, id, flags, channel, length, offset, data}; }
};

template <class T>
void Put(Bytes& bytes, T value) {
  const auto* from = reinterpret_cast<const uint8_t*>(&value);
  bytes.insert(bytes.end(), from, from + sizeof value);
}

/// An object with a header of 32 bytes and a body of so many; the body begins with channel 1, the flags and
/// code 0 and 8, and the number as identifier.
Bytes Object(uint32_t type, uint32_t number, size_t bodyBytes) {
  Bytes bytes{'L', 'O', 'B', 'J'};
  Put<uint16_t>(bytes, 32);
  Put<uint16_t>(bytes, 1);
  Put<uint32_t>(bytes, static_cast<uint32_t>(32 + bodyBytes));
  Put<uint32_t>(bytes, type);
  Put<uint32_t>(bytes, 2);
  Put<uint32_t>(bytes, 0);
  Put<uint64_t>(bytes, number * UINT64_C(1'000'000));
  Bytes body{1, 0, 0, 8};
  Put<uint32_t>(body, number);
  body.resize(bodyBytes, 0x55);
  bytes.insert(bytes.end(), body.begin(), body.end());
  bytes.resize(bytes.size() + bodyBytes % 4);
  return bytes;
}

/// Reads the bytes in pieces cut at random, each in a buffer of its own size, so that a sanitizer sees a read
/// beyond it. Identifiers of the frames.
std::vector<uint32_t> ReadInPieces(const Bytes& bytes, std::mt19937& random, BlfParser& parser) {
  std::vector<uint32_t> ids;
  Columns out(3);
  Bytes held;
  for (size_t at = 0; at < bytes.size();) {
    const size_t size = std::min<size_t>(1 + random() % 300, bytes.size() - at);
    held.insert(held.end(), bytes.begin() + static_cast<ptrdiff_t>(at),
                bytes.begin() + static_cast<ptrdiff_t>(at + size));
    at += size;
    for (;;) {
      const Bytes piece = held;
      const auto progress = parser.Parse(piece, at, out.columns(), {});
      REQUIRE(progress.consumed <= piece.size());
      held.erase(held.begin(), held.begin() + static_cast<ptrdiff_t>(progress.consumed));
      for (size_t i = 0; i < progress.frames; ++i) {
        CHECK(out.length[i] <= kMaxPayload);
        ids.push_back(out.id[i]);
      }
      if (progress.frames < out.t.size()) break;
    }
  }
  return ids;
}

constexpr uint32_t kTypes[] = {1, 86, 100, 101, 73, 104, 96, 71, 2};
constexpr size_t kBodyBytes[] = {16, 24, 84, 104, 32, 108, 61, 37, 8};

Bytes Sample(std::vector<uint32_t>* expected) {
  Bytes bytes;
  for (uint32_t i = 0; i < 400; ++i) {
    const size_t which = i % 9;
    const Bytes object = Object(kTypes[which], i, kBodyBytes[which]);
    bytes.insert(bytes.end(), object.begin(), object.end());
    if (which < 4) expected->push_back(i);
  }
  return bytes;
}

}  // namespace

TEST_CASE("objects give the same frames however the containers cut them") {
  std::vector<uint32_t> expected;
  const Bytes bytes = Sample(&expected);
  for (unsigned seed = 0; seed < 10; ++seed) {
    std::mt19937 random(seed);
    BlfParser parser;
    auto ids = ReadInPieces(bytes, random, parser);
    // Error frames have their identifiers elsewhere.
    std::erase_if(ids, [&](uint32_t id) { return id == 0x55555555 % 0x20000000 || id == 0; });
    std::vector<uint32_t> wanted = expected;
    std::erase(wanted, 0u);
    CHECK(ids == wanted);
    CHECK(parser.damaged() == 0);
    CHECK(parser.skipped().at(96) == 44);
    CHECK(parser.skipped().at(71) == 44);
  }
}

TEST_CASE("damaged objects cost themselves, not the file") {
  std::vector<uint32_t> expected;
  const Bytes bytes = Sample(&expected);
  size_t frames = 0;
  uint64_t damaged = 0;
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    Bytes changed = bytes;
    for (int i = 0; i < 5; ++i) changed[random() % changed.size()] = static_cast<uint8_t>(random());
    BlfParser parser;
    frames += ReadInPieces(changed, random, parser).size();
    damaged += parser.damaged();
    CHECK(parser.problems().size() <= BlfParser::kMaxProblems);
  }
  CHECK(damaged > 100);
  CHECK(frames > 200 * expected.size() * 9 / 10);
}

TEST_CASE("what follows a loss is found again") {
  const Bytes first = Object(1, 7, 16), second = Object(1, 8, 16);
  Bytes bytes(first.begin() + 20, first.end());
  bytes.insert(bytes.end(), second.begin(), second.end());
  Columns out(4);
  BlfParser parser;
  parser.Resynchronise();
  const auto progress = parser.Parse(bytes, 0, out.columns(), {});
  CHECK(progress.frames == 1);
  CHECK(out.id[0] == 8);
  CHECK(out.t[0] == 8.0);
  CHECK(parser.damaged() == 0);
}

TEST_CASE("a request to transmit is no frame") {
  Bytes bytes = Object(1, 7, 16);
  bytes[34] = 2;
  Columns out(4);
  BlfParser parser;
  CHECK(parser.Parse(bytes, 0, out.columns(), {}).frames == 0);
  CHECK(parser.requests() == 1);
}
