// Records of an MDF 4 data group, with any layout that a file may declare: fields outside of their records
// are refused, the columns stay inside their bounds, and blocks cut anywhere give the same frames as one
// block.
#include <fuzzer/FuzzedDataProvider.h>

#include "can/mf4.h"
#include "core/error.h"
#include "test/fuzz/frames.h"

using vigil::Error;
using vigil::can::Mf4Field;
using vigil::can::Mf4Group;
using vigil::can::Mf4Records;
using vigil::can::MutableFrameColumns;
using vigil::fuzz::Expect;

namespace {

Mf4Field Field(FuzzedDataProvider& input, uint32_t recordBytes) {
  Mf4Field field;
  if (input.ConsumeIntegralInRange(0, 2) == 1) return field;
  field.byte = input.ConsumeIntegralInRange<uint32_t>(0, recordBytes + 1);
  field.bit = input.ConsumeIntegralInRange<uint8_t>(0, 8);
  field.bits = input.ConsumeIntegralInRange<uint8_t>(0, 65);
  field.bigEndian = input.ConsumeBool();
  field.isSigned = input.ConsumeBool();
  field.isFloat = input.ConsumeIntegralInRange(0, 7) == 1;
  return field;
}

std::vector<Mf4Group> Groups(FuzzedDataProvider& input, size_t count, int sequences) {
  std::vector<Mf4Group> groups;
  for (size_t i = 0; i < count; ++i) {
    Mf4Group group;
    group.recordId = input.ConsumeBool() ? i + 1 : input.ConsumeIntegral<uint8_t>();
    group.recordBytes = input.ConsumeIntegralInRange<uint32_t>(0, 40);
    group.kind = static_cast<Mf4Group::Kind>(input.ConsumeIntegralInRange(0, 4));
    group.sequence = input.ConsumeIntegralInRange(-1, sequences);
    group.timeDivisor = input.ConsumeBool() ? 1e6 : 0;
    group.timeFactor = input.ConsumeBool() ? 1000 : 0;
    group.channelBase = input.ConsumeIntegralInRange<uint32_t>(0, 1);
    const uint32_t bytes = group.recordBytes;
    for (Mf4Field* field : {&group.time, &group.id, &group.extended, &group.code, &group.length, &group.data,
                            &group.transmitted, &group.channel, &group.fd, &group.remote}) {
      *field = Field(input, bytes);
    }
    groups.push_back(group);
  }
  return groups;
}

/// Values that come from blocks of their own, handed over in pieces when they are asked for.
struct Values {
  std::vector<uint8_t> bytes;
  size_t piece;
  std::vector<size_t> given;

  void Append(Mf4Records& records, uint32_t sequence) {
    size_t& from = given[sequence];
    const size_t count = std::min(piece, bytes.size() - from);
    records.Append(sequence, {bytes.data() + from, count}, from + count == bytes.size());
    from += count;
  }
};

vigil::fuzz::Frames Read(Mf4Records& records, const std::vector<uint8_t>& input, size_t rows, size_t piece,
                         Values values) {
  return vigil::fuzz::ReadInPieces(
      input, rows, piece, [&](std::span<const uint8_t> part, bool last, const MutableFrameColumns& columns) {
        Mf4Records::Progress progress;
        for (size_t consumed = 0;;) {
          progress = records.Parse(part.subspan(consumed), last, columns, progress);
          consumed += progress.consumed;
          if (progress.wanted == 0) {
            progress.consumed = consumed;
            return progress;
          }
          values.Append(records, progress.wanted - 1);
        }
      });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  FuzzedDataProvider input(bytes, size);
  const size_t rows = input.ConsumeIntegralInRange<size_t>(1, 8);
  const size_t piece = input.ConsumeIntegralInRange<size_t>(1, 200);
  const uint32_t idBytes = input.ConsumeIntegralInRange<uint32_t>(0, 9);
  const int sequences = input.ConsumeIntegralInRange(0, 2);
  const bool inOrder = input.ConsumeBool();
  const auto groups = Groups(input, input.ConsumeIntegralInRange<size_t>(0, 3), sequences);
  const size_t columns = input.ConsumeIntegralInRange<size_t>(0, 50);
  Values values{input.ConsumeBytes<uint8_t>(input.ConsumeIntegralInRange<size_t>(0, 300)), 1 << 20,
                std::vector<size_t>(3)};
  const auto records = input.ConsumeRemainingBytes<uint8_t>();

  std::vector<uint8_t> back(records.size());
  vigil::can::Untranspose(records, columns, back);
  try {
    Mf4Records whole(groups, idBytes, static_cast<uint32_t>(sequences), inOrder);
    Mf4Records pieces(groups, idBytes, static_cast<uint32_t>(sequences), inOrder);
    const auto first = Read(whole, records, 64, records.size() + 1, values);
    values.piece = piece;
    const auto second = Read(pieces, records, rows, piece, values);
    Expect(first == second, "pieces give the same frames");
    Expect(whole.damaged() == pieces.damaged() && whole.counts() == pieces.counts() &&
               whole.broken() == pieces.broken(),
           "pieces give the same counts");
    Expect(whole.problems().size() <= Mf4Records::kMaxProblems, "at most 20 problems are kept");
  } catch (const Error& error) {
    Expect(error.code() == "INVALID_ARGUMENT", "errors have a known code");
  }
  return 0;
}
