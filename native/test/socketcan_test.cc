#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <thread>
#include <vector>

#include "can/can_socket.h"
#include "can/cyclic_sender.h"
#include "can/socketcan_reader.h"
#include "can/socketcan_stamps.h"
#include "core/clock.h"
#include "core/error.h"

namespace vigil::can {
namespace {

/// A socket pair in place of a CAN interface.
struct Wire {
  Wire() {
    int ends[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
    near = ends[0];
    far = ends[1];
  }
  ~Wire() {
    close(near);
    if (far >= 0) close(far);
  }
  void Write(const LiveFrame& frame) const {
    canfd_frame wire;
    const size_t bytes = ToWire(frame, &wire);
    REQUIRE(write(far, &wire, bytes) == static_cast<ssize_t>(bytes));
  }
  int near = -1, far = -1;
};

CanSocketOptions Given(const Wire& wire) {
  CanSocketOptions options;
  options.descriptor = wire.near;
  return options;
}

LiveFrame Frame(uint32_t id, std::vector<uint8_t> data = {}, uint8_t flags = 0) {
  LiveFrame frame;
  frame.id = id;
  frame.flags = flags;
  frame.length = static_cast<uint8_t>(data.size());
  std::copy(data.begin(), data.end(), frame.data.begin());
  return frame;
}

template <class Condition>
bool Eventually(Condition&& condition) {
  for (int i = 0; i < 2000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

TEST_CASE("socketcan: the wire form of every kind of frame and back") {
  const std::vector<LiveFrame> frames = {
      Frame(0x123, {0xDE, 0xAD}),
      Frame(0x1FFFFFFF, {1, 2, 3, 4, 5, 6, 7, 8}, kExtended),
      Frame(0x7FF),
      Frame(0x100, std::vector<uint8_t>(64, 0x5A), kFd | kBitRateSwitch | kErrorStateIndicator),
      Frame(0x40, {0, 1, 2, 3, 4, 5, 6, 7}, kErrorFrame),
      Frame(0x321, {0, 0, 0, 0}, kRemote),
  };
  for (const LiveFrame& frame : frames) {
    canfd_frame wire;
    const size_t bytes = ToWire(frame, &wire);
    CHECK(bytes == ((frame.flags & kFd) ? CANFD_MTU : CAN_MTU));
    LiveFrame back;
    REQUIRE(FromWire(wire, bytes, &back));
    CHECK(back.id == frame.id);
    CHECK(back.flags == frame.flags);
    REQUIRE(back.length == frame.length);
    CHECK(std::memcmp(back.data.data(), frame.data.data(), frame.length) == 0);
  }
}

TEST_CASE("socketcan: what is no frame is refused") {
  canfd_frame wire{};
  LiveFrame frame;
  for (const size_t bytes : {size_t{0}, size_t{8}, size_t{15}, size_t{17}, size_t{71}, size_t{73}}) {
    CHECK_FALSE(FromWire(wire, bytes, &frame));
  }
  wire.len = 9;
  CHECK_FALSE(FromWire(wire, CAN_MTU, &frame));
  CHECK(FromWire(wire, CANFD_MTU, &frame));
  wire.len = 65;
  CHECK_FALSE(FromWire(wire, CANFD_MTU, &frame));
}

TEST_CASE("socketcan: filters are exact and become one kernel filter a key") {
  const FrameFilter filter({0x123, 0x7FF, 0x80000123U, 0x98DAF110U, 0x123});
  CHECK(filter.Passes(Frame(0x123)));
  CHECK(filter.Passes(Frame(0x123, {}, kRemote)));
  CHECK(filter.Passes(Frame(0x18DAF110, {}, kExtended)));
  CHECK_FALSE(filter.Passes(Frame(0x124)));
  CHECK_FALSE(filter.Passes(Frame(0x7FF, {}, kExtended)));
  CHECK(filter.Passes(Frame(0x200, {}, kErrorFrame)));
  const auto kernel = filter.ToKernel();
  REQUIRE(kernel.size() == 4);
  // The kernel's rule: (received & mask) == (filter & mask).
  const auto passes = [&](uint32_t id) {
    for (const can_filter& f : kernel) {
      if ((id & f.can_mask) == (f.can_id & f.can_mask)) return true;
    }
    return false;
  };
  CHECK(passes(0x123));
  CHECK(passes(0x123 | CAN_RTR_FLAG));
  CHECK(passes(0x123 | CAN_EFF_FLAG));
  CHECK_FALSE(passes(0x7FF | CAN_EFF_FLAG));
  CHECK_FALSE(passes(0x124));
  CHECK(FrameFilter().ToKernel().size() == 1);
  CHECK(FrameFilter(std::vector<uint32_t>{}).ToKernel().empty());
  CHECK_THROWS_AS(FrameFilter(std::vector<uint32_t>{0x800}), Error);
}

TEST_CASE("socketcan: a realtime stamp becomes a monotonic one by its age") {
  constexpr int64_t kSecond = 1'000'000'000;
  CHECK(MonotonicFromRealMs(1000 * kSecond, 1000 * kSecond + 5'000'000, 50 * kSecond) ==
        doctest::Approx(49995));
  // The realtime clock was set back, or far ahead, between stamp and reading.
  CHECK(MonotonicFromRealMs(1000 * kSecond, 900 * kSecond, 50 * kSecond) == 50000);
  CHECK(MonotonicFromRealMs(1000 * kSecond, 9000 * kSecond, 50 * kSecond) == 50000);
}

TEST_CASE("socketcan: a controller's clock takes the software stamp's jitter away") {
  HardwareClock clock;
  double worst = 0;
  for (int i = 0; i < 20000; ++i) {
    const double truth = 10.0 * i;
    const double hardware = 5e6 + truth * (1 - 50e-6);             // slow by 50 ppm, another epoch
    const double software = truth + 0.02 + (i * 7919 % 13) * 0.5;  // up to 6 ms late
    const double mapped = clock.Map(hardware, software);
    CHECK(mapped <= software + 1e-6);
    if (i > 200) worst = std::max(worst, std::abs(mapped - truth));
  }
  CHECK(worst < 0.5);
  // The controller was reset: its clock starts anew.
  const double afterReset = clock.Map(3.0, 300000.0);
  CHECK(afterReset == doctest::Approx(300000.0));
}

TEST_CASE("socketcan: a reader hands over every frame and wakes once until it is collected from") {
  const Wire wire;
  CanSocket socket(Given(wire));
  std::atomic<int> wakes{0};
  CanReader reader(&socket, {}, [&] { ++wakes; });
  for (uint32_t i = 0; i < 300; ++i) wire.Write(Frame(i, {static_cast<uint8_t>(i)}));
  REQUIRE(Eventually([&] { return reader.Waiting() == 300; }));
  CHECK(wakes == 1);
  std::vector<LiveFrame> frames;
  reader.Collect(&frames);
  REQUIRE(frames.size() == 300);
  for (uint32_t i = 0; i < 300; ++i) {
    CHECK(frames[i].id == i);
    CHECK(frames[i].t <= MonotonicMs());
    if (i > 0) CHECK(frames[i].t >= frames[i - 1].t);
  }
  wire.Write(Frame(1));
  REQUIRE(Eventually([&] { return wakes == 2; }));
  const ReaderCounters counters = reader.Counters();
  CHECK(counters.received == 301);
  CHECK(counters.dropped == 0);
  CHECK(counters.reads < 301);
}

TEST_CASE("socketcan: the ring keeps the newest and counts the rest") {
  const Wire wire;
  CanSocket socket(Given(wire));
  ReaderOptions options;
  options.ringFrames = 16;
  CanReader reader(&socket, options, [] {});
  for (uint32_t i = 0; i < 100; ++i) wire.Write(Frame(i));
  REQUIRE(Eventually([&] { return reader.Counters().received == 100; }));
  std::vector<LiveFrame> frames;
  reader.Collect(&frames);
  REQUIRE(frames.size() == 16);
  CHECK(frames.front().id == 84);
  CHECK(frames.back().id == 99);
  CHECK(reader.Counters().dropped == 84);
}

TEST_CASE("socketcan: filters, sending and collecting while frames come, from several threads") {
  const Wire wire;
  CanSocket socket(Given(wire));
  CanReader reader(&socket, {}, [] {});
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (uint32_t i = 0; i < 3000; ++i) wire.Write(Frame(i & 0x7FF));
    done = true;
  });
  std::thread other([&] {
    while (!done) {
      socket.SetFilter(FrameFilter({1, 2, 3}));
      socket.SetFilter({});
      reader.Counters();
      reader.State();
    }
  });
  size_t seen = 0;
  std::vector<LiveFrame> frames;
  while (!done) {
    reader.Collect(&frames);
    seen += frames.size();
  }
  writer.join();
  other.join();
  REQUIRE(Eventually([&] {
    const ReaderCounters c = reader.Counters();
    return c.received + c.filtered == 3000;
  }));
  reader.Collect(&frames);
  CHECK(seen + frames.size() == reader.Counters().received);
}

TEST_CASE("socketcan: a closed other end is told as the link's end") {
  Wire wire;
  CanSocket socket(Given(wire));
  std::atomic<int> wakes{0};
  CanReader reader(&socket, {}, [&] { ++wakes; });
  wire.Write(Frame(5));
  close(wire.far);
  wire.far = -1;
  REQUIRE(Eventually([&] { return reader.State().link == Link::kEnded; }));
  CHECK(reader.Counters().received == 1);
  CHECK(Eventually([&] { return wakes > 0; }));
}

TEST_CASE("socketcan: opening says what is missing") {
  CanSocketOptions options;
  options.interface = "none0";
  CHECK_THROWS_AS(CanSocket{options}, Error);
  options.interface.clear();
  options.descriptor = -1;
  CHECK_THROWS_AS(CanSocket{options}, Error);
}

TEST_CASE("cyclic: payloads in turn, the phase kept, lateness and skipped deadlines counted") {
  std::vector<std::pair<uint8_t, double>> sent;
  std::mutex mutex;
  std::atomic<int> finished{0};
  CyclicSender sender(
      {},
      [&](const LiveFrame& frame) {
        {
          const std::lock_guard lock(mutex);
          sent.emplace_back(frame.data[0], MonotonicMs());
        }
        // One send stalls for three and a half periods.
        if (frame.data[0] == 4) std::this_thread::sleep_for(std::chrono::milliseconds(70));
        return 0;
      },
      [&] { ++finished; });
  CyclicMessage message;
  message.frame = Frame(1, {0});
  message.payloads = {0, 1, 2, 3, 4, 5, 6, 7};
  message.periodMs = 20;
  message.count = 12;
  const double began = MonotonicMs();
  const uint32_t handle = sender.Start(message);
  REQUIRE(Eventually([&] { return finished == 1; }));
  const CyclicCounters counters = *sender.Counters(handle);
  CHECK(counters.sent == 12);
  CHECK(counters.skipped >= 3);
  CHECK(counters.late >= 1);
  CHECK(counters.maxLateMs >= 70);
  CHECK(counters.finished);
  REQUIRE(sent.size() == 12);
  for (size_t i = 0; i < 12; ++i) CHECK(sent[i].first == i % 8);
  // No frame before its deadline, counted from the start.
  for (size_t i = 0; i < 12; ++i) CHECK(sent[i].second - began >= 20.0 * static_cast<double>(i) - 0.5);
  CHECK(sender.Stop(handle));
  CHECK_FALSE(sender.Stop(handle));
  CHECK_FALSE(sender.Counters(handle).has_value());
}

TEST_CASE("cyclic: a full queue is a failure with its reason, and the next deadline stays") {
  std::atomic<int> calls{0};
  CyclicSender sender(
      {}, [&](const LiveFrame&) { return ++calls % 2 == 0 ? ENOBUFS : 0; }, [] {});
  CyclicMessage message;
  message.frame = Frame(1, {0});
  message.payloads = {7};
  message.periodMs = 2;
  message.count = 10;
  const uint32_t handle = sender.Start(message);
  REQUIRE(Eventually([&] { return sender.Counters(handle)->finished; }));
  CHECK(sender.Counters(handle)->sent == 5);
  CHECK(sender.Counters(handle)->failed == 5);
  CHECK(sender.Counters(handle)->lastError == ENOBUFS);
}

TEST_CASE("cyclic: nothing is sent once Stop returned, nor with messages that cannot be") {
  std::atomic<int> calls{0};
  CyclicSender sender(
      {}, [&](const LiveFrame&) { return ++calls, 0; }, [] {});
  CyclicMessage message;
  message.frame = Frame(1, {0, 0});
  message.payloads = {1, 2};
  message.periodMs = 0.2;
  for (int i = 0; i < 50; ++i) {
    const uint32_t handle = sender.Start(message);
    std::this_thread::sleep_for(std::chrono::microseconds(300));
    REQUIRE(sender.Stop(handle));
    const int after = calls;
    std::this_thread::sleep_for(std::chrono::microseconds(500));
    CHECK(calls == after);
  }
  message.payloads = {1, 2, 3};
  CHECK_THROWS_AS(sender.Start(message), Error);
  message.payloads = {};
  CHECK_THROWS_AS(sender.Start(message), Error);
  message.payloads = {1, 2};
  message.periodMs = 0;
  CHECK_THROWS_AS(sender.Start(message), Error);
  CHECK_FALSE(sender.Update(999, {1, 2}));
}

}  // namespace
}  // namespace vigil::can
