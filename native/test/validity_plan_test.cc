#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "can/e2e.h"
#include "can/validity.h"
#include "core/error.h"

using vigil::Error;
using vigil::can::FrameColumns;
using vigil::can::kCounterLow;
using vigil::can::kCounterModulus;
using vigil::can::kKind;
using vigil::can::kList;
using vigil::can::kRuleWords;
using vigil::can::ValidityColumns;
using vigil::can::ValidityPlan;
using vigil::can::Verdict;

namespace {

/// Vectors sized to the byte, so that a sanitizer sees a read beyond them.
struct Frames {
  std::vector<double> t;
  std::vector<uint32_t> id, offset;
  std::vector<uint8_t> flags, channel, length, data;

  FrameColumns columns() const { return {t, id, flags, channel, length, offset, data}; }
};

struct Rules {
  std::vector<uint32_t> key, rules;
  std::vector<double> resyncMs;
  std::vector<uint8_t> lists;

  uint32_t* Add(uint32_t id) {
    key.push_back(id);
    resyncMs.push_back(1000);
    rules.resize(rules.size() + kRuleWords);
    rules[rules.size() - kRuleWords + kList] = 0xffffffff;
    return rules.data() + rules.size() - kRuleWords;
  }
  ValidityColumns columns() const { return {key, rules, resyncMs, lists}; }
};

uint32_t PackedField(uint32_t firstBit, uint32_t length) { return firstBit | length << 16; }

}  // namespace

TEST_CASE("any rule over any frames stays inside the data") {
  std::mt19937 random(20261122);
  int refused = 0;
  for (int round = 0; round < 3000; ++round) {
    Rules rules;
    rules.lists.resize(32);
    for (uint32_t id = 1; id <= 4; ++id) {
      uint32_t* words = rules.Add(id);
      words[kKind] = random() % 14;
      for (size_t i = kKind + 1; i < kRuleWords; ++i) words[i] = random() % 4 ? random() % 40 : 0;
      for (size_t i = 6; i <= 9; ++i) words[i] = PackedField(random() % 520, random() % 20);
      words[kList] = random() % 2 ? 0xffffffff : random() % 3;
    }
    Frames frames;
    const size_t count = random() % 20;
    for (size_t i = 0; i < count; ++i) {
      const auto length = static_cast<uint8_t>(random() % 65);
      frames.t.push_back(static_cast<double>(i));
      frames.id.push_back(random() % 6);
      frames.flags.push_back(0);
      frames.channel.push_back(0);
      frames.length.push_back(length);
      frames.offset.push_back(static_cast<uint32_t>(frames.data.size()));
      for (unsigned k = 0; k < length; ++k) frames.data.push_back(static_cast<uint8_t>(random()));
    }
    frames.data.shrink_to_fit();
    try {
      ValidityPlan plan(rules.columns(), -1);
      std::vector<uint8_t> verdicts(count), rows(count);
      std::vector<uint32_t> counts(4);
      plan.Check(frames.columns(), verdicts);
      plan.GroupByMessage(verdicts, rows, counts);
      std::vector<uint8_t> payload(random() % 65);
      payload.shrink_to_fit();
      try {
        plan.Protect(random() % 4, payload, random());
      } catch (const Error&) {
      }
      for (const uint8_t verdict : verdicts) CHECK(verdict < vigil::can::kVerdicts);
    } catch (const Error&) {
      ++refused;
    }
  }
  CHECK(refused > 0);
  CHECK(refused < 3000);
}

TEST_CASE("verdicts are grouped by message in the order of the frames") {
  Rules rules;
  for (const uint32_t id : {7u, 3u}) {
    uint32_t* words = rules.Add(id);
    words[kCounterLow] = PackedField(0, 4);
    words[kCounterModulus] = 16;
  }
  ValidityPlan plan(rules.columns(), 0);
  const Frames frames{{0, 1, 2, 3, 4, 5}, {3, 7, 3, 9, 7, 3}, {0, 1, 2, 3, 4, 5}, {0, 0, 0, 0, 0, 0},
                      {0, 0, 0, 0, 0, 1}, {1, 1, 1, 1, 1, 1}, {4, 8, 5, 0, 8, 6}};
  std::vector<uint8_t> verdicts(6), rows(6);
  std::vector<uint32_t> counts(2);
  plan.Check(frames.columns(), verdicts);
  plan.GroupByMessage(verdicts, rows, counts);
  const auto code = [](Verdict verdict) { return static_cast<uint8_t>(verdict); };
  const uint8_t initial = code(Verdict::kInitial), ok = code(Verdict::kOk);
  const uint8_t repeated = code(Verdict::kRepeated), unchecked = code(Verdict::kUnchecked);
  CHECK(verdicts == std::vector<uint8_t>{initial, initial, ok, unchecked, repeated, unchecked});
  CHECK(counts == std::vector<uint32_t>{2, 2});
  CHECK(std::vector<uint8_t>(rows.begin(), rows.begin() + 4) ==
        std::vector<uint8_t>{initial, repeated, initial, ok});
}

TEST_CASE("payloads outside the data are refused") {
  Rules rules;
  uint32_t* words = rules.Add(5);
  words[kCounterLow] = PackedField(0, 4);
  words[kCounterModulus] = 16;
  ValidityPlan plan(rules.columns(), -1);
  Frames frames{{0}, {5}, {0}, {0}, {0}, {8}, std::vector<uint8_t>(8)};
  std::vector<uint8_t> verdicts(1);
  plan.Check(frames.columns(), verdicts);
  for (const uint32_t offset : {1u, 8u, 0xfffffff8u, 0xffffffffu}) {
    frames.offset[0] = offset;
    CHECK_THROWS_AS(plan.Check(frames.columns(), verdicts), Error);
  }
}
