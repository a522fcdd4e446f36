#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace vigil::can {

constexpr uint32_t kNoMessage = 0xffffffff;

/// Identifier and its kind -> index of the message in the plan: a table for 11-bit identifiers, open
/// addressing for 29-bit ones. Of J1939's, a frame's message is the one of the same identifier, else of the
/// same parameter group and source address, else of the same group: from the null address, or the first in
/// the plan.
class MessageIndex {
 public:
  /// Keys have bit 31 set for 29-bit identifiers, and bit 30 too for those matched by J1939's parameter
  /// group. Throws Error INVALID_ARGUMENT on a doubled or impossible key.
  explicit MessageIndex(std::span<const uint32_t> keys);

  uint32_t Find(uint32_t id, bool extended) const {
    if (!extended) return id < standard_.size() ? standard_[id] : kNoMessage;
    // No identifier; but it may look like the key of a group.
    if (id > 0x1fffffff) return kNoMessage;
    const uint32_t message = Lookup(id);
    if (message != kNoMessage || !hasGroups_) return message;
    const uint32_t ofSource = Lookup(SourceKey(id));
    return ofSource != kNoMessage ? ofSource : Lookup(GroupKey(id));
  }

 private:
  struct Entry {
    uint32_t id = 0;
    uint32_t message = kNoMessage;
  };

  /// Fibonacci hashing: 2^32 divided by the golden ratio.
  uint32_t Slot(uint32_t id) const { return (id * 2654435769u) >> shift_; }

  uint32_t Lookup(uint32_t id) const {
    for (uint32_t slot = Slot(id);; slot = (slot + 1) & mask_) {
      const Entry& entry = extended_[slot];
      if (entry.message == kNoMessage || entry.id == id) return entry.message;
    }
  }
  void Insert(uint32_t id, uint32_t message);

  /// Parameter group and source address of an identifier, where no identifier can be: bit 31 is set. The
  /// group's lowest byte is the destination, and no part of it, where the byte above is under 240 (PDU1).
  static uint32_t SourceKey(uint32_t id) {
    const bool pdu1 = ((id >> 16) & 0xff) < 240;
    return 0x80000000 | (id & (pdu1 ? 0x03ff00ff : 0x03ffffff));
  }
  /// As SourceKey, with the bits of the source address all 0 and bit 30 set.
  static uint32_t GroupKey(uint32_t id) { return 0x40000000 | (SourceKey(id) & ~0xffu); }

  std::array<uint32_t, 2048> standard_;
  std::vector<Entry> extended_;  ///< a power of two, at most half full, so that every search ends
  bool hasGroups_ = false;
  uint32_t mask_ = 0;
  uint32_t shift_ = 0;
};

}  // namespace vigil::can
