// A plan and a batch of frames: a plan that contradicts itself and frames outside their data are refused;
// everything else decodes to what reading bit by bit gives.
#include <fuzzer/FuzzedDataProvider.h>

#include <bit>
#include <cmath>
#include <optional>
#include <vector>

#include "can/decode_plan.h"
#include "core/error.h"
#include "test/fuzz/expect.h"

using vigil::Error;
using vigil::can::DecodePlan;
using vigil::can::FrameColumns;
using vigil::can::kErrorFrame;
using vigil::can::kExtended;
using vigil::can::kFloat;
using vigil::can::kMotorola;
using vigil::can::kRemote;
using vigil::can::kSigned;
using vigil::can::PlanColumns;
using vigil::fuzz::Expect;

namespace {

/// Of a key: 29 bits, matched by parameter group.
constexpr uint32_t kJ1939 = 0xc0000000;

struct Plan {
  std::vector<uint32_t> key, signalStart{0};
  std::vector<uint16_t> messageBytes, firstBit;
  std::vector<uint8_t> bitLength, kind;
  std::vector<double> factor, offset;
  std::vector<int32_t> switchIndex;
  std::vector<uint32_t> rangeStart{0};
  std::vector<int64_t> rangeLow, rangeHigh;

  explicit Plan(FuzzedDataProvider& input) {
    const size_t messages = input.ConsumeIntegralInRange<size_t>(0, 3);
    for (size_t m = 0; m < messages; ++m) {
      const int form = input.ConsumeIntegralInRange(0, 3);
      const auto any = input.ConsumeIntegral<uint32_t>();
      key.push_back(form == 0 ? static_cast<uint32_t>(m) : form == 1 ? any : kJ1939 | (any & 0x1fffffff));
      messageBytes.push_back(input.ConsumeIntegralInRange<uint16_t>(0, 70));
      const int signals = input.ConsumeIntegralInRange<int>(0, 5);
      for (int s = 0; s < signals; ++s) AddSignal(input);
      signalStart.push_back(static_cast<uint32_t>(firstBit.size()));
    }
    // A column that does not fit the others must be noticed.
    if (input.ConsumeIntegralInRange(0, 15) == 1) signalStart.back() += input.ConsumeIntegralInRange(0, 2);
    if (input.ConsumeIntegralInRange(0, 15) == 1) kind.push_back(0);
    if (input.ConsumeIntegralInRange(0, 15) == 1) rangeHigh.push_back(0);
  }

  void AddSignal(FuzzedDataProvider& input) {
    firstBit.push_back(input.ConsumeBool() ? input.ConsumeIntegralInRange<uint16_t>(0, 63)
                                           : input.ConsumeIntegral<uint16_t>());
    bitLength.push_back(input.ConsumeIntegralInRange<uint8_t>(0, 65));
    kind.push_back(input.ConsumeIntegralInRange<uint8_t>(0, 7));
    if (kind.back() & kFloat && input.ConsumeBool()) bitLength.back() = input.ConsumeBool() ? 32 : 64;
    const bool plain = input.ConsumeBool();
    factor.push_back(plain ? 1 : std::bit_cast<double>(input.ConsumeIntegral<uint64_t>()));
    offset.push_back(plain ? 0 : std::bit_cast<double>(input.ConsumeIntegral<uint64_t>()));
    switchIndex.push_back(
        input.ConsumeIntegralInRange<int32_t>(-1, static_cast<int32_t>(firstBit.size()) + 1));
    const int ranges = input.ConsumeIntegralInRange(0, 2);
    for (int r = 0; r < ranges; ++r) {
      rangeLow.push_back(input.ConsumeIntegralInRange<int64_t>(-4, 4));
      rangeHigh.push_back(input.ConsumeBool() ? rangeLow.back() + input.ConsumeIntegralInRange<int64_t>(0, 4)
                                              : input.ConsumeIntegral<int64_t>());
    }
    rangeStart.push_back(static_cast<uint32_t>(rangeLow.size()));
  }

  PlanColumns columns() const {
    return {key,    messageBytes, signalStart, firstBit,   bitLength, kind,
            factor, offset,       switchIndex, rangeStart, rangeLow,  rangeHigh};
  }
};

struct Frames {
  std::vector<double> t;
  std::vector<uint32_t> id, offset;
  std::vector<uint8_t> flags, channel, length, data;

  Frames(FuzzedDataProvider& input, const Plan& plan) {
    const int count = input.ConsumeIntegralInRange(0, 12);
    for (int i = 0; i < count; ++i) {
      t.push_back(i);
      const uint32_t known = plan.key.empty() ? 0 : plan.key[static_cast<size_t>(i) % plan.key.size()];
      const bool other = input.ConsumeIntegralInRange(0, 7) == 1;
      const uint32_t otherPriorityAndSource = input.ConsumeIntegralInRange(0, 3) == 1 ? 0x040000ff : 0;
      id.push_back(other ? input.ConsumeIntegral<uint32_t>() : (known ^ otherPriorityAndSource) & 0x1fffffff);
      flags.push_back(other ? input.ConsumeIntegral<uint8_t>() : known & 0x80000000u ? kExtended : 0);
      channel.push_back(other ? 1 : 0);
      length.push_back(input.ConsumeIntegralInRange<uint8_t>(0, 65));
      offset.push_back(other ? input.ConsumeIntegral<uint32_t>()
                             : input.ConsumeIntegralInRange<uint32_t>(0, 40));
    }
    data = input.ConsumeRemainingBytes<uint8_t>();
  }

  FrameColumns columns() const { return {t, id, flags, channel, length, offset, data}; }
};

/// The signal's raw bits in a frame, or nothing when it isn't there; by the definition, one bit after the
/// other.
std::optional<uint64_t> RawBits(const Plan& plan, const Frames& frames, size_t signal, size_t row) {
  const size_t length = plan.bitLength[signal];
  uint64_t raw = 0;
  for (size_t i = 0; i < length; ++i) {
    const size_t position = plan.firstBit[signal] + i;
    if (position / 8 >= frames.length[row]) return std::nullopt;
    const bool motorola = plan.kind[signal] & kMotorola;
    const size_t shift = motorola ? 7 - position % 8 : position % 8;
    const uint64_t bit = frames.data[frames.offset[row] + position / 8] >> shift & 1;
    raw |= bit << (motorola ? length - 1 - i : i);
  }
  const int32_t owner = plan.switchIndex[signal];
  if (owner < 0) return raw;
  const auto ownerSignal = static_cast<size_t>(owner);
  const auto selector = RawBits(plan, frames, ownerSignal, row);
  if (!selector) return std::nullopt;
  for (uint32_t r = plan.rangeStart[signal]; r < plan.rangeStart[signal + 1]; ++r) {
    const auto low = static_cast<uint64_t>(plan.rangeLow[r]), high = static_cast<uint64_t>(plan.rangeHigh[r]);
    if (*selector >= low && *selector <= high) return raw;
  }
  return std::nullopt;
}

/// Raw to physical; nothing where the scaling is exact beyond what doubles hold (its own unit tests cover
/// that).
std::optional<double> Physical(const Plan& plan, size_t signal, uint64_t raw) {
  const int length = plan.bitLength[signal];
  const double factor = plan.factor[signal], offset = plan.offset[signal];
  double value;
  if (plan.kind[signal] & kFloat) {
    value = length == 32 ? static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(raw)))
                         : std::bit_cast<double>(raw);
  } else {
    const bool whole = std::trunc(factor) == factor && !(factor == 1 && offset == 0);
    if (whole && (length > 53 || std::fabs(factor) > 1 || offset != 0)) return std::nullopt;
    value = plan.kind[signal] & kSigned
                ? static_cast<double>(static_cast<int64_t>(raw << (64 - length)) >> (64 - length))
                : static_cast<double>(raw);
  }
  if (factor == 1 && offset == 0) return value;
  return value * factor + offset;
}

/// SAE J1939-21: the destination is no part of a PDU1 group's number.
uint32_t ParameterGroup(uint32_t id) {
  const uint32_t group = id >> 8 & 0x3ffff;
  return (group >> 8 & 0xff) < 240 ? group & ~0xffu : group;
}

/// The message of a frame, or nothing: the same identifier; else the same J1939 group and source; else the
/// same group, a message from the null address before others.
std::optional<size_t> MessageOf(const Plan& plan, uint32_t id, bool extended) {
  if (id > (extended ? 0x1fffffffu : 0x7ffu)) return std::nullopt;
  std::optional<size_t> ofSource, ofNobody, ofGroup;
  for (size_t m = 0; m < plan.key.size(); ++m) {
    const uint32_t key = plan.key[m];
    const uint32_t known = key >= kJ1939 ? key & ~kJ1939 : key & 0x7fffffff;
    if ((key >> 31 != 0) == extended && known == id) return m;
    if (!extended || key < kJ1939 || ParameterGroup(known) != ParameterGroup(id)) continue;
    if ((known & 0xff) == (id & 0xff) && !ofSource) ofSource = m;
    if ((known & 0xff) == 0xfe && !ofNobody) ofNobody = m;
    if (!ofGroup) ofGroup = m;
  }
  return ofSource ? ofSource : ofNobody ? ofNobody : ofGroup;
}

bool Same(double a, double b) { return (std::isnan(a) && std::isnan(b)) || a == b; }

void Check(const Plan& plan, const Frames& frames, DecodePlan& decoder) {
  std::vector<double> times(decoder.rowCount()), values(decoder.valueCount());
  decoder.Extract(times, values);
  size_t column = 0;
  for (size_t m = 0; m < plan.key.size(); ++m) {
    std::vector<size_t> rows;
    for (size_t i = 0; i < frames.t.size(); ++i) {
      const bool hasData = !(frames.flags[i] & (kRemote | kErrorFrame));
      if (hasData && MessageOf(plan, frames.id[i], frames.flags[i] & kExtended) == m) rows.push_back(i);
    }
    Expect(rows.size() == decoder.rows(m), "every frame of a message is a row");
    for (size_t s = plan.signalStart[m]; s < plan.signalStart[m + 1]; ++s) {
      for (size_t r = 0; r < rows.size(); ++r, ++column) {
        const auto raw = RawBits(plan, frames, s, rows[r]);
        if (!raw) {
          Expect(std::isnan(values[column]), "an absent signal is NaN");
          continue;
        }
        const auto expected = Physical(plan, s, *raw);
        if (expected) Expect(Same(values[column], *expected), "a value equals its bits, scaled");
      }
    }
  }
  Expect(column == values.size(), "as many values as rows times signals");
}

/// By the definition: of each signal the last frame that holds it.
void CheckLatest(const Plan& plan, const Frames& frames, DecodePlan& decoder, uint8_t verdictBits) {
  constexpr double kOlder = -7;
  const size_t count = frames.t.size();
  std::vector<uint8_t> verdicts(count);
  for (size_t i = 0; i < count; ++i) verdicts[i] = (verdictBits >> (i % 8) & 1) * 5;
  std::vector<double> times(plan.firstBit.size(), kOlder), values(plan.firstBit.size(), kOlder);
  decoder.AssignLatest(frames.columns(), verdicts);
  decoder.ExtractLatest(times, values);
  for (size_t m = 0; m < plan.key.size(); ++m) {
    for (size_t s = plan.signalStart[m]; s < plan.signalStart[m + 1]; ++s) {
      std::optional<uint64_t> raw;
      double t = kOlder;
      for (size_t i = count; i-- > 0 && !raw;) {
        if (verdicts[i] != 0 || frames.flags[i] & (kRemote | kErrorFrame)) continue;
        if (MessageOf(plan, frames.id[i], frames.flags[i] & kExtended) != m) continue;
        raw = RawBits(plan, frames, s, i);
        t = frames.t[i];
      }
      Expect(times[s] == (raw ? t : kOlder), "the latest value is the last frame's that holds it");
      const auto expected = raw ? Physical(plan, s, *raw) : kOlder;
      if (expected) Expect(Same(values[s], *expected), "the latest value equals its bits, scaled");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  FuzzedDataProvider input(bytes, size);
  const Plan plan(input);
  const Frames frames(input, plan);
  try {
    DecodePlan decoder(plan.columns(), -1);
    // Twice with the same scratch memory; then the second must not see anything of the first.
    for (int round = 0; round < 2; ++round) {
      decoder.Assign(frames.columns());
      Check(plan, frames, decoder);
      CheckLatest(plan, frames, decoder, round == 0 ? 0 : static_cast<uint8_t>(size));
    }
  } catch (const Error& error) {
    Expect(error.code() == "INVALID_ARGUMENT" || error.code() == "CAN_FRAMES_INVALID",
           "errors have a known code");
  }
  return 0;
}
