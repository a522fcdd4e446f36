#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace vigil {

/// How a picture's bytes are to be read; the numbers are those of the tracker's formats.
enum class CaptureFormat : int { kJpeg = 0, kGrey = 2, kYuyv = 3 };

struct CaptureOptions {
  std::string device;
  /// "auto", "mjpeg", "yuyv", "grey" or "nv12"; of NV12 the luma is used.
  std::string format = "auto";
  int width = 640;
  int height = 480;
  double fps = 30;
  /// Exposure time in microseconds; 0: automatic; negative: as it is.
  int64_t exposureUs = -1;
  /// 1 on, 0 off, negative as it is.
  int infraredLamp = -1;
};

/// What was agreed on with the device.
struct CaptureMode {
  CaptureFormat format = CaptureFormat::kJpeg;
  std::string fourcc;
  int width = 0;
  int height = 0;
  /// 0 where the device does not say.
  double fps = 0;
  std::string card;
  std::string driver;
  /// Controls that were asked for and that the device does not have.
  std::vector<std::string> missingControls;
};

/// A V4L2 camera that streams into buffers mapped from the kernel. Not thread-safe; closing the descriptor
/// ends it.
class V4l2Device {
 public:
  /// Throws Error CAMERA_MISSING, CAMERA_BUSY, CAMERA_OPEN_FAILED, CAMERA_UNSUPPORTED.
  explicit V4l2Device(const CaptureOptions& options);
  ~V4l2Device();
  V4l2Device(const V4l2Device&) = delete;
  V4l2Device& operator=(const V4l2Device&) = delete;

  const CaptureMode& mode() const noexcept { return mode_; }

  struct Picture {
    /// Valid until Release.
    std::span<const uint8_t> bytes;
    /// When it was exposed, or its transfer began: milliseconds on CLOCK_MONOTONIC.
    double tMs = 0;
    /// As the driver counts; a gap is frames that the kernel lost.
    uint32_t sequence = 0;
    uint32_t index = 0;
    /// The driver says that the bytes are damaged.
    bool damaged = false;
  };

  /// The next picture; nothing when none came in time. Throws Error CAMERA_LOST when the device is gone.
  std::optional<Picture> Next(int timeoutMs);
  /// Gives the picture's buffer back to the driver. Throws Error CAMERA_LOST.
  void Release(const Picture& picture);

 private:
  struct Buffer {
    void* start = nullptr;
    size_t length = 0;
  };

  void Negotiate(const CaptureOptions& options);
  void SetRate(double fps);
  void SetControls(const CaptureOptions& options);
  bool SetControl(uint32_t id, int64_t value);
  void MapBuffers();
  void CloseAll() noexcept;
  [[noreturn]] void Lost(const char* what) const;

  std::string device_;
  int fd_ = -1;
  CaptureMode mode_;
  std::vector<Buffer> buffers_;
};

}  // namespace vigil
