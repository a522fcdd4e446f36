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
  const size_t capacity = std::bit_ceil(std::max<size_t>(2 * (extendedCount + 1), 4));
  extended_.resize(capacity);
  mask_ = static_cast<uint32_t>(capacity - 1);
  shift_ = 32 - static_cast<uint32_t>(std::countr_zero(capacity));
  for (uint32_t message = 0; message < keys.size(); ++message) {
    const uint32_t key = keys[message];
    const bool extended = key >> 31;
    const uint32_t id = key & 0x7fffffff;
    if (id > (extended ? 0x1fffffffu : 0x7ffu)) {
      throw Error("INVALID_ARGUMENT",
                  "Expected identifiers of 11 or 29 bits but found " + std::to_string(id) + ".");
    }
    if (Find(id, extended) != kNoMessage) {
      throw Error("INVALID_ARGUMENT",
                  "Expected each identifier once but found " + std::to_string(id) + " twice.");
    }
    if (!extended) {
      standard_[id] = message;
      continue;
    }
    uint32_t slot = Slot(id);
    while (extended_[slot].message != kNoMessage) slot = (slot + 1) & mask_;
    extended_[slot] = {id, message};
  }
}

}  // namespace vigil::can
