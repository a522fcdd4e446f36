#include "can/validity.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "can/e2e.h"
#include "core/error.h"

namespace vigil::can {
namespace {

Error Contradiction(const std::string& text) {
  return {"INVALID_ARGUMENT", "Expected consistent validity rules but " + text + "."};
}

}  // namespace

ValidityPlan::ValidityPlan(const ValidityColumns& columns, int channel)
    : lists_(columns.lists.begin(), columns.lists.end()), index_(columns.key), channel_(channel) {
  const size_t count = columns.key.size();
  if (columns.rules.size() != count * kRuleWords || columns.resyncMs.size() != count ||
      lists_.size() % 16 != 0) {
    throw Contradiction("the columns have different lengths");
  }
  for (size_t m = 0; m < count; ++m) {
    const auto word = columns.rules.subspan(m * kRuleWords, kRuleWords);
    if (word[kKind] >= kChecksumKinds) throw Contradiction("a checksum has an unknown kind");
    Rule rule;
    ChecksumRule& checksum = rule.checksum;
    checksum.kind = static_cast<ChecksumKind>(word[kKind]);
    checksum.seed = word[kSeed];
    checksum.oddSeed = word[kOddSeed];
    checksum.finalXor = word[kFinalXor];
    checksum.addLength = word[kAddLength] != 0;
    checksum.coveredBytes = static_cast<uint8_t>(std::min<uint32_t>(word[kCoveredBytes], kMaxPayload));
    checksum.id = columns.key[m] & 0x7fffffff;
    checksum.checksum = Field(word[kChecksumLow], word[kChecksumHigh]);
    checksum.counter = Field(word[kCounterLow], word[kCounterHigh]);
    if (word[kList] != 0xffffffff) {
      if (static_cast<size_t>(word[kList]) * 16 >= lists_.size()) throw Contradiction("a list is missing");
      checksum.list = lists_.data() + static_cast<size_t>(word[kList]) * 16;
    }
    rule.header = checksum.kind >= ChecksumKind::kE2eP04;
    rule.id = Field(word[kIdField], 0);
    rule.idValue = word[kIdValue];
    rule.modulus = word[kCounterModulus];
    rule.maxDelta = word[kMaxDelta];
    rule.headerOffset = word[kHeaderOffset];
    rule.dataId = word[kDataId];
    rule.resyncMs = columns.resyncMs[m];
    rule.length = static_cast<uint8_t>(std::min<uint32_t>(word[kLength], kMaxPayload));
    const bool counted = checksum.counter.present() || rule.header;
    rule.checked = checksum.kind != ChecksumKind::kNone || counted;
    size_t required = std::max({checksum.checksum.requiredBytes(), checksum.counter.requiredBytes(),
                                rule.id.requiredBytes(), static_cast<size_t>(1)});
    if (checksum.kind == ChecksumKind::kHyundaiFd) required = std::max<size_t>(required, 2);
    if (rule.header) {
      if (rule.headerOffset > kMaxPayload) throw Contradiction("a header lies outside the payload");
      required = rule.headerOffset + E2eHeaderBytes(checksum.kind);
    } else if (checksum.kind != ChecksumKind::kNone && !checksum.checksum.present()) {
      throw Contradiction("a checksum has no field");
    } else if (counted && rule.modulus != 0 && rule.modulus > checksum.counter.mask() + 1) {
      throw Contradiction("a counter has more values than its field holds");
    }
    if (checksum.kind == ChecksumKind::kOnes && !checksum.counter.present()) {
      throw Contradiction("a checksum of ones has no counter");
    }
    if (required > kMaxPayload) throw Contradiction("a rule needs more than 64 bytes");
    rule.requiredBytes = static_cast<uint8_t>(required);
    rules_.push_back(rule);
  }
  states_.resize(count);
}

void ValidityPlan::Reset() { std::fill(states_.begin(), states_.end(), State{}); }

Verdict ValidityPlan::CheckPayload(const Rule& rule, std::span<const uint8_t> payload, uint32_t* counter) {
  if (payload.size() < rule.requiredBytes || (rule.length != 0 && payload.size() != rule.length)) {
    return Verdict::kTooShort;
  }
  const ChecksumRule& checksum = rule.checksum;
  if (rule.header) {
    *counter = E2eCounter(checksum.kind, payload, rule.headerOffset);
    return E2eHeaderRight(checksum.kind, payload, rule.headerOffset, rule.dataId) ? Verdict::kOk
                                                                                  : Verdict::kError;
  }
  *counter = checksum.counter.present() ? checksum.counter.Read(payload.data()) : 0;
  if (checksum.kind != ChecksumKind::kNone &&
      ExpectedChecksum(checksum, payload, *counter) != checksum.checksum.Read(payload.data())) {
    return Verdict::kError;
  }
  if (rule.id.present() && rule.id.Read(payload.data()) != rule.idValue) return Verdict::kError;
  if (rule.modulus != 0 && *counter >= rule.modulus) return Verdict::kError;
  return Verdict::kOk;
}

Verdict ValidityPlan::CheckCounter(const Rule& rule, State& state, double t, uint32_t counter) {
  if (!rule.header && !rule.checksum.counter.present()) return Verdict::kOk;
  const bool fresh = !state.seen || t - state.t > rule.resyncMs;
  const uint32_t last = state.counter;
  state = {t, counter, true};
  if (fresh) return Verdict::kInitial;
  // Unsigned arithmetic is modulo 2^32 already, which is what a modulus of 0 means.
  uint32_t delta = counter - last;
  if (rule.modulus != 0 && counter < last) delta += rule.modulus;
  if (delta == 1) return Verdict::kOk;
  if (delta == 0) return Verdict::kRepeated;
  return delta <= rule.maxDelta ? Verdict::kOkSomeLost : Verdict::kWrongSequence;
}

void ValidityPlan::Check(const FrameColumns& frames, std::span<uint8_t> verdicts) {
  const size_t count = frames.t.size();
  if (verdicts.size() < count) throw Contradiction("there is less room for verdicts than frames");
  messages_.assign(count, kNoMessage);
  for (size_t i = 0; i < count; ++i) {
    // Each element is read once and checked before use: another thread may write to the buffer.
    const uint32_t offset = frames.offset[i];
    const uint8_t flags = frames.flags[i], length = frames.length[i];
    if (length > kMaxPayload || static_cast<uint64_t>(offset) + length > frames.data.size()) {
      messages_.clear();
      throw Error("CAN_FRAMES_INVALID", "Expected the payload of frame " + std::to_string(i) +
                                            " within the " + std::to_string(frames.data.size()) +
                                            " bytes of data but found offset " + std::to_string(offset) +
                                            " and length " + std::to_string(length) + ".");
    }
    verdicts[i] = static_cast<uint8_t>(Verdict::kUnchecked);
    if (channel_ >= 0 && frames.channel[i] != channel_) continue;
    if (flags & (kRemote | kErrorFrame)) continue;
    const uint32_t message = index_.Find(frames.id[i], flags & kExtended);
    messages_[i] = message;
    if (message == kNoMessage) continue;
    const Rule& rule = rules_[message];
    if (!rule.checked) continue;
    uint32_t counter = 0;
    Verdict verdict = CheckPayload(rule, frames.data.subspan(offset, length), &counter);
    if (verdict == Verdict::kOk) verdict = CheckCounter(rule, states_[message], frames.t[i], counter);
    verdicts[i] = static_cast<uint8_t>(verdict);
  }
}

void ValidityPlan::GroupByMessage(std::span<const uint8_t> verdicts, std::span<uint8_t> rows,
                                  std::span<uint32_t> counts) {
  if (rows.size() < messages_.size() || verdicts.size() < messages_.size() || counts.size() < rules_.size()) {
    throw Contradiction("there is less room for verdicts than frames");
  }
  std::fill(counts.begin(), counts.end(), 0);
  for (const uint32_t message : messages_) {
    if (message != kNoMessage) ++counts[message];
  }
  next_.resize(rules_.size());
  size_t start = 0;
  for (size_t m = 0; m < rules_.size(); ++m) {
    next_[m] = start;
    start += counts[m];
  }
  for (size_t i = 0; i < messages_.size(); ++i) {
    if (messages_[i] != kNoMessage) rows[next_[messages_[i]]++] = verdicts[i];
  }
}

void ValidityPlan::Protect(size_t message, std::span<uint8_t> payload, uint32_t counter) const {
  const Rule& rule = rules_.at(message);
  if (!rule.checked) throw Contradiction("the message has none");
  if (payload.size() < rule.requiredBytes || (rule.length != 0 && payload.size() != rule.length)) {
    throw Error("INVALID_ARGUMENT",
                "Expected a payload of " + std::to_string(std::max(rule.length, rule.requiredBytes)) +
                    " bytes to protect but received " + std::to_string(payload.size()) + ".");
  }
  const ChecksumRule& checksum = rule.checksum;
  const uint32_t value = rule.modulus == 0 ? counter : counter % rule.modulus;
  if (rule.header) {
    E2eWriteHeader(checksum.kind, payload, rule.headerOffset, rule.dataId, value);
    return;
  }
  if (checksum.counter.present()) checksum.counter.Write(payload.data(), value);
  if (rule.id.present()) rule.id.Write(payload.data(), rule.idValue);
  if (checksum.kind == ChecksumKind::kNone) return;
  checksum.checksum.Write(payload.data(), ExpectedChecksum(checksum, payload, value));
}

}  // namespace vigil::can
