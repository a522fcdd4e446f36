// Text of a log: whatever it holds, the columns stay inside their bounds, and reading it in pieces of any
// size gives the same frames as reading it at once.
#include <fuzzer/FuzzedDataProvider.h>

#include <bit>
#include <cstring>
#include <vector>

#include "can/candump.h"
#include "test/fuzz/expect.h"

using vigil::can::CandumpParser;
using vigil::can::kMaxPayload;
using vigil::can::MutableFrameColumns;
using vigil::fuzz::Expect;

namespace {

/// Columns sized to the byte, so that the sanitizer sees a write beyond them.
struct Columns {
  explicit Columns(size_t rows)
      : t(rows), id(rows), offset(rows), flags(rows), channel(rows), length(rows), data(rows * kMaxPayload) {}

  MutableFrameColumns view() { return {t, id, flags, channel, length, offset, data}; }

  std::vector<double> t;
  std::vector<uint32_t> id, offset;
  std::vector<uint8_t> flags, channel, length, data;
};

/// Everything that was read, as one frame after the other.
struct Frames {
  std::vector<uint64_t> heads;
  std::vector<uint8_t> payloads;

  void Take(const Columns& columns, const CandumpParser::Progress& progress) {
    Expect(progress.frames <= columns.t.size() && progress.dataBytes <= columns.data.size(),
           "columns hold the frames");
    for (size_t i = 0; i < progress.frames; ++i) {
      Expect(columns.length[i] <= kMaxPayload, "payloads have at most 64 bytes");
      Expect(columns.offset[i] + columns.length[i] <= progress.dataBytes, "payloads lie in the data");
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

/// As src/can/candump.ts reads: what a piece leaves over comes again at the front of the next one.
void Read(CandumpParser& parser, const std::vector<uint8_t>& text, size_t rows, size_t piece,
          Frames& frames) {
  Columns columns(rows);
  std::vector<uint8_t> held;
  size_t position = 0;
  for (bool last = false; !last;) {
    const size_t take = std::min(piece, text.size() - position);
    held.insert(held.end(), text.begin() + static_cast<ptrdiff_t>(position),
                text.begin() + static_cast<ptrdiff_t>(position + take));
    position += take;
    last = take == 0;
    for (;;) {
      const auto progress = parser.Parse(held, last, columns.view(), {});
      Expect(progress.consumed <= held.size(), "no more is consumed than was given");
      frames.Take(columns, progress);
      held.erase(held.begin(), held.begin() + static_cast<ptrdiff_t>(progress.consumed));
      if (progress.frames < rows) break;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  FuzzedDataProvider input(bytes, size);
  const size_t rows = input.ConsumeIntegralInRange<size_t>(1, 8);
  const size_t piece = input.ConsumeIntegralInRange<size_t>(1, 2000);
  const auto text = input.ConsumeRemainingBytes<uint8_t>();

  CandumpParser whole, pieces;
  Frames first, second;
  Read(whole, text, 64, text.size() + 1, first);
  Read(pieces, text, rows, piece, second);
  Expect(first.heads == second.heads && first.payloads == second.payloads, "pieces give the same frames");
  Expect(whole.lines() == pieces.lines() && whole.malformed() == pieces.malformed() &&
             whole.endsMidLine() == pieces.endsMidLine() && whole.channels() == pieces.channels(),
         "pieces give the same counts");
  Expect(whole.problems().size() <= CandumpParser::kMaxProblems, "at most 20 problems are kept");
  return 0;
}
