#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "can/frame_columns.h"
#include "test/fuzz/expect.h"

namespace vigil::fuzz {

/// Columns sized to the byte, so that the sanitizer sees a write beyond them.
struct Columns {
  explicit Columns(size_t rows)
      : t(rows),
        id(rows),
        offset(rows),
        flags(rows),
        channel(rows),
        length(rows),
        data(rows * can::kMaxPayload) {}

  can::MutableFrameColumns view() { return {t, id, flags, channel, length, offset, data}; }

  std::vector<double> t;
  std::vector<uint32_t> id, offset;
  std::vector<uint8_t> flags, channel, length, data;
};

/// Everything that was read, as one frame after the other.
struct Frames {
  std::vector<uint64_t> heads;
  std::vector<uint8_t> payloads;

  bool operator==(const Frames&) const = default;

  void Take(const Columns& columns, size_t frames, size_t dataBytes) {
    Expect(frames <= columns.t.size() && dataBytes <= columns.data.size(), "columns hold the frames");
    for (size_t i = 0; i < frames; ++i) {
      Expect(columns.length[i] <= can::kMaxPayload, "payloads have at most 64 bytes");
      Expect(columns.offset[i] + columns.length[i] <= dataBytes, "payloads lie in the data");
      Expect(columns.id[i] <= 0x1fffffff, "identifiers have at most 29 bits");
      heads.push_back(std::bit_cast<uint64_t>(columns.t[i]));
      heads.push_back(columns.id[i] | static_cast<uint64_t>(columns.flags[i]) << 32 |
                      static_cast<uint64_t>(columns.channel[i]) << 40 |
                      static_cast<uint64_t>(columns.length[i]) << 48);
      const auto payload = columns.data.begin() + columns.offset[i];
      payloads.insert(payloads.end(), payload, payload + columns.length[i]);
    }
  }
};

/// Reads as the TypeScript side does: what a piece leaves over comes again at the front of the next one.
/// `parse(bytes, last, columns)` returns a parser's Progress.
template <class Parse>
Frames ReadInPieces(const std::vector<uint8_t>& input, size_t rows, size_t piece, Parse parse) {
  Frames frames;
  Columns columns(rows);
  std::vector<uint8_t> held;
  size_t position = 0;
  for (bool last = false; !last;) {
    const size_t take = std::min(piece, input.size() - position);
    held.insert(held.end(), input.begin() + static_cast<ptrdiff_t>(position),
                input.begin() + static_cast<ptrdiff_t>(position + take));
    position += take;
    last = take == 0;
    for (;;) {
      const auto progress = parse(held, last, columns.view());
      Expect(progress.consumed <= held.size(), "no more is consumed than was given");
      frames.Take(columns, progress.frames, progress.dataBytes);
      held.erase(held.begin(), held.begin() + static_cast<ptrdiff_t>(progress.consumed));
      if (progress.frames < rows) break;
    }
  }
  return frames;
}

}  // namespace vigil::fuzz
