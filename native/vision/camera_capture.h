#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "vision/v4l2_device.h"

namespace vigil {

/// A picture that was copied out of the driver's buffer.
struct CapturedPicture {
  double tMs = 0;
  std::vector<uint8_t> bytes;
};

/// Takes pictures from a camera on a thread of its own. At most two wait to be taken; newer ones push out the
/// older.
class CameraCapture {
 public:
  /// `wake` is called on the capture thread when there is something to take, or the stream has ended.
  /// Throws what V4l2Device throws.
  CameraCapture(const CaptureOptions& options, std::function<void()> wake);
  ~CameraCapture();
  CameraCapture(const CameraCapture&) = delete;
  CameraCapture& operator=(const CameraCapture&) = delete;

  const CaptureMode& mode() const noexcept { return device_.mode(); }

  /// The oldest picture that waits, into `picture`, whose memory is used again. False when none does.
  bool Take(CapturedPicture& picture);

  /// Why the stream ended; empty while it goes on.
  std::string ended() const;

  struct Counters {
    uint64_t received = 0;
    /// Pushed out here, or lost by the kernel (gaps of its count).
    uint64_t dropped = 0;
    /// The driver called them damaged.
    uint64_t damaged = 0;
  };
  Counters counters() const noexcept;

 private:
  void Run();
  void Keep(const V4l2Device::Picture& picture);

  V4l2Device device_;
  const std::function<void()> wake_;
  mutable std::mutex mutex_;
  std::vector<CapturedPicture> waiting_;
  std::vector<CapturedPicture> spare_;
  std::string ended_;
  std::atomic<uint64_t> received_{0};
  std::atomic<uint64_t> dropped_{0};
  std::atomic<uint64_t> damaged_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;  // last: starts when everything else is there
};

}  // namespace vigil
