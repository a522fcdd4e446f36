// Objects of a Vector BLF file, as its containers hold them: the columns stay inside their bounds, and
// containers cut anywhere give the same frames as one that holds everything.
#include <fuzzer/FuzzedDataProvider.h>

#include "can/blf.h"
#include "test/fuzz/frames.h"

using vigil::can::BlfParser;
using vigil::can::MutableFrameColumns;
using vigil::fuzz::Expect;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  FuzzedDataProvider input(bytes, size);
  const size_t rows = input.ConsumeIntegralInRange<size_t>(1, 8);
  const size_t piece = input.ConsumeIntegralInRange<size_t>(1, 2000);
  const bool resynchronise = input.ConsumeIntegralInRange(0, 7) == 1;
  const auto objects = input.ConsumeRemainingBytes<uint8_t>();

  BlfParser whole, pieces;
  const auto reader = [](BlfParser& parser) {
    return [&parser](std::span<const uint8_t> part, bool, const MutableFrameColumns& columns) {
      return parser.Parse(part, 0, columns, {});
    };
  };
  if (resynchronise) {
    whole.Resynchronise();
    pieces.Resynchronise();
  }
  const auto first = vigil::fuzz::ReadInPieces(objects, 64, objects.size() + 1, reader(whole));
  const auto second = vigil::fuzz::ReadInPieces(objects, rows, piece, reader(pieces));
  Expect(first == second, "pieces give the same frames");
  Expect(whole.damaged() == pieces.damaged() && whole.skipped() == pieces.skipped() &&
             whole.requests() == pieces.requests(),
         "pieces give the same counts");
  Expect(whole.problems().size() <= BlfParser::kMaxProblems, "at most 20 problems are kept");
  return 0;
}
