#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "can/can_socket.h"
#include "can/socketcan_stamps.h"
#include "core/ring.h"

namespace vigil::can {

enum class Link : uint8_t {
  kUp = 0,
  kDown = 1,     ///< the interface is there but switched off
  kMissing = 2,  ///< the interface went away; looked for again
  kEnded = 3,    ///< a given descriptor's other end was closed
};

/// A controller's fault confinement state, from its error frames (ISO 11898-1).
enum class Controller : uint8_t { kActive = 0, kWarning = 1, kPassive = 2, kBusOff = 3 };

struct BusState {
  Link link = Link::kUp;
  Controller controller = Controller::kActive;
  bool silent = false;  ///< nothing was received for `silentAfterMs`
  bool operator==(const BusState&) const = default;
};

struct ReaderOptions {
  size_t ringFrames = 16384;  ///< frames that may wait for collection; the oldest give way
  double wakePeriodMs = 10;   ///< wake-ups are at least this far apart
  double drainPeriodMs = 2;   ///< the socket is read at most this often; the kernel's buffer holds what comes
  double silentAfterMs = 1000;
  double linkCheckMs = 200;
  uint8_t channel = 0;
};

struct ReaderCounters {
  uint64_t received = 0;  ///< frames taken from the socket and wanted
  uint64_t filtered = 0;  ///< frames taken from the socket and not wanted; the kernel's filter counts none
  uint64_t dropped = 0;   ///< frames pushed out of the ring
  uint64_t kernelDropped = 0;  ///< frames the kernel had no buffer for (SO_RXQ_OVFL)
  uint64_t malformed = 0;      ///< datagrams that are no CAN frames
  uint64_t errorFrames = 0;
  uint64_t busOffs = 0;
  uint64_t linkDowns = 0;
  uint64_t reopened = 0;
  uint64_t hardwareStamped = 0;
  uint64_t softwareStamped = 0;  ///< stamped by the kernel; the others when they were read
  uint64_t reads = 0;            ///< system calls that read
  uint64_t wakeUps = 0;
  double lastRxAgeMs = -1;  ///< since the newest frame of any identifier that reached us; -1 before the first
};

/// The thread that reads a CAN socket: batches of frames by one system call, the best stamp each frame has,
/// drop counts, the controller's state, an interface that goes and comes back.
///
/// `wake` is called on the thread when frames wait or the state changed, at most every `wakePeriodMs`, and
/// not again before Collect was called; it must not block. Collect, Counters and State may be called from any
/// thread. The destructor stops and joins.
class CanReader {
 public:
  CanReader(CanSocket* socket, ReaderOptions options, std::function<void()> wake);
  ~CanReader();
  CanReader(const CanReader&) = delete;
  CanReader& operator=(const CanReader&) = delete;

  /// Moves every waiting frame, oldest first, into `frames`, whose memory is reused.
  void Collect(std::vector<LiveFrame>* frames);

  size_t Waiting() const;
  ReaderCounters Counters() const;
  BusState State() const;

  /// Idempotent; from any thread but the reader's own.
  void Stop();

 private:
  struct Messages;  // buffers of recvmmsg

  void Loop();
  /// Waits for input; true when the socket has something (also an error) to read.
  bool Await(double timeoutMs) const;
  double TimeoutMs(double nowMs) const;
  /// Reads until the socket is empty or a bound is reached; true when anything came.
  bool Drain();
  void Take(size_t count);
  void OnError(int error);
  void Admit(const LiveFrame& frame);
  void ReadControllerState(const LiveFrame& frame);
  void CheckLink();
  void SetLink(Link link);
  void WakeIfDue(double nowMs);

  CanSocket* const socket_;
  const ReaderOptions options_;
  const std::function<void()> wake_;
  const std::unique_ptr<Messages> messages_;
  int stopEvent_ = -1;

  mutable std::mutex mutex_;
  std::mutex joinMutex_;
  Ring<LiveFrame> ring_;
  ReaderCounters counters_;
  BusState state_;
  bool stopping_ = false;
  bool wakePending_ = false;
  bool stateChanged_ = false;
  double lastRxMs_ = -1;

  // Only the thread's own.
  HardwareClock hardwareClock_;
  double lastStampMs_ = 0;
  double openedMs_ = 0;
  double lastWakeMs_ = -1e9;
  double nextLinkCheckMs_ = 0;
  uint32_t overflowSeen_ = 0;  ///< SO_RXQ_OVFL counts from the socket's opening

  std::thread thread_;  // last: starts when everything above is built
};

}  // namespace vigil::can
