// The first step of decoding: which frames of a batch make rows, and where each row lies.
#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

#include "can/decode_plan.h"
#include "can/validity.h"
#include "core/error.h"

static_assert(std::endian::native == std::endian::little, "payload words are loaded as they lie in memory");

namespace vigil::can {
namespace {

uint64_t Load(const uint8_t* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

/// The first `length` (at most 8 count) payload bytes as a little-endian word, zero padded.
uint64_t LoadPayload(std::span<const uint8_t> data, uint32_t offset, uint8_t length) {
  const size_t bytes = std::min<size_t>(length, 8);
  if (bytes == 0) return 0;
  if (offset + 8ull <= data.size()) return Load(data.data() + offset) & (~0ull >> (64 - 8 * bytes));
  uint64_t word = 0;
  std::memcpy(&word, data.data() + offset, bytes);
  return word;
}

}  // namespace

void DecodePlan::Assign(const FrameColumns& frames) {
  Begin();
  const size_t count = frames.t.size();
  refs_.resize(count);
  for (size_t i = 0; i < count; ++i) {
    const FrameRef ref = Locate(frames, i);
    if (ref.message != kNoMessage) {
      ++seen_[ref.message];
      if (ref.length < messages_[ref.message].bytes) ++truncated_[ref.message];
    }
    refs_[i] = ref;
  }
  std::copy(seen_.begin(), seen_.end(), rowStart_.begin() + 1);
  Scatter(frames);
}

/// From the newest frame back: a message's frames are kept until one holds every signal. Of a multiplexed
/// message all are, as which one holds a signal is known only after reading its switch.
void DecodePlan::AssignLatest(const FrameColumns& frames, std::span<const uint8_t> verdicts) {
  Begin();
  const size_t count = frames.t.size();
  if (!verdicts.empty() && verdicts.size() < count) {
    throw Error("INVALID_ARGUMENT", "Expected a verdict for each of " + std::to_string(count) +
                                        " frames but found " + std::to_string(verdicts.size()) + ".");
  }
  complete_.assign(messages_.size(), 0);
  refs_.clear();
  for (size_t i = count; i-- > 0;) {
    const FrameRef ref = Locate(frames, i);
    if (ref.message == kNoMessage) continue;
    if (!verdicts.empty() && !IsUsable(static_cast<Verdict>(verdicts[i]))) {
      ++passed_.refused;
      continue;
    }
    const Message& message = messages_[ref.message];
    ++seen_[ref.message];
    if (ref.length < message.bytes) ++truncated_[ref.message];
    if (complete_[ref.message]) continue;
    complete_[ref.message] = message.switches.empty() && ref.length >= message.presentBytes;
    ++rowStart_[ref.message + 1];
    refs_.push_back(ref);
  }
  Scatter(frames);
}

/// A batch that fails must not leave references into it: from here on there is no row until Scatter.
void DecodePlan::Begin() {
  passed_ = {};
  seen_.assign(messages_.size(), 0);
  truncated_.assign(messages_.size(), 0);
  rowStart_.assign(messages_.size() + 1, 0);
  times_.clear();
}

/// Reads every element of the frame once and checks it before use.
inline DecodePlan::FrameRef DecodePlan::Locate(const FrameColumns& frames, size_t i) {
  const uint8_t flags = frames.flags[i], length = frames.length[i];
  const uint32_t offset = frames.offset[i];
  if (length > kMaxPayload || static_cast<uint64_t>(offset) + length > frames.data.size()) {
    Begin();
    throw Error("CAN_FRAMES_INVALID",
                "Expected the payload of frame " + std::to_string(i) + " within the " +
                    std::to_string(frames.data.size()) + " bytes of data but found offset " +
                    std::to_string(offset) + " and length " + std::to_string(length) + ".",
                "Offsets and lengths must describe payloads of at most 64 bytes inside data.");
  }
  uint32_t message = kNoMessage;
  if (channel_ >= 0 && frames.channel[i] != channel_) {
    ++passed_.otherChannel;
  } else if (flags & (kRemote | kErrorFrame)) {
    ++passed_.withoutData;
  } else {
    message = index_.Find(frames.id[i], flags & kExtended);
    if (message == kNoMessage) ++passed_.unknown;
  }
  return {static_cast<uint32_t>(i), offset, message, length};
}

/// Rows in the order of the references, behind one another per message; `rowStart_[m + 1]` holds the rows of
/// m before.
void DecodePlan::Scatter(const FrameColumns& frames) {
  size_t wideRows = 0;
  wideStart_.resize(messages_.size());
  for (size_t m = 0; m < messages_.size(); ++m) {
    wideStart_[m] = wideRows;
    if (messages_[m].wide) wideRows += rowStart_[m + 1];
    rowStart_[m + 1] += rowStart_[m];
  }
  next_.assign(rowStart_.begin(), rowStart_.end() - 1);
  const size_t total = rowStart_.back();
  times_.resize(total);
  words_.resize(total);
  lengths_.resize(total);
  wide_.assign(wideRows * kWideStride, 0);
  for (const FrameRef& ref : refs_) {
    if (ref.message == kNoMessage) continue;
    const size_t row = next_[ref.message]++;
    times_[row] = frames.t[ref.frame];
    words_[row] = LoadPayload(frames.data, ref.offset, ref.length);
    lengths_[row] = ref.length;
    if (messages_[ref.message].wide && ref.length > 0) {
      const size_t wideRow = wideStart_[ref.message] + row - rowStart_[ref.message];
      std::memcpy(wide_.data() + wideRow * kWideStride, frames.data.data() + ref.offset, ref.length);
    }
  }
}

}  // namespace vigil::can
