#include "can/blf.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "can/bytes.h"

namespace vigil::can {
namespace {

// Object types that hold one frame of a CAN bus.
constexpr uint32_t kCanMessage = 1, kCanError = 2, kCanErrorExt = 73, kCanMessage2 = 86, kCanFdMessage = 100,
                   kCanFdMessage64 = 101, kCanFdError64 = 104;

constexpr std::string_view kSignature = "LOBJ";
constexpr size_t kBaseHeader = 16;     // signature, header size, header version, object size, object type
constexpr size_t kStampedHeader = 32;  // and flags, client, object version, time stamp
/// Objects are padded by up to 3 bytes (their size modulo 4); tools that align to 8 exist.
constexpr size_t kMaxPadding = 8;
/// A frame's object is far shorter than this, whatever a tool appends.
constexpr uint32_t kMaxFrameObject = 4096;

constexpr uint32_t kStampTenMicroseconds = 1;
constexpr uint32_t kIdMask = 0x1fffffff, kExtendedBit = 0x80000000;
constexpr uint8_t kDirectionMask = 0x0f, kTransmit = 1, kTransmitRequest = 2, kRemoteBit = 0x80;

bool HoldsFrame(uint32_t type) {
  switch (type) {
    case kCanMessage:
    case kCanError:
    case kCanErrorExt:
    case kCanMessage2:
    case kCanFdMessage:
    case kCanFdMessage64:
    case kCanFdError64:
      return true;
    default:
      return false;
  }
}

}  // namespace

BlfParser::Progress BlfParser::Parse(std::span<const uint8_t> bytes, uint64_t place,
                                     const MutableFrameColumns& out, Progress filled) {
  Progress progress = filled;
  size_t at = 0;
  while (progress.frames < out.t.size() && out.data.size() - progress.dataBytes >= kMaxPayload) {
    const std::string_view rest(reinterpret_cast<const char*>(bytes.data()) + at, bytes.size() - at);
    if (!rest.starts_with(kSignature)) {
      const size_t found = rest.find(kSignature);
      // Where there is none (yet), the last bytes may be the beginning of one that goes on in the next
      // container.
      const size_t gap = found == std::string_view::npos
                             ? rest.size() - std::min(rest.size(), kSignature.size() - 1)
                             : found;
      if (gap > kMaxPadding && !searching_) {
        Report(place, "expected the signature LOBJ of an object and found other bytes");
        searching_ = true;
      }
      if (found == std::string_view::npos) {
        // The signature may begin in the last bytes.
        if (searching_ && rest.size() >= kSignature.size()) at += rest.size() - (kSignature.size() - 1);
        break;
      }
      at += found;
      continue;
    }
    if (rest.size() < kBaseHeader) break;
    const uint8_t* object = bytes.data() + at;
    const auto headerSize = LoadLittle<uint16_t>(object + 4);
    const auto size = LoadLittle<uint32_t>(object + 8);
    const auto type = LoadLittle<uint32_t>(object + 12);
    const bool holdsFrame = HoldsFrame(type);
    if (size < kBaseHeader || headerSize < kBaseHeader || headerSize > size ||
        size > (holdsFrame ? kMaxFrameObject : kMaxObject)) {
      Report(place, "expected an object's header but its sizes (" + std::to_string(headerSize) + " of " +
                        std::to_string(size) + " bytes, object type " + std::to_string(type) +
                        ") are impossible");
      searching_ = true;
      at += kSignature.size();
      continue;
    }
    if (rest.size() < size) break;
    searching_ = false;
    at += size;
    if (!holdsFrame) {
      ++skipped_[type];
      continue;
    }
    Frame frame;
    const Read read = headerSize < kStampedHeader
                          ? Read::kShort
                          : ReadObject(type, {object + headerSize, size - headerSize}, headerSize, &frame);
    if (read == Read::kShort || frame.channel > 256) {
      Report(place, "expected a whole frame in an object of type " + std::to_string(type) + " but it has " +
                        std::to_string(size) + " bytes and channel " + std::to_string(frame.channel));
      continue;
    }
    if (read == Read::kRequest) {
      ++requests_;
      continue;
    }
    const auto stamp = static_cast<double>(LoadLittle<uint64_t>(object + 24));
    const bool tenMicroseconds = LoadLittle<uint32_t>(object + 16) == kStampTenMicroseconds;
    const size_t row = progress.frames++;
    out.t[row] = tenMicroseconds ? stamp / 1e2 : stamp / 1e6;
    out.id[row] = frame.id & kIdMask;
    out.flags[row] = static_cast<uint8_t>(frame.flags | (frame.id & kExtendedBit ? kExtended : 0));
    out.channel[row] = static_cast<uint8_t>(frame.channel == 0 ? 0 : frame.channel - 1);
    out.length[row] = static_cast<uint8_t>(frame.length);
    out.offset[row] = static_cast<uint32_t>(progress.dataBytes);
    uint8_t* payload = out.data.data() + progress.dataBytes;
    const size_t present = frame.data == nullptr ? 0 : std::min(frame.present, frame.length);
    if (present > 0) std::memcpy(payload, frame.data, present);
    std::memset(payload + present, 0, frame.length - present);
    progress.dataBytes += frame.length;
  }
  progress.consumed = at;
  return progress;
}

BlfParser::Read BlfParser::ReadObject(uint32_t type, std::span<const uint8_t> body, size_t headerSize,
                                      Frame* frame) {
  const uint8_t* at = body.data();
  // Direction of the objects that have it in the low bits of a byte of flags.
  const auto direct = [frame](uint8_t direction) {
    if (direction == kTransmit) frame->flags |= kTransmitted;
    return direction == kTransmitRequest ? Read::kRequest : Read::kFrame;
  };
  switch (type) {
    case kCanMessage:
    case kCanMessage2: {
      if (body.size() < 16) return Read::kShort;
      frame->channel = LoadLittle<uint16_t>(at);
      frame->id = LoadLittle<uint32_t>(at + 4);
      frame->length = std::min<size_t>(at[3], 8);
      if (at[2] & kRemoteBit) {
        frame->flags |= kRemote;
      } else {
        frame->data = at + 8;
      }
      return direct(at[2] & kDirectionMask);
    }
    case kCanFdMessage: {
      if (body.size() < 20) return Read::kShort;
      constexpr uint8_t kFdBit = 1, kBitRateSwitchBit = 2, kErrorStateBit = 4;
      frame->channel = LoadLittle<uint16_t>(at);
      frame->id = LoadLittle<uint32_t>(at + 4);
      const uint8_t fd = at[13];
      if (fd & kFdBit) {
        frame->flags |= kFd;
        if (fd & kBitRateSwitchBit) frame->flags |= kBitRateSwitch;
        if (fd & kErrorStateBit) frame->flags |= kErrorStateIndicator;
        frame->length = std::min<size_t>(at[14], kMaxPayload);
      } else {
        frame->length = std::min<size_t>(at[14], 8);
      }
      if (at[2] & kRemoteBit) {
        frame->flags |= kRemote;
        frame->length = std::min<size_t>(at[3], 8);
      } else {
        if (body.size() < 20 + frame->length) return Read::kShort;
        frame->data = at + 20;
      }
      return direct(at[2] & kDirectionMask);
    }
    case kCanFdMessage64: {
      if (body.size() < 40) return Read::kShort;
      constexpr uint32_t kRemoteFlag = 0x10, kFdFlag = 0x1000, kBitRateSwitchFlag = 0x2000,
                         kErrorStateFlag = 0x4000;
      frame->channel = at[0];
      frame->id = LoadLittle<uint32_t>(at + 4);
      const auto flags = LoadLittle<uint32_t>(at + 12);
      if (flags & kFdFlag) {
        frame->flags |= kFd;
        if (flags & kBitRateSwitchFlag) frame->flags |= kBitRateSwitch;
        if (flags & kErrorStateFlag) frame->flags |= kErrorStateIndicator;
        frame->length = std::min<size_t>(at[2], kMaxPayload);
      } else {
        frame->length = std::min<size_t>(at[2], 8);
      }
      if (flags & kRemoteFlag) {
        frame->flags |= kRemote;
        frame->length = std::min<size_t>(at[1], 8);
      } else {
        // Zeros at the end may be missing: the data end with the object, or where what may follow them begins
        // (as an offset from the object's beginning).
        frame->present = body.size() - 40;
        if (const size_t behind = at[35]; behind >= headerSize + 40)
          frame->present = std::min(frame->present, behind - headerSize - 40);
        frame->data = at + 40;
      }
      return direct(at[34]);
    }
    case kCanError:
      if (body.size() < 4) return Read::kShort;
      frame->channel = LoadLittle<uint16_t>(at);
      frame->flags = kErrorFrame;
      return Read::kFrame;
    case kCanErrorExt:
      if (body.size() < 32) return Read::kShort;
      frame->channel = LoadLittle<uint16_t>(at);
      frame->flags = kErrorFrame;
      frame->id = LoadLittle<uint32_t>(at + 16);
      frame->length = std::min<size_t>(at[10], 8);
      frame->data = at + 24;
      return Read::kFrame;
    case kCanFdError64:
      if (body.size() < 44) return Read::kShort;
      frame->channel = at[0];
      frame->flags = kErrorFrame;
      frame->id = LoadLittle<uint32_t>(at + 12);
      frame->length = std::min<size_t>({at[2], kMaxPayload, body.size() - 44});
      if (frame->length > 8) frame->flags |= kFd;
      frame->data = at + 44;
      return Read::kFrame;
    default:
      return Read::kNoFrame;
  }
}

void BlfParser::Report(uint64_t place, std::string text) {
  ++damaged_;
  if (problems_.size() < kMaxProblems) problems_.push_back({place, std::move(text)});
}

}  // namespace vigil::can
