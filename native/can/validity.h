#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "can/checksum.h"
#include "can/frame_columns.h"
#include "can/message_index.h"

namespace vigil::can {

/// What the check of one frame found; the same values as `Verdict` in src/can/validity/verdict.ts.
enum class Verdict : uint8_t {
  kUnchecked = 0,      ///< no rule for this message, a remote or error frame, another channel
  kOk = 1,             ///< checksum right, counter one further
  kInitial = 2,        ///< checksum right, no counter to compare with: the first frame, or after a silence
  kOkSomeLost = 3,     ///< counter further than one but not beyond the rule's limit
  kRepeated = 4,       ///< counter as before
  kWrongSequence = 5,  ///< counter beyond the limit
  kError = 6,          ///< checksum, Data ID or length wrong, or a counter value that never is sent
  kTooShort = 7,       ///< the frame does not hold the checksum and the counter, or not the expected bytes
};
constexpr size_t kVerdicts = 8;

/// Whether the values of such a frame may be used.
constexpr bool IsUsable(Verdict verdict) { return verdict <= Verdict::kOkSomeLost; }

/// Words of one rule; the same order as in src/can/validity/plan.ts.
enum RuleWord : size_t {
  kKind,
  kSeed,
  kOddSeed,
  kFinalXor,
  kAddLength,
  kCoveredBytes,
  kChecksumLow,
  kChecksumHigh,
  kCounterLow,
  kCounterHigh,
  kCounterModulus,  ///< counter values; 0 for 2^32
  kMaxDelta,        ///< furthest step of the counter that is accepted
  kList,            ///< row of 16 in the lists, or 0xffffffff
  kHeaderOffset,    ///< bytes, E2E profiles 4 to 8
  kDataId,
  kIdField,  ///< a field that must hold kIdValue (E2E profile 1C)
  kIdValue,
  kLength,  ///< payload bytes, 0 for any
  kRuleWords,
};

struct ValidityColumns {
  std::span<const uint32_t> key;    ///< identifier; bit 31 set for 29-bit ones
  std::span<const uint32_t> rules;  ///< kRuleWords per key
  std::span<const double>
      resyncMs;                    ///< per key: after a silence longer than this the counter may be anything
  std::span<const uint8_t> lists;  ///< rows of 16
};

/// Checks batches of frames against one rule per message, and keeps each message's counter from batch to
/// batch. One thread at a time.
class ValidityPlan {
 public:
  /// Throws Error INVALID_ARGUMENT when the columns contradict each other. `channel` -1 takes every channel.
  ValidityPlan(const ValidityColumns& columns, int channel);

  ValidityPlan(const ValidityPlan&) = delete;
  ValidityPlan& operator=(const ValidityPlan&) = delete;

  size_t messageCount() const { return rules_.size(); }

  /// One verdict per frame, in the order of the frames. Throws Error CAN_FRAMES_INVALID when a payload does
  /// not lie in the data; frames before it have then been counted.
  void Check(const FrameColumns& frames, std::span<uint8_t> verdicts);

  /// Verdicts of the last batch, message after message as DecodePlan orders its rows, and how many each
  /// message has (messageCount() elements).
  void GroupByMessage(std::span<const uint8_t> verdicts, std::span<uint8_t> rows, std::span<uint32_t> counts);

  /// Forgets every counter, as before the first frame.
  void Reset();

  /// Writes counter and checksum into a payload. Throws Error INVALID_ARGUMENT when the payload is too short
  /// or the message has no rule.
  void Protect(size_t message, std::span<uint8_t> payload, uint32_t counter) const;

 private:
  struct Rule {
    ChecksumRule checksum;
    Field id;
    uint32_t idValue = 0;
    uint32_t modulus = 0, maxDelta = 1;
    uint32_t headerOffset = 0, dataId = 0;
    double resyncMs = 0;
    uint8_t length = 0;
    uint8_t requiredBytes = 0;
    bool checked = false;
    bool header = false;  ///< E2E profile 4 to 8
  };
  struct State {
    double t = 0;
    uint32_t counter = 0;
    bool seen = false;
  };

  static Verdict CheckPayload(const Rule& rule, std::span<const uint8_t> payload, uint32_t* counter);
  static Verdict CheckCounter(const Rule& rule, State& state, double t, uint32_t counter);

  std::vector<Rule> rules_;
  std::vector<State> states_;
  std::vector<uint8_t> lists_;
  MessageIndex index_;
  int channel_;
  std::vector<uint32_t> messages_;  ///< scratch: message of each frame of the last batch, or kNoMessage
  std::vector<size_t> next_;        ///< scratch
};

}  // namespace vigil::can
