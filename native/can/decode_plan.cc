#include "can/decode_plan.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <string>

#include "core/error.h"

static_assert(std::endian::native == std::endian::little, "payload words are loaded as they lie in memory");

namespace vigil::can {
namespace {

constexpr uint8_t kNeverPresent = kMaxPayload + 1;

uint64_t Load(const uint8_t* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

void Require(bool condition, const char* expected) {
  if (!condition)
    throw Error("INVALID_ARGUMENT", std::string("Expected ") + expected + " in the decode plan.");
}

/// `starts` has one element more than there are groups, begins at 0, never falls and ends at `total`.
void RequireStarts(std::span<const uint32_t> starts, size_t groups, size_t total, const char* expected) {
  Require(starts.size() == groups + 1 && starts.front() == 0 && starts.back() == total &&
              std::is_sorted(starts.begin(), starts.end()),
          expected);
}

}  // namespace

DecodePlan::DecodePlan(const PlanColumns& columns, int channel) : index_(columns.key), channel_(channel) {
  const size_t messages = columns.key.size(), signals = columns.firstBit.size();
  Require(columns.messageBytes.size() == messages, "one length per message");
  RequireStarts(columns.signalStart, messages, signals, "ascending signal starts");
  Require(columns.bitLength.size() == signals && columns.kind.size() == signals &&
              columns.factor.size() == signals && columns.offset.size() == signals &&
              columns.switchIndex.size() == signals,
          "columns of one length for the signals");
  Require(columns.rangeLow.size() == columns.rangeHigh.size(), "as many range ends as range starts");
  RequireStarts(columns.rangeStart, signals, columns.rangeLow.size(), "ascending range starts");
  for (size_t i = 0; i < columns.rangeLow.size(); ++i) {
    ranges_.push_back(
        {static_cast<uint64_t>(columns.rangeLow[i]), static_cast<uint64_t>(columns.rangeHigh[i])});
  }
  rowStart_.assign(messages + 1, 0);
  truncated_.assign(messages, 0);
  messages_.resize(messages);
  signals_.reserve(signals);
  for (uint32_t m = 0; m < messages; ++m) {
    Message& message = messages_[m];
    message = {
        columns.signalStart[m], columns.signalStart[m + 1], columns.messageBytes[m], 0, 0, false, false, {}};
    for (uint32_t s = message.signalBegin; s < message.signalEnd; ++s) AddSignal(columns, s, message);
    OrderSwitches(columns, m);
  }
}

void DecodePlan::AddSignal(const PlanColumns& columns, uint32_t index, Message& message) {
  const int length = columns.bitLength[index];
  const uint8_t kind = columns.kind[index];
  Require(length >= 1 && length <= 64, "signals of 1 to 64 bits");
  Require(!(kind & kFloat) || length == 32 || length == 64, "floating point signals of 32 or 64 bits");
  const uint32_t first = columns.firstBit[index];
  const uint32_t required = (first + static_cast<uint32_t>(length) - 1) / 8 + 1;
  signals_.push_back(Signal{
      .scaling = Scaling(length, kind & kSigned, kind & kFloat, columns.factor[index], columns.offset[index]),
      .byte = static_cast<uint16_t>(first / 8),
      .bit = static_cast<uint8_t>(first % 8),
      .length = static_cast<uint8_t>(length),
      .motorola = (kind & kMotorola) != 0,
      .requiredBytes = static_cast<uint8_t>(std::min<uint32_t>(required, kNeverPresent)),
      .switchSlot = -1,
      .rangeBegin = columns.rangeStart[index],
      .rangeEnd = columns.rangeStart[index + 1],
  });
  const Signal& signal = signals_.back();
  message.requiredBytes = std::max(message.requiredBytes, signal.requiredBytes);
  message.wide = message.requiredBytes > 8;
  if (signal.requiredBytes <= kMaxPayload) {
    message.presentBytes = std::max(message.presentBytes, signal.requiredBytes);
  }
  message.motorola = message.motorola || signal.motorola;
}

/// Gives each switch of the message a slot, a switch after the one it depends on itself.
void DecodePlan::OrderSwitches(const PlanColumns& columns, uint32_t messageIndex) {
  Message& message = messages_[messageIndex];
  const auto slotOf = [&](uint32_t signal) {
    const auto found = std::find(message.switches.begin(), message.switches.end(), signal);
    return found == message.switches.end() ? -1 : static_cast<int32_t>(found - message.switches.begin());
  };
  for (uint32_t s = message.signalBegin; s < message.signalEnd; ++s) {
    std::vector<uint32_t> chain;
    for (int32_t owner = columns.switchIndex[s]; owner != -1;
         owner = columns.switchIndex[static_cast<uint32_t>(owner)]) {
      const auto index = static_cast<uint32_t>(owner);
      Require(owner >= 0 && index >= message.signalBegin && index < message.signalEnd,
              "switches of the same message");
      Require(!(columns.kind[index] & kFloat), "integers as switches");
      Require(chain.size() <= message.signalEnd - message.signalBegin, "switches without a circle");
      chain.push_back(index);
    }
    for (auto it = chain.rbegin(); it != chain.rend(); ++it) {
      if (slotOf(*it) < 0) message.switches.push_back(*it);
    }
    if (!chain.empty()) signals_[s].switchSlot = slotOf(chain.front());
  }
}

size_t DecodePlan::valueCount() const {
  size_t total = 0;
  for (size_t m = 0; m < messages_.size(); ++m) {
    total += rows(m) * (messages_[m].signalEnd - messages_[m].signalBegin);
  }
  return total;
}

void DecodePlan::Extract(std::span<double> times, std::span<double> values) {
  if (times.size() < rowCount() || values.size() < valueCount()) {
    throw Error("INVALID_ARGUMENT", "Expected room for " + std::to_string(rowCount()) + " times and " +
                                        std::to_string(valueCount()) + " values.");
  }
  std::copy(times_.begin(), times_.end(), times.begin());
  double* out = values.data();
  for (size_t m = 0; m < messages_.size(); ++m) {
    if (rows(m) == 0) continue;
    ExtractMessage(m, out);
    out += rows(m) * (messages_[m].signalEnd - messages_[m].signalBegin);
  }
}

void DecodePlan::ExtractLatest(std::span<double> times, std::span<double> values) {
  if (times.size() < signals_.size() || values.size() < signals_.size()) {
    throw Error("INVALID_ARGUMENT",
                "Expected room for " + std::to_string(signals_.size()) + " times and as many values.");
  }
  for (size_t m = 0; m < messages_.size(); ++m) {
    const Message& message = messages_[m];
    const size_t count = rows(m), start = rowStart_[m];
    if (count == 0) continue;
    latest_.resize(count * (message.signalEnd - message.signalBegin));
    ExtractMessage(m, latest_.data());
    const double* column = latest_.data();
    for (uint32_t s = message.signalBegin; s < message.signalEnd; ++s, column += count) {
      const Signal& signal = signals_[s];
      for (size_t r = 0; r < count; ++r) {  // newest first
        if (lengths_[start + r] < signal.requiredBytes) continue;
        if (signal.switchSlot >= 0 && !Selected(signal, r)) continue;
        times[s] = times_[start + r];
        values[s] = column[r];
        break;
      }
    }
  }
}

void DecodePlan::ExtractMessage(size_t index, double* values) {
  const Message& message = messages_[index];
  const size_t start = rowStart_[index], count = rows(index);
  if (message.motorola && !message.wide) {
    swapped_.resize(count);
    for (size_t r = 0; r < count; ++r) swapped_[r] = __builtin_bswap64(words_[start + r]);
  }
  ReadSwitches(message, start, count);
  const uint8_t* lengths = lengths_.data() + start;
  const uint8_t shortest = *std::min_element(lengths, lengths + count);
  for (uint32_t s = message.signalBegin; s < message.signalEnd; ++s, values += count) {
    const Signal& signal = signals_[s];
    constexpr double kAbsent = std::numeric_limits<double>::quiet_NaN();
    if (signal.requiredBytes > kMaxPayload) {
      std::fill_n(values, count, kAbsent);
      continue;
    }
    int shift = 0;
    const uint64_t* window = Window(signal, message, start, count, &shift);
    signal.scaling.Apply(window, shift, count, values);
    if (shortest < signal.requiredBytes) {
      for (size_t r = 0; r < count; ++r) {
        if (lengths[r] < signal.requiredBytes) values[r] = kAbsent;
      }
    }
    if (signal.switchSlot >= 0) {
      for (size_t r = 0; r < count; ++r) {
        if (!Selected(signal, r)) values[r] = kAbsent;
      }
    }
  }
}

/// Up to 8 bytes, the message's word serves every signal and only the shift differs. Beyond, the signal's
/// bits are gathered: 64 bits from its first byte on, and the ninth byte where they reach into it.
const uint64_t* DecodePlan::Window(const Signal& signal, const Message& message, size_t start, size_t rows,
                                   int* shift) {
  const int bit = signal.bit, length = signal.length;
  if (!message.wide) {
    const int first = signal.byte * 8 + bit;
    *shift = signal.motorola ? first : 64 - first - length;
    return signal.motorola ? swapped_.data() : words_.data() + start;
  }
  *shift = 0;
  window_.resize(rows);
  const bool ninth = bit + length > 64;
  const size_t wideRow = wideStart_[static_cast<size_t>(&message - messages_.data())];
  const uint8_t* bytes = wide_.data() + wideRow * kWideStride + signal.byte;
  for (size_t r = 0; r < rows; ++r, bytes += kWideStride) {
    uint64_t word = Load(bytes);
    if (signal.motorola) {
      word = __builtin_bswap64(word) << bit;
      if (ninth) word |= static_cast<uint64_t>(bytes[8]) >> (8 - bit);
    } else {
      word >>= bit;
      if (ninth) word |= static_cast<uint64_t>(bytes[8]) << (64 - bit);
      word <<= 64 - length;
    }
    window_[r] = word;
  }
  return window_.data();
}

void DecodePlan::ReadSwitches(const Message& message, size_t start, size_t rows) {
  if (switches_.size() < message.switches.size()) switches_.resize(message.switches.size());
  for (size_t slot = 0; slot < message.switches.size(); ++slot) {
    const Signal& signal = signals_[message.switches[slot]];
    SwitchColumn& column = switches_[slot];
    column.raw.resize(rows);
    column.present.assign(rows, 0);
    if (signal.requiredBytes > kMaxPayload) continue;
    int shift = 0;
    const uint64_t* window = Window(signal, message, start, rows, &shift);
    const int right = 64 - signal.length;
    for (size_t r = 0; r < rows; ++r) {
      column.raw[r] = static_cast<int64_t>((window[r] << shift) >> right);
      column.present[r] =
          lengths_[start + r] >= signal.requiredBytes && (signal.switchSlot < 0 || Selected(signal, r));
    }
  }
}

bool DecodePlan::Selected(const Signal& signal, size_t row) const {
  const SwitchColumn& column = switches_[static_cast<size_t>(signal.switchSlot)];
  if (!column.present[row]) return false;
  const auto raw = static_cast<uint64_t>(column.raw[row]);
  for (uint32_t i = signal.rangeBegin; i < signal.rangeEnd; ++i) {
    if (raw >= ranges_[i].low && raw <= ranges_[i].high) return true;
  }
  return false;
}

}  // namespace vigil::can
