#include "can/decode_plan.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <random>
#include <vector>

#include "core/error.h"

using vigil::Error;
using vigil::can::DecodePlan;
using vigil::can::FrameColumns;
using vigil::can::kMotorola;
using vigil::can::kSigned;
using vigil::can::PlanColumns;

namespace {

/// One message with identifier 5 whose signals all have factor 1 and offset 0.
struct Plan {
  std::vector<uint32_t> key{5};
  std::vector<uint16_t> messageBytes{8};
  std::vector<uint32_t> signalStart{0, 0};
  std::vector<uint16_t> firstBit;
  std::vector<uint8_t> bitLength, kind;
  std::vector<double> factor, offset;
  std::vector<int32_t> switchIndex;
  std::vector<uint32_t> rangeStart{0};
  std::vector<int64_t> rangeLow, rangeHigh;

  void Add(uint16_t first, uint8_t length, uint8_t kindBits) {
    firstBit.push_back(first);
    bitLength.push_back(length);
    kind.push_back(kindBits);
    factor.push_back(1);
    offset.push_back(0);
    switchIndex.push_back(-1);
    rangeStart.push_back(static_cast<uint32_t>(rangeLow.size()));
    ++signalStart[1];
  }

  PlanColumns columns() const {
    return {key,    messageBytes, signalStart, firstBit,   bitLength, kind,
            factor, offset,       switchIndex, rangeStart, rangeLow,  rangeHigh};
  }
};

/// Vectors sized to the byte, so that a sanitizer sees a read beyond them.
struct Frames {
  std::vector<double> t;
  std::vector<uint32_t> id, offset;
  std::vector<uint8_t> flags, channel, length, data;

  FrameColumns columns() const { return {t, id, flags, channel, length, offset, data}; }
};

/// Bit by bit, in the plan's reading order.
double Reference(const Frames& frames, size_t row, uint16_t first, uint8_t length, uint8_t kind) {
  uint64_t raw = 0;
  for (int i = 0; i < length; ++i) {
    const int position = first + i;
    const int byte = position / 8;
    if (byte >= frames.length[row]) return std::nan("");
    const bool motorola = kind & kMotorola;
    const int shift = motorola ? 7 - position % 8 : position % 8;
    const uint64_t bit = frames.data[frames.offset[row] + static_cast<size_t>(byte)] >> shift & 1;
    raw |= bit << (motorola ? length - 1 - i : i);
  }
  if (kind & kSigned) return static_cast<double>(static_cast<int64_t>(raw << (64 - length)) >> (64 - length));
  return static_cast<double>(raw);
}

}  // namespace

TEST_CASE("decoding equals reading bit by bit and stays inside the data") {
  std::mt19937 random(20240607);
  for (int round = 0; round < 300; ++round) {
    const bool fd = round % 2;
    const unsigned bytes = fd ? 9 + random() % 56 : 1 + random() % 8;
    Plan plan;
    plan.messageBytes[0] = static_cast<uint16_t>(bytes);
    for (int s = 0; s < 10; ++s) {
      const auto length = static_cast<uint8_t>(1 + random() % 64);
      if (length > bytes * 8) continue;
      plan.Add(static_cast<uint16_t>(random() % (bytes * 8 - length + 1)), length, random() % 4);
    }
    Frames frames;
    const size_t count = random() % 20;
    for (size_t i = 0; i < count; ++i) {
      const auto length = static_cast<uint8_t>(random() % 4 ? bytes : random() % (bytes + 1));
      frames.t.push_back(static_cast<double>(i));
      frames.id.push_back(random() % 5 ? 5 : 6);
      frames.flags.push_back(0);
      frames.channel.push_back(0);
      frames.length.push_back(length);
      frames.offset.push_back(static_cast<uint32_t>(frames.data.size()));
      for (unsigned k = 0; k < length; ++k) frames.data.push_back(static_cast<uint8_t>(random()));
    }
    frames.data.shrink_to_fit();

    DecodePlan decoder(plan.columns(), -1);
    decoder.Assign(frames.columns());
    std::vector<double> times(decoder.rowCount()), values(decoder.valueCount());
    decoder.Extract(times, values);
    CHECK(decoder.rowCount() + decoder.passed().unknown == count);
    for (size_t s = 0; s < plan.firstBit.size(); ++s) {
      size_t row = 0;
      for (size_t i = 0; i < count; ++i) {
        if (frames.id[i] != 5) continue;
        const double expected = Reference(frames, i, plan.firstBit[s], plan.bitLength[s], plan.kind[s]);
        const double actual = values[s * decoder.rows(0) + row++];
        const bool same = std::isnan(expected)
                              ? std::isnan(actual)
                              : std::bit_cast<uint64_t>(expected) == std::bit_cast<uint64_t>(actual);
        CHECK_MESSAGE(same, "signal ", s, " frame ", i, ": ", actual, " instead of ", expected);
      }
    }
  }
}

TEST_CASE("payloads outside the data are refused and leave no rows") {
  Plan plan;
  plan.Add(0, 64, 0);
  DecodePlan decoder(plan.columns(), -1);
  Frames frames{{0}, {5}, {0}, {0}, {0}, {8}, std::vector<uint8_t>(8)};
  decoder.Assign(frames.columns());
  CHECK(decoder.rowCount() == 1);
  for (const uint32_t offset : {1u, 8u, 0xfffffff8u, 0xffffffffu}) {
    frames.offset[0] = offset;
    CHECK_THROWS_AS(decoder.Assign(frames.columns()), Error);
    CHECK(decoder.rowCount() == 0);
    CHECK(decoder.valueCount() == 0);
  }
}

TEST_CASE("extended identifiers are found, absent ones are not") {
  std::mt19937 random(7);
  Plan plan;
  plan.key.clear();
  plan.messageBytes.clear();
  plan.signalStart = {0};
  for (uint32_t i = 0; i < 500; ++i) {
    plan.key.push_back(0x80000000u | (i * 1000003u & 0x1ffffffe));
    plan.messageBytes.push_back(0);
    plan.signalStart.push_back(0);
  }
  DecodePlan decoder(plan.columns(), -1);
  Frames frames;
  for (const uint32_t key : plan.key) {
    for (const uint32_t id : {key & 0x1fffffff, (key & 0x1fffffff) | 1}) {
      frames.t.push_back(0);
      frames.id.push_back(id);
      frames.flags.push_back(vigil::can::kExtended);
      frames.channel.push_back(0);
      frames.length.push_back(0);
      frames.offset.push_back(0);
    }
  }
  decoder.Assign(frames.columns());
  CHECK(decoder.rowCount() == 500);
  CHECK(decoder.passed().unknown == 500);
}

TEST_CASE("latest values: the newest sound frame that holds the signal; the others stay") {
  Plan plan;
  plan.Add(0, 8, 0);
  plan.Add(56, 8, 0);
  DecodePlan decoder(plan.columns(), -1);
  // The last frame is short, the one before refused; so the second signal comes from the first frame.
  const Frames frames{{1, 2, 3},
                      {5, 5, 5},
                      {0, 8, 16},
                      {0, 0, 0},
                      {0, 0, 0},
                      {8, 8, 1},
                      {10, 0, 0, 0, 0, 0, 0, 11, 20, 0, 0, 0, 0, 0, 0, 21, 30}};
  const std::vector<uint8_t> verdicts{1, 6, 1};
  std::vector<double> times(2, -1), values(2, -1);
  decoder.AssignLatest(frames.columns(), verdicts);
  decoder.ExtractLatest(times, values);
  CHECK(times == std::vector<double>{3, 1});
  CHECK(values == std::vector<double>{30, 11});
  CHECK(decoder.seen(0) == 2);
  CHECK(decoder.truncated(0) == 1);
  CHECK(decoder.passed().refused == 1);

  decoder.AssignLatest(Frames{}.columns(), {});
  decoder.ExtractLatest(times, values);
  CHECK(values == std::vector<double>{30, 11});

  Frames wrong = frames;
  wrong.offset[0] = 100;
  CHECK_THROWS_AS(decoder.AssignLatest(wrong.columns(), {}), Error);
  decoder.ExtractLatest(times, values);
  CHECK(values == std::vector<double>{30, 11});
  CHECK_THROWS_AS(decoder.AssignLatest(frames.columns(), std::span(verdicts).first(1)), Error);
  CHECK_THROWS_AS(decoder.ExtractLatest(std::span(times).first(1), values), Error);
}
