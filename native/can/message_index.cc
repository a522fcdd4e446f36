#include "can/message_index.h"

#include <algorithm>
#include <bit>
#include <string>

#include "core/error.h"

namespace vigil::can {

MessageIndex::MessageIndex(std::span<const uint32_t> keys) {
  standard_.fill(kNoMessage);
  const auto extendedCount =
      static_cast<size_t>(std::count_if(keys.begin(), keys.end(), [](uint32_t key) { return key >> 31; }));
  constexpr uint32_t kExtended = 0x80000000, kJ1939 = 0xc0000000;
  hasGroups_ = std::any_of(keys.begin(), keys.end(), [](uint32_t key) { return key >= kJ1939; });
  const size_t entries = extendedCount * (hasGroups_ ? 3 : 1);
  const size_t capacity = std::bit_ceil(std::max<size_t>(2 * (entries + 1), 4));
  extended_.resize(capacity);
  mask_ = static_cast<uint32_t>(capacity - 1);
  shift_ = 32 - static_cast<uint32_t>(std::countr_zero(capacity));
  for (uint32_t message = 0; message < keys.size(); ++message) {
    const uint32_t key = keys[message];
    const bool extended = key & kExtended;
    const uint32_t id = key >= kJ1939 ? key & ~kJ1939 : key & ~kExtended;
    if (id > (extended ? 0x1fffffffu : 0x7ffu)) {
      throw Error("INVALID_ARGUMENT",
                  "Expected identifiers of 11 or 29 bits but found " + std::to_string(id) + ".");
    }
    if ((extended ? Lookup(id) : standard_[id]) != kNoMessage) {
      throw Error("INVALID_ARGUMENT",
                  "Expected each identifier once but found " + std::to_string(id) + " twice.");
    }
    if (extended) {
      Insert(id, message);
    } else {
      standard_[id] = message;
    }
  }
  for (const bool nullAddress : {true, false}) {
    for (uint32_t message = 0; message < keys.size(); ++message) {
      const uint32_t id = keys[message] & ~kJ1939;
      if (keys[message] < kJ1939 || ((id & 0xff) == 0xfe) != nullAddress) continue;
      Insert(SourceKey(id), message);
      Insert(GroupKey(id), message);
    }
  }
}

/// Of several entries of the same id the first inserted is found; the others are not kept.
void MessageIndex::Insert(uint32_t id, uint32_t message) {
  uint32_t slot = Slot(id);
  for (; extended_[slot].message != kNoMessage; slot = (slot + 1) & mask_) {
    if (extended_[slot].id == id) return;
  }
  extended_[slot] = {id, message};
}

}  // namespace vigil::can
