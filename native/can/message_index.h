#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace vigil::can {

constexpr uint32_t kNoMessage = 0xffffffff;

/// Identifier and its kind -> index of the message in the plan: a table for 11-bit identifiers, open
/// addressing for 29-bit ones.
class MessageIndex {
 public:
  /// Keys have bit 31 set for 29-bit identifiers. Throws Error INVALID_ARGUMENT on a doubled or impossible
  /// key.
  explicit MessageIndex(std::span<const uint32_t> keys);

  uint32_t Find(uint32_t id, bool extended) const {
    if (!extended) return id < standard_.size() ? standard_[id] : kNoMessage;
    for (uint32_t slot = Slot(id);; slot = (slot + 1) & mask_) {
      const Entry& entry = extended_[slot];
      if (entry.message == kNoMessage || entry.id == id) return entry.message;
    }
  }

 private:
  struct Entry {
    uint32_t id = 0;
    uint32_t message = kNoMessage;
  };

  /// Fibonacci hashing: 2^32 divided by the golden ratio.
  uint32_t Slot(uint32_t id) const { return (id * 2654435769u) >> shift_; }

  std::array<uint32_t, 2048> standard_;
  std::vector<Entry> extended_;  ///< a power of two, at most half full, so that every search ends
  uint32_t mask_ = 0;
  uint32_t shift_ = 0;
};

}  // namespace vigil::can
