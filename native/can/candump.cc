#include "can/candump.h"

#include <cstring>

namespace vigil::can {

using candump::Hex;
using candump::IsDigit;
using candump::kErrorBit;
using candump::kIdMask;
using candump::SkipBlanks;

namespace {

// Bits of the digit after `##`.
constexpr uint8_t kTextBitRateSwitch = 1, kTextErrorStateIndicator = 2;

constexpr int kMaxSecondsDigits = 10, kMaxFractionDigits = 9;

}  // namespace

CandumpParser::Progress CandumpParser::Parse(std::span<const uint8_t> text, bool last,
                                             const MutableFrameColumns& out, Progress filled) {
  Progress progress = filled;
  progress.consumed = 0;
  const auto* begin = reinterpret_cast<const char*>(text.data());
  while (progress.consumed < text.size()) {
    if (progress.frames >= out.t.size() || out.data.size() - progress.dataBytes < kMaxPayload)
      return progress;
    const char* start = begin + progress.consumed;
    const size_t left = text.size() - progress.consumed;
    const auto* end = static_cast<const char*>(std::memchr(start, '\n', left));
    if (end == nullptr) break;
    std::string_view line(start, static_cast<size_t>(end - start));
    progress.consumed += line.size() + 1;
    ++lines_;
    if (skipping_) {
      skipping_ = false;
      continue;
    }
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    Frame frame;
    if (const char* expected = ReadLine(line, &frame, out.data.data() + progress.dataBytes)) {
      Report(expected, line);
      continue;
    }
    const size_t i = progress.frames++;
    out.t[i] = frame.t;
    out.id[i] = frame.id;
    out.flags[i] = frame.flags;
    out.channel[i] = frame.channel;
    out.length[i] = frame.length;
    out.offset[i] = static_cast<uint32_t>(progress.dataBytes);
    progress.dataBytes += frame.length;
  }
  const size_t left = text.size() - progress.consumed;
  if (last && left > 0) {
    endsMidLine_ = true;
    ++lines_;
    progress.consumed = text.size();
  } else if (left > kMaxLine) {
    if (!skipping_) {
      ++lines_;
      Report("a line end", {begin + progress.consumed, left});
      --lines_;
    }
    skipping_ = true;
    progress.consumed = text.size();
  }
  return progress;
}

/// `(seconds.fraction)` or `(date fraction)`; milliseconds. Both parts are read as one integer and divided
/// once, so that the result is the double nearest to what is written as long as that integer fits 53 bits.
bool CandumpParser::ReadTime(std::string_view* rest, double* milliseconds) {
  static constexpr std::array<double, kMaxFractionDigits + 1> kTicksPerMs = {1e-3, 1e-2, 1e-1, 1,   1e1,
                                                                             1e2,  1e3,  1e4,  1e5, 1e6};
  static constexpr std::array<uint64_t, kMaxFractionDigits + 1> kTicksPerSecond = {
      1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};
  std::string_view text = *rest;
  if (text.empty() || text[0] != '(') return false;
  text.remove_prefix(1);
  uint64_t ticks = 0;
  size_t at = 0;
  if (text.size() > 4 && text[4] == '-') {
    const int64_t seconds = candump::ReadDate(&text);
    if (seconds < 0) return false;
    ticks = static_cast<uint64_t>(seconds);
  } else {
    for (; at < text.size() && IsDigit(text[at]); ++at) {
      if (at >= kMaxSecondsDigits) return false;
      ticks = ticks * 10 + static_cast<uint64_t>(text[at] - '0');
    }
    if (at == 0) return false;
  }
  size_t digits = 0;
  if (at < text.size() && text[at] == '.') {
    ++at;
    for (; at < text.size() && IsDigit(text[at]); ++at, ++digits) {
      if (digits >= kMaxFractionDigits) return false;
      ticks = ticks * 10 + static_cast<uint64_t>(text[at] - '0');
    }
  }
  if (at >= text.size() || text[at] != ')') return false;
  // Unsigned arithmetic wraps, so that a stamp before the epoch comes out negative.
  const uint64_t passed = ticks - static_cast<uint64_t>(epochSeconds_) * kTicksPerSecond[digits];
  const double value =
      epochSeconds_ == 0 ? static_cast<double>(ticks) : static_cast<double>(static_cast<int64_t>(passed));
  *milliseconds = digits >= 3 ? value / kTicksPerMs[digits]
                              : value * (digits == 0   ? 1e3
                                         : digits == 1 ? 1e2
                                                       : 1e1);
  *rest = text.substr(at + 1);
  return true;
}

const char* CandumpParser::ReadLine(std::string_view line, Frame* frame, uint8_t* payload) {
  frame->flags = 0;
  frame->t = 0;
  SkipBlanks(&line);
  if (ReadTime(&line, &frame->t)) {
    if (!SkipBlanks(&line)) return "a space after the time";
  } else if (line.starts_with('(') || !candump::IsLong(line)) {
    return "a time such as (1436509052.249713) at the start of the line";
  }
  const size_t nameEnd = line.find_first_of(" \t");
  if (nameEnd == std::string_view::npos || nameEnd == 0)
    return "an interface name such as can0, then a frame";
  const std::string_view name = line.substr(0, nameEnd);
  line.remove_prefix(nameEnd);
  SkipBlanks(&line);

  if (candump::IsLong(line)) {
    if (const char* expected = candump::ReadLong(line, frame, payload)) return expected;
    return Finish(name, frame);
  }
  const size_t hash = line.find('#');
  if (hash != 3 && hash != 8) return "an identifier of 3 or 8 hexadecimal digits, then #";
  uint32_t id = 0;
  for (size_t i = 0; i < hash; ++i) {
    const uint8_t digit = Hex(line[i]);
    if (digit > 15) return "hexadecimal digits in the identifier";
    id = id << 4 | digit;
  }
  if (hash == 3 ? id > 0x7ff : id > (kErrorBit | kIdMask)) return "an identifier of 11 bits, or of 29 bits";
  if (hash == 8) frame->flags |= id & kErrorBit ? kErrorFrame : kExtended;
  frame->id = id & kIdMask;
  line.remove_prefix(hash + 1);
  if (const char* expected = ReadPayload(&line, frame, payload)) return expected;

  const bool blank = SkipBlanks(&line);
  if (!line.empty()) {
    if (!blank || line.size() < 1 || (line[0] != 'R' && line[0] != 'T'))
      return "hexadecimal digits as payload";
    if (line[0] == 'T') frame->flags |= kTransmitted;
    line.remove_prefix(1);
    SkipBlanks(&line);
    if (!line.empty()) return "the end of the line after the direction";
  }
  return Finish(name, frame);
}

/// Last, so that a malformed line takes no channel number and no time.
const char* CandumpParser::Finish(std::string_view name, Frame* frame) {
  const int channel = ChannelOf(name);
  if (channel < 0) return "at most 256 interfaces";
  frame->channel = static_cast<uint8_t>(channel);
  if (deltas_) frame->t = lastMs_ += frame->t;
  return nullptr;
}

const char* CandumpParser::ReadPayload(std::string_view* rest, Frame* frame, uint8_t* payload) {
  std::string_view text = *rest;
  size_t most = 8;
  if (text.starts_with('#')) {
    const uint8_t bits = text.size() > 1 ? Hex(text[1]) : 0xff;
    if (bits > 15) return "a hexadecimal digit of flags after ##";
    most = kMaxPayload;
    frame->flags |= kFd;
    if (bits & kTextBitRateSwitch) frame->flags |= kBitRateSwitch;
    if (bits & kTextErrorStateIndicator) frame->flags |= kErrorStateIndicator;
    text.remove_prefix(2);
  } else if (text.starts_with('R')) {
    // A remote frame asks for that many bytes and carries none: zeros stand in for them.
    frame->flags |= kRemote;
    frame->length = 0;
    text.remove_prefix(1);
    if (!text.empty() && IsDigit(text[0])) {
      frame->length = static_cast<uint8_t>(text[0] - '0');
      if (frame->length > 8) return "a remote frame of at most 8 bytes";
      text.remove_prefix(1);
    }
    std::memset(payload, 0, frame->length);
    *rest = text;
    return nullptr;
  }
  size_t bytes = 0;
  while (2 * bytes + 1 < text.size()) {
    const uint8_t high = Hex(text[2 * bytes]), low = Hex(text[2 * bytes + 1]);
    if ((high | low) > 15) break;
    if (bytes == most) return most == 8 ? "at most 8 bytes of payload" : "at most 64 bytes of payload";
    payload[bytes++] = static_cast<uint8_t>(high << 4 | low);
  }
  frame->length = static_cast<uint8_t>(bytes);
  text.remove_prefix(2 * bytes);
  // `_9` to `_F` after 8 bytes: the length code that stood on the bus; it carries no data.
  if (bytes == 8 && most == 8 && text.size() > 1 && text[0] == '_' && Hex(text[1]) <= 15)
    text.remove_prefix(2);
  *rest = text;
  return nullptr;
}

int CandumpParser::ChannelOf(std::string_view name) {
  if (name == lastName_ && lastChannel_ >= 0) return lastChannel_;
  int channel = -1;
  if (const auto known = channelByName_.find(name); known != channelByName_.end()) {
    channel = known->second;
  } else {
    size_t digits = name.size();
    while (digits > 0 && IsDigit(name[digits - 1])) --digits;
    int number = 0;
    for (size_t i = digits; i < name.size() && number < 256; ++i) number = number * 10 + (name[i] - '0');
    if (digits < name.size() && number < 256 && channelNames_[static_cast<size_t>(number)].empty())
      channel = number;
    for (int i = 0; channel < 0 && i < 256; ++i) {
      if (channelNames_[static_cast<size_t>(i)].empty()) channel = i;
    }
    if (channel < 0) return -1;
    channelNames_[static_cast<size_t>(channel)] = name;
    channelByName_.emplace(name, channel);
  }
  lastName_ = name;
  lastChannel_ = channel;
  return channel;
}

void CandumpParser::Report(const char* expected, std::string_view line) {
  ++malformed_;
  if (problems_.size() >= kMaxProblems) return;
  constexpr size_t kShown = 80;
  std::string text;
  for (const char c : line.substr(0, kShown)) text += c >= ' ' && c <= '~' ? c : '?';
  problems_.push_back({lines_, std::string("expected ") + expected, text});
}

}  // namespace vigil::can
