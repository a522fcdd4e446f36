#include "can/mf4.h"

#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "core/error.h"

using vigil::can::kMaxPayload;
using vigil::can::Mf4Field;
using vigil::can::Mf4Group;
using vigil::can::Mf4Records;
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

Mf4Field Unsigned(uint32_t byte, uint8_t bit, uint8_t bits) {
  Mf4Field field;
  field.byte = byte;
  field.bit = bit;
  field.bits = bits;
  return field;
}

/// Time (8 bytes, ns), identifier (4), length (1), then payload (8) or the offset of its value (8).
Mf4Group DataGroup(uint64_t recordId, int32_t sequence) {
  Mf4Group group;
  group.recordId = recordId;
  group.recordBytes = 21;
  group.kind = Mf4Group::Kind::kData;
  group.sequence = sequence;
  group.timeDivisor = 1e6;
  group.time = Unsigned(0, 0, 64);
  group.id = Unsigned(8, 0, 29);
  group.extended = Unsigned(11, 7, 1);
  group.length = Unsigned(12, 0, 8);
  group.data = Unsigned(13, 0, sequence < 0 ? 8 : 64);
  return group;
}

Mf4Group Values(uint64_t recordId, int32_t sequence) {
  Mf4Group group;
  group.recordId = recordId;
  group.kind = Mf4Group::Kind::kVariable;
  group.sequence = sequence;
  return group;
}

template <class T>
void Put(Bytes& bytes, T value) {
  const auto* from = reinterpret_cast<const uint8_t*>(&value);
  bytes.insert(bytes.end(), from, from + sizeof value);
}

void PutFrame(Bytes& bytes, uint32_t number, uint8_t length, uint64_t dataOrOffset) {
  Put<uint64_t>(bytes, number * UINT64_C(1'000'000));
  Put<uint32_t>(bytes, number);
  Put<uint8_t>(bytes, length);
  Put<uint64_t>(bytes, dataOrOffset);
}

/// Frames whose values come before or behind them, by turns; every payload byte is the frame's number.
Bytes Unsorted(uint32_t frames) {
  Bytes bytes;
  uint64_t offset = 0;
  for (uint32_t i = 0; i < frames; ++i) {
    const uint8_t length = i % 65;
    Bytes value{2};
    Put<uint32_t>(value, length);
    value.resize(value.size() + length, static_cast<uint8_t>(i));
    if (i % 3 == 0) bytes.insert(bytes.end(), value.begin(), value.end());
    bytes.push_back(1);
    PutFrame(bytes, i, length, offset);
    if (i % 3 != 0) bytes.insert(bytes.end(), value.begin(), value.end());
    offset += 4 + length;
  }
  return bytes;
}

/// Reads in pieces cut at random, each in a buffer of its own size, so that a sanitizer sees a read beyond
/// it. Identifiers of the frames; `values` is what is left of the sequence 0.
std::vector<uint32_t> ReadInPieces(const Bytes& bytes, std::mt19937& random, Mf4Records& records,
                                   Bytes values = {}) {
  std::vector<uint32_t> ids;
  Columns out(3);
  Bytes held;
  size_t at = 0;
  bool last = false;
  while (!last) {
    const size_t size = std::min<size_t>(1 + random() % 300, bytes.size() - at);
    held.insert(held.end(), bytes.begin() + static_cast<ptrdiff_t>(at),
                bytes.begin() + static_cast<ptrdiff_t>(at + size));
    at += size;
    last = at == bytes.size();
    for (;;) {
      const Bytes piece = held;
      const auto progress = records.Parse(piece, last, out.columns(), {});
      REQUIRE(progress.consumed <= piece.size());
      held.erase(held.begin(), held.begin() + static_cast<ptrdiff_t>(progress.consumed));
      for (size_t i = 0; i < progress.frames; ++i) {
        REQUIRE(out.length[i] <= kMaxPayload);
        if (out.length[i] > 0) CHECK(out.data[out.offset[i]] == static_cast<uint8_t>(out.id[i]));
        ids.push_back(out.id[i]);
      }
      if (progress.wanted > 0) {
        REQUIRE(progress.wanted == 1);
        const size_t more = std::min<size_t>(values.size(), 1 + random() % 50);
        records.Append(0, Bytes(values.begin(), values.begin() + static_cast<ptrdiff_t>(more)), more == 0);
        values.erase(values.begin(), values.begin() + static_cast<ptrdiff_t>(more));
      } else if (progress.frames < out.t.size()) {
        break;
      }
    }
  }
  return ids;
}

std::vector<uint32_t> Numbers(uint32_t count) {
  std::vector<uint32_t> numbers(count);
  for (uint32_t i = 0; i < count; ++i) numbers[i] = i;
  return numbers;
}

}  // namespace

TEST_CASE("values before and behind their records give frames in the records' order") {
  const Bytes bytes = Unsorted(300);
  for (unsigned seed = 0; seed < 10; ++seed) {
    std::mt19937 random(seed);
    Mf4Records records({DataGroup(1, 0), Values(2, 0)}, 1, 1, seed % 2 == 1);
    CHECK(ReadInPieces(bytes, random, records) == Numbers(300));
    CHECK(records.damaged() == 0);
    CHECK(records.counts() == std::vector<uint64_t>{300, 300});
  }
}

TEST_CASE("values in blocks of their own are asked for") {
  Bytes bytes, values;
  for (uint32_t i = 0; i < 300; ++i) {
    const uint8_t length = i % 65;
    PutFrame(bytes, i, length, values.size());
    Put<uint32_t>(values, length);
    values.resize(values.size() + length, static_cast<uint8_t>(i));
  }
  std::mt19937 random(1);
  Mf4Records records({DataGroup(0, 0)}, 0, 1, false);
  CHECK(ReadInPieces(bytes, random, records, values) == Numbers(300));
  CHECK(records.damaged() == 0);
}

TEST_CASE("a value that never comes costs its frame") {
  Bytes bytes{1};
  PutFrame(bytes, 5, 3, 1000);
  std::mt19937 random(1);
  Mf4Records records({DataGroup(1, 0), Values(2, 0)}, 1, 1, false);
  CHECK(ReadInPieces(bytes, random, records).empty());
  CHECK(records.damaged() == 1);
}

TEST_CASE("damaged records stay inside of their bounds") {
  const Bytes bytes = Unsorted(200);
  uint64_t damaged = 0;
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    Bytes changed = bytes;
    // Record ids and lengths of values, where damage does most.
    for (int i = 0; i < 4; ++i)
      changed[random() % changed.size()] ^= static_cast<uint8_t>(1u << random() % 8);
    Mf4Records records({DataGroup(1, 0), Values(2, 0)}, 1, 1, false);
    Columns out(50);
    for (size_t at = 0;;) {
      const Bytes rest(changed.begin() + static_cast<ptrdiff_t>(at), changed.end());
      const auto progress = records.Parse(rest, true, out.columns(), {});
      at += progress.consumed;
      if (progress.frames < out.t.size()) break;
    }
    damaged += records.damaged();
  }
  CHECK(damaged > 50);
}

TEST_CASE("fields beyond their record are refused") {
  const auto make = [](const Mf4Group& group, uint32_t idBytes) {
    return Mf4Records({group}, idBytes, 1, false);
  };
  Mf4Group group = DataGroup(0, -1);
  CHECK_NOTHROW(make(group, 0));
  CHECK_THROWS_AS(make(group, 3), vigil::Error);
  group.data.byte = 14;
  CHECK_THROWS_AS(make(group, 0), vigil::Error);
  group = DataGroup(0, -1);
  group.id = Unsigned(20, 0, 29);
  CHECK_THROWS_AS(make(group, 0), vigil::Error);
  group = DataGroup(0, 1);
  CHECK_THROWS_AS(make(group, 0), vigil::Error);
}

TEST_CASE("a transposed block comes back") {
  constexpr size_t kColumns = 23, kSize = 23 * 150 + 7;
  Bytes plain(kSize), transposed(kSize), out(kSize);
  for (size_t i = 0; i < kSize; ++i) plain[i] = static_cast<uint8_t>(i * 7);
  for (size_t i = 0; i < kSize; ++i) {
    const size_t row = i / kColumns, column = i % kColumns;
    transposed[row < 150 ? column * 150 + row : i] = plain[i];
  }
  vigil::can::Untranspose(transposed, kColumns, out);
  CHECK(out == plain);
  vigil::can::Untranspose(plain, 0, out);
  CHECK(out == plain);
}
