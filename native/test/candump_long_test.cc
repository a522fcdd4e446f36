#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

#include "can/candump.h"

namespace {

using namespace vigil::can;

struct Read {
  std::vector<double> t = std::vector<double>(16);
  std::vector<uint32_t> id = std::vector<uint32_t>(16), offset = std::vector<uint32_t>(16);
  std::vector<uint8_t> flags = std::vector<uint8_t>(16), channel = std::vector<uint8_t>(16),
                       length = std::vector<uint8_t>(16), data = std::vector<uint8_t>(16 * kMaxPayload);
  CandumpParser::Progress progress;
};

Read Parse(CandumpParser& parser, const std::string& text) {
  Read read;
  const MutableFrameColumns out{read.t,      read.id,     read.flags, read.channel,
                                read.length, read.offset, read.data};
  read.progress =
      parser.Parse({reinterpret_cast<const uint8_t*>(text.data()), text.size()}, true, out, read.progress);
  return read;
}

}  // namespace

TEST_CASE("long candump lines are read with and without stamps") {
  CandumpParser parser;
  const Read read = Parse(parser,
                          " (1.5)  can2  12345678   [2]  AA BB   'ab'\n"
                          "  can0  TX B E  123  [01]  07\n"
                          "  can0  123   [4]  remote request\n");
  REQUIRE(read.progress.frames == 3);
  CHECK(parser.malformed() == 0);
  CHECK(read.t[0] == 1500.0);
  CHECK(read.id[0] == 0x12345678);
  CHECK(read.flags[0] == kExtended);
  CHECK(read.channel[0] == 2);
  CHECK(read.data[1] == 0xbb);
  CHECK(read.flags[1] == (kFd | kBitRateSwitch | kErrorStateIndicator | kTransmitted));
  CHECK(read.flags[2] == kRemote);
  CHECK(read.length[2] == 4);
}

TEST_CASE("stamps from an epoch keep nanoseconds, also before it, and deltas add up") {
  CandumpParser dated(1436509052, false);
  const Read read = Parse(dated, "(1436509052.123456789) can0 1FF#\n(1436509051.999999999) can0 1FF#\n");
  CHECK(read.t[0] == 123.456789);
  CHECK(read.t[1] == -0.000001);
  CandumpParser deltas(0, true);
  const Read added = Parse(deltas,
                           " (000.000000)  can0  1FF   [0]\n (000.020000)  can0  1FF   [0]\nx\n"
                           " (000.010000)  can0  1FF   [0]\n");
  CHECK(added.t[2] == 30.0);
  CandumpParser calendar;
  CHECK(Parse(calendar, " (2000-02-29 00:00:01.250000)  can0  1FF   [0]\n").t[0] == 951782401250.0);
}
