// The guest's test program: our reader and cyclic sender on a real SocketCAN interface, one verdict a line.
// Usage: can_probe COMMAND INTERFACE [ARGUMENT...]; each command prints what it saw as `key=value`,
// test/qemu/guest.sh compares. Node is some forty times slower in the emulated guest, hence C++.
#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "can/can_socket.h"
#include "can/cyclic_sender.h"
#include "can/socketcan_reader.h"
#include "core/clock.h"
#include "core/error.h"

namespace {

using vigil::can::CanReader;
using vigil::can::CanSocket;
using vigil::can::CanSocketOptions;
using vigil::can::LiveFrame;

void Pause(double ms) { usleep(static_cast<useconds_t>(ms * 1000)); }

/// One frame as `candump -L` writes it, with R, E and T for remote, error and transmitted.
void Print(const LiveFrame& frame) {
  using namespace vigil::can;
  std::printf(frame.flags & (kExtended | kErrorFrame) ? "frame %08X" : "frame %03X", frame.id);
  std::printf(frame.flags & kFd ? "##%X" : "#",
              (frame.flags & kBitRateSwitch ? 1 : 0) | (frame.flags & kErrorStateIndicator ? 2 : 0));
  if (!(frame.flags & kRemote)) {
    for (size_t i = 0; i < frame.length; ++i) std::printf("%02X", frame.data[i]);
  } else {
    std::printf("R");
    if (frame.length > 0) std::printf("%u", frame.length);
  }
  if (frame.flags & kErrorFrame) std::printf(" E");
  if (frame.flags & kTransmitted) std::printf(" T");
  std::printf("\n");
}

void PrintState(const CanReader& reader) {
  const auto state = reader.State();
  std::printf("state link=%d controller=%d silent=%d\n", static_cast<int>(state.link),
              static_cast<int>(state.controller), state.silent ? 1 : 0);
}

void PrintCounters(const CanReader& reader) {
  const auto c = reader.Counters();
  std::printf(
      "counters received=%llu filtered=%llu dropped=%llu kernelDropped=%llu errors=%llu busOffs=%llu "
      "linkDowns=%llu "
      "reopened=%llu software=%llu hardware=%llu reads=%llu wakeUps=%llu\n",
      static_cast<unsigned long long>(c.received), static_cast<unsigned long long>(c.filtered),
      static_cast<unsigned long long>(c.dropped), static_cast<unsigned long long>(c.kernelDropped),
      static_cast<unsigned long long>(c.errorFrames), static_cast<unsigned long long>(c.busOffs),
      static_cast<unsigned long long>(c.linkDowns), static_cast<unsigned long long>(c.reopened),
      static_cast<unsigned long long>(c.softwareStamped), static_cast<unsigned long long>(c.hardwareStamped),
      static_cast<unsigned long long>(c.reads), static_cast<unsigned long long>(c.wakeUps));
}

/// read INTERFACE MILLISECONDS [KEY...]: prints frames, changes of state and, last, the counters.
int Read(const std::string& interface, double ms, const std::vector<uint32_t>& keys, bool quiet) {
  CanSocketOptions options;
  options.interface = interface;
  if (const char* bytes = std::getenv("CAN_PROBE_BUFFER")) options.receiveBufferBytes = std::atoi(bytes);
  CanSocket socket(options);
  if (!keys.empty()) socket.SetFilter(vigil::can::FrameFilter(keys));
  vigil::can::ReaderOptions readerOptions;
  if (const char* drain = std::getenv("CAN_PROBE_DRAIN_MS")) readerOptions.drainPeriodMs = std::atof(drain);
  CanReader reader(&socket, readerOptions, [] {});
  std::printf("ready\n");
  std::fflush(stdout);
  vigil::can::BusState last;
  std::vector<LiveFrame> frames;
  double firstMs = 0, lastMs = 0;
  bool inOrder = true;
  for (const double end = vigil::MonotonicMs() + ms; vigil::MonotonicMs() < end; Pause(10)) {
    reader.Collect(&frames);
    for (const LiveFrame& frame : frames) {
      if (!quiet) Print(frame);
      if (firstMs == 0) firstMs = frame.t;
      inOrder = inOrder && frame.t >= lastMs && frame.t <= vigil::MonotonicMs();
      lastMs = frame.t;
    }
    if (reader.State() == last) continue;
    last = reader.State();
    PrintState(reader);
    std::fflush(stdout);
  }
  std::printf("stamps inOrder=%d spanMs=%.0f\n", inOrder ? 1 : 0, lastMs - firstMs);
  PrintCounters(reader);
  return 0;
}

/// cyclic INTERFACE PERIOD_MS COUNT: a message of eight payloads with a counter in byte 0.
int Cyclic(const std::string& interface, double periodMs, uint64_t count) {
  CanSocketOptions options;
  options.interface = interface;
  CanSocket socket(options);
  vigil::can::CyclicSender sender(
      {}, [&](const LiveFrame& frame) { return socket.Send(frame); }, [] {});
  vigil::can::CyclicMessage message;
  message.frame.id = 0x321;
  message.frame.length = 2;
  for (uint8_t i = 0; i < 8; ++i) message.payloads.insert(message.payloads.end(), {i, 0xAA});
  message.periodMs = periodMs;
  message.count = count;
  const uint32_t handle = sender.Start(std::move(message));
  while (!sender.Counters(handle)->finished) Pause(5);
  const auto c = *sender.Counters(handle);
  std::printf("cyclic sent=%llu failed=%llu skipped=%llu lastError=%d\n",
              static_cast<unsigned long long>(c.sent), static_cast<unsigned long long>(c.failed),
              static_cast<unsigned long long>(c.skipped), c.lastError);
  return 0;
}

/// flood INTERFACE COUNT: as fast as it goes; counts how often the queue was full.
int Flood(const std::string& interface, int count) {
  CanSocketOptions options;
  options.interface = interface;
  options.receiveOwn = false;
  CanSocket socket(options);
  LiveFrame frame;
  frame.id = 0x7F0;
  frame.length = 8;
  int full = 0, sent = 0, other = 0;
  for (int i = 0; i < count; ++i) {
    std::memcpy(frame.data.data(), &i, sizeof i);
    const int error = socket.Send(frame);
    if (error == 0)
      ++sent;
    else if (error == ENOBUFS)
      ++full;
    else
      ++other;
  }
  std::printf("flood sent=%d full=%d other=%d\n", sent, full, other);
  return 0;
}

int Run(int argc, char** argv) {
  const std::string command = argc > 1 ? argv[1] : "", interface = argc > 2 ? argv[2] : "";
  if (command == "read" || command == "count") {
    std::vector<uint32_t> keys;
    for (int i = 4; i < argc; ++i) keys.push_back(static_cast<uint32_t>(std::strtoul(argv[i], nullptr, 16)));
    return Read(interface, std::atof(argv[3]), keys, command == "count");
  }
  if (command == "cyclic") return Cyclic(interface, std::atof(argv[3]), std::strtoull(argv[4], nullptr, 10));
  if (command == "flood") return Flood(interface, std::atoi(argv[3]));
  std::fprintf(stderr, "usage: can_probe read|count|cyclic|flood INTERFACE ...\n");
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Run(argc, argv);
  } catch (const vigil::Error& error) {
    std::printf("error %s %s\n", error.code().c_str(), error.what());
    return 1;
  }
}
