#pragma once

#include <linux/can.h>

#include <array>
#include <atomic>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "can/frame_columns.h"

namespace vigil::can {

/// One frame between a socket and the columns.
struct LiveFrame {
  double t = 0;  ///< ms, CLOCK_MONOTONIC
  uint32_t id = 0;
  uint8_t flags = 0;   ///< bits of FrameFlag
  uint8_t length = 0;  ///< payload bytes; for a remote frame the number it asks for, `data` is zero then
  std::array<uint8_t, kMaxPayload> data{};
};

/// The kernel's form of a frame. Returns the bytes to write: CAN_MTU or CANFD_MTU. The payload of a remote
/// frame is left out.
size_t ToWire(const LiveFrame& frame, canfd_frame* wire) noexcept;

/// Reads what one datagram of `bytes` bytes held; false when no CAN frame has that size or length.
bool FromWire(const canfd_frame& wire, size_t bytes, LiveFrame* frame) noexcept;

/// Which identifiers are wanted. A key is the identifier, with bit 31 set for 29-bit ones (as in a DBC file);
/// with bit 30 too, every identifier of the same J1939 parameter group: any priority, source and, for PDU1,
/// destination. Error frames always pass: they tell the bus's state.
class FrameFilter {
 public:
  FrameFilter() = default;
  explicit FrameFilter(const std::vector<uint32_t>& keys);

  bool all() const noexcept { return all_; }
  bool Passes(const LiveFrame& frame) const noexcept;
  /// One kernel filter a key, exact in identifier (or group) and kind, data and remote frames alike.
  std::vector<can_filter> ToKernel() const;

 private:
  bool all_ = true;
  std::bitset<2048> standard_;
  struct Group {
    uint32_t id, mask;
    bool operator==(const Group&) const = default;
  };

  std::vector<uint32_t> extended_;  ///< sorted identifiers
  std::vector<Group> groups_;       ///< 29-bit identifiers with (identifier & mask) == id
};

struct CanSocketOptions {
  std::string interface;  ///< for example can0; empty when a descriptor is given
  /// A connected socket of one datagram a frame (struct can_frame or canfd_frame); duplicated. This is the
  /// seam through which tests and benchmarks feed a reader on machines without CAN in their kernel.
  int descriptor = -1;
  bool receiveOwn = true;  ///< frames sent through this socket come back, marked kTransmitted
  int receiveBufferBytes = 4 << 20;
};

/// A raw CAN socket, or a given one in its place. The reader's thread alone reads and reopens; sending and
/// filtering may happen on any thread.
class CanSocket {
 public:
  /// Opens. Throws Error CAN_UNSUPPORTED, CAN_INTERFACE_MISSING, CAN_OPEN_FAILED.
  explicit CanSocket(CanSocketOptions options);
  ~CanSocket();
  CanSocket(const CanSocket&) = delete;
  CanSocket& operator=(const CanSocket&) = delete;

  /// -1 while closed. For the reader's thread.
  int descriptor() const noexcept { return descriptor_.load(); }
  bool isInterface() const noexcept { return !options_.interface.empty(); }
  /// Whether the interface is administratively up and its driver running; true for a given descriptor.
  bool LinkUp() const noexcept;
  /// Closes what is left and opens anew by name. False while the interface is missing; a given descriptor
  /// cannot come back.
  bool Reopen() noexcept;
  void Close() noexcept;

  /// Hands one frame to the kernel without waiting. Returns 0 or an errno: ENOBUFS or EAGAIN when the queue
  /// is full, ENETDOWN when the interface is down, EINVAL when it cannot carry CAN FD, EBADF while closed.
  int Send(const LiveFrame& frame) noexcept;

  /// Kernel filters where they fit (512 on Linux); whether the reader must still filter is `FilterInReader`.
  void SetFilter(FrameFilter filter);
  bool Passes(const LiveFrame& frame) const;

 private:
  /// A new socket bound to the interface; -1 with errno set.
  int OpenInterface() const noexcept;
  int ApplyFilter(int descriptor) const noexcept;
  void Configure(int descriptor) const noexcept;

  const CanSocketOptions options_;
  mutable std::mutex mutex_;  ///< descriptor's life against Send, and the filter
  std::atomic<int> descriptor_{-1};
  FrameFilter filter_;
  std::atomic<bool> filterHere_{false};
};

/// The most filters a raw CAN socket takes (CAN_RAW_FILTER_MAX).
inline constexpr size_t kMaxKernelFilters = 512;

}  // namespace vigil::can
