#include "can/candump.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

using vigil::can::CandumpParser;
using vigil::can::kMaxPayload;
using vigil::can::MutableFrameColumns;

namespace {

struct Columns {
  explicit Columns(size_t rows)
      : t(rows), id(rows), offset(rows), flags(rows), channel(rows), length(rows), data(rows * kMaxPayload) {}
  std::vector<double> t;
  std::vector<uint32_t> id, offset;
  std::vector<uint8_t> flags, channel, length, data;
  MutableFrameColumns columns() { return {t, id, flags, channel, length, offset, data}; }
};

/// Identifiers of all frames of `text`, given to the parser in pieces cut at random, each in a buffer of its
/// own size, so that a sanitizer sees a read beyond it.
std::vector<uint32_t> ReadInPieces(const std::string& text, std::mt19937& random, CandumpParser& parser) {
  std::vector<uint32_t> ids;
  Columns out(3);
  std::string held;
  size_t at = 0;
  CandumpParser::Progress progress;
  bool last = false;
  while (!last) {
    const size_t size = std::min<size_t>(1 + random() % 200, text.size() - at);
    held += text.substr(at, size);
    at += size;
    last = at == text.size();
    for (;;) {
      const std::vector<uint8_t> piece(held.begin(), held.end());
      progress = parser.Parse(piece, last, out.columns(), progress);
      held.erase(0, progress.consumed);
      const bool full = progress.frames == out.t.size();
      if (!full && !last) break;
      ids.insert(ids.end(), out.id.begin(), out.id.begin() + static_cast<ptrdiff_t>(progress.frames));
      progress = {};
      if (!full) break;
    }
  }
  return ids;
}

}  // namespace

TEST_CASE("a log gives the same frames however it is cut") {
  std::mt19937 random(1);
  std::string text;
  std::vector<uint32_t> expected;
  for (uint32_t i = 0; i < 500; ++i) {
    char line[300];
    std::snprintf(line, sizeof line, "(%u.%06u) can%u %03X#%s\n", i, i, i % 4, i,
                  i % 2 ? "0011223344556677" : "");
    text += line;
    expected.push_back(i);
    if (i % 50 == 0) text += std::string(random() % 5000, 'x') + "\n";
  }
  for (int round = 0; round < 20; ++round) {
    CandumpParser parser;
    CHECK(ReadInPieces(text, random, parser) == expected);
    CHECK(parser.lines() == 510);
    CHECK(parser.malformed() >= 9);  // an empty line is none
    CHECK(!parser.endsMidLine());
  }
}

TEST_CASE("no text leads out of bounds") {
  std::mt19937 random(2);
  const std::vector<std::string> pieces = {
      "(1.0) ", "can0 ", "123#", "12345678#",       "##5",       "R9", "\n", "\r\n", "00",
      " T",     "_F",    "(",    std::string(1, 0), "1000000000"};
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    const unsigned count = random() % 30;
    for (unsigned i = 0; i < count; ++i) text += pieces[random() % pieces.size()];
    if (text.empty()) continue;
    CandumpParser parser;
    ReadInPieces(text, random, parser);
    CHECK(parser.problems().size() <= CandumpParser::kMaxProblems);
  }
}
