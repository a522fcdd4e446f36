// Text of a log: whatever it holds, the columns stay inside their bounds, and reading it in pieces of any
// size gives the same frames as reading it at once.
#include <fuzzer/FuzzedDataProvider.h>

#include "can/candump.h"
#include "test/fuzz/frames.h"

using vigil::can::CandumpParser;
using vigil::can::MutableFrameColumns;
using vigil::fuzz::Expect;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  FuzzedDataProvider input(bytes, size);
  const size_t rows = input.ConsumeIntegralInRange<size_t>(1, 8);
  const size_t piece = input.ConsumeIntegralInRange<size_t>(1, 2000);
  const auto text = input.ConsumeRemainingBytes<uint8_t>();

  CandumpParser whole, pieces;
  const auto reader = [](CandumpParser& parser) {
    return [&parser](std::span<const uint8_t> part, bool last, const MutableFrameColumns& columns) {
      return parser.Parse(part, last, columns, {});
    };
  };
  const auto first = vigil::fuzz::ReadInPieces(text, 64, text.size() + 1, reader(whole));
  const auto second = vigil::fuzz::ReadInPieces(text, rows, piece, reader(pieces));
  Expect(first == second, "pieces give the same frames");
  Expect(whole.lines() == pieces.lines() && whole.malformed() == pieces.malformed() &&
             whole.endsMidLine() == pieces.endsMidLine() && whole.channels() == pieces.channels(),
         "pieces give the same counts");
  Expect(whole.problems().size() <= CandumpParser::kMaxProblems, "at most 20 problems are kept");
  return 0;
}
