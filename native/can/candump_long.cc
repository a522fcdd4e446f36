#include <algorithm>
#include <cstring>

#include "can/candump_text.h"
#include "can/frame_columns.h"

namespace vigil::can::candump {
namespace {

/// The text up to the next blank, taken from the rest together with the blanks after it.
std::string_view TakeWord(std::string_view* rest) {
  const size_t end = std::min(rest->find_first_of(" \t"), rest->size());
  const std::string_view word = rest->substr(0, end);
  rest->remove_prefix(end);
  SkipBlanks(rest);
  return word;
}

/// `RX - -`, `TX B E`: direction, bit rate switch, error state indicator, as `-x` adds them.
bool ReadExtra(std::string_view* rest, uint8_t* flags) {
  if (!rest->starts_with("RX ") && !rest->starts_with("TX ")) return true;
  if (rest->starts_with("TX")) *flags |= kTransmitted;
  TakeWord(rest);
  const std::string_view bitRateSwitch = TakeWord(rest), errorState = TakeWord(rest);
  if ((bitRateSwitch != "-" && bitRateSwitch != "B") || (errorState != "-" && errorState != "E"))
    return false;
  if (bitRateSwitch == "B") *flags |= kBitRateSwitch;
  if (errorState == "E") *flags |= kErrorStateIndicator;
  return true;
}

/// Days since 1970 of a date of the Gregorian calendar. Formula: counted in years that begin in March.
int64_t DaysOf(int64_t year, int64_t month, int64_t day) {
  if (month <= 2) --year;
  const int64_t monthFromMarch = (month + 9) % 12;
  return 365 * year + year / 4 - year / 100 + year / 400 + (153 * monthFromMarch + 2) / 5 + day - 1 - 719468;
}

}  // namespace

bool IsLong(std::string_view rest) {
  const size_t bracket = rest.find('[');
  return bracket != std::string_view::npos && rest.substr(0, bracket).find('#') == std::string_view::npos;
}

const char* ReadLong(std::string_view rest, LineFrame* frame, uint8_t* payload) {
  if (!ReadExtra(&rest, &frame->flags)) return "RX or TX and two of - B E before the identifier";
  const std::string_view identifier = TakeWord(&rest);
  uint32_t id = 0;
  for (const char c : identifier) {
    if (Hex(c) > 15) return "hexadecimal digits in the identifier";
    id = id << 4 | Hex(c);
  }
  if (identifier.size() != 3 && identifier.size() != 8) return "an identifier of 3 or 8 hexadecimal digits";
  if (identifier.size() == 3 ? id > 0x7ff : id > (kErrorBit | kIdMask))
    return "an identifier of 11 bits, or of 29 bits";
  if (identifier.size() == 8) frame->flags |= id & kErrorBit ? kErrorFrame : kExtended;
  frame->id = id & kIdMask;

  // One digit for a classic frame, two for CAN FD.
  if (!rest.starts_with('[')) return "the length in brackets after the identifier";
  size_t at = 1, length = 0;
  for (; at < rest.size() && IsDigit(rest[at]) && at <= 2; ++at)
    length = length * 10 + static_cast<size_t>(rest[at] - '0');
  if (at == 1 || at >= rest.size() || rest[at] != ']') return "the length in brackets after the identifier";
  const bool fd = at == 3;
  if (length > (fd ? kMaxPayload : 8)) return "a length of at most 8, or of two digits and at most 64";
  if (fd)
    frame->flags |= kFd;
  else
    frame->flags &= static_cast<uint8_t>(~(kBitRateSwitch | kErrorStateIndicator));
  rest.remove_prefix(at + 1);
  SkipBlanks(&rest);
  // `{F}`: the length code that stood on the bus; it carries no data.
  if (rest.size() > 2 && rest[0] == '{' && rest[2] == '}') {
    rest.remove_prefix(3);
    SkipBlanks(&rest);
  }
  frame->length = static_cast<uint8_t>(length);
  if (rest.starts_with("remote request")) {
    frame->flags |= kRemote;
    std::memset(payload, 0, length);
    return fd ? "no remote request with CAN FD" : nullptr;
  }
  for (size_t i = 0; i < length; ++i) {
    if (rest.size() < 2 || (Hex(rest[0]) | Hex(rest[1])) > 15)
      return "as many bytes of two hexadecimal digits as the length says";
    payload[i] = static_cast<uint8_t>(Hex(rest[0]) << 4 | Hex(rest[1]));
    rest.remove_prefix(2);
    if (!SkipBlanks(&rest) && !rest.empty()) return "a blank after each byte";
  }
  if (!rest.empty() && rest[0] != '\'' && !rest.starts_with("ERRORFRAME"))
    return "the end of the line, or its characters in quotes, after the payload";
  return nullptr;
}

int64_t ReadDate(std::string_view* rest) {
  static constexpr std::string_view kForm = "0000-00-00 00:00:00";
  if (rest->size() < kForm.size()) return -1;
  std::array<int64_t, 6> part{};
  size_t which = 0;
  for (size_t i = 0; i < kForm.size(); ++i) {
    const char c = (*rest)[i];
    if (kForm[i] != '0') {
      if (c != kForm[i]) return -1;
      ++which;
    } else {
      if (!IsDigit(c)) return -1;
      part[which] = part[which] * 10 + (c - '0');
    }
  }
  const auto [year, month, day, hour, minute, second] = part;
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 ||
      second > 60)
    return -1;
  rest->remove_prefix(kForm.size());
  return ((DaysOf(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
}

}  // namespace vigil::can::candump
