#include "vision/v4l2_device.h"

#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>

#include "core/clock.h"
#include "core/error.h"

namespace vigil {
namespace {

constexpr uint32_t kBuffers = 4;

struct Choice {
  const char* name;
  uint32_t fourcc;
  CaptureFormat format;
};

/// In the order of what costs least here: compressed pictures need the least of the bus, grey ones no
/// conversion.
constexpr std::array<Choice, 4> kChoices{{{"mjpeg", V4L2_PIX_FMT_MJPEG, CaptureFormat::kJpeg},
                                          {"grey", V4L2_PIX_FMT_GREY, CaptureFormat::kGrey},
                                          {"yuyv", V4L2_PIX_FMT_YUYV, CaptureFormat::kYuyv},
                                          {"nv12", V4L2_PIX_FMT_NV12, CaptureFormat::kGrey}}};

int Ioctl(int fd, unsigned long request, void* argument) {
  int result = 0;
  do {
    result = ioctl(fd, request, argument);
  } while (result < 0 && errno == EINTR);
  return result;
}

std::string Fourcc(uint32_t code) {
  std::string text(4, ' ');
  for (size_t i = 0; i < 4; ++i) text[i] = static_cast<char>((code >> (8 * i)) & 0x7f);
  return text;
}

template <size_t N>
std::string Text(const uint8_t (&bytes)[N]) {
  return {reinterpret_cast<const char*>(bytes), strnlen(reinterpret_cast<const char*>(bytes), N)};
}

}  // namespace

V4l2Device::V4l2Device(const CaptureOptions& options) : device_(options.device) {
  fd_ = open(device_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd_ < 0) {
    const std::string reason = std::strerror(errno);
    if (errno == ENOENT || errno == ENODEV || errno == ENXIO) {
      throw Error("CAMERA_MISSING", "Expected a camera at " + device_ + " but: " + reason + ".",
                  "Is it plugged in? `ls /dev/video*` shows what there is.");
    }
    throw Error("CAMERA_OPEN_FAILED", "Expected to open " + device_ + " but: " + reason + ".",
                "The user needs to be in the group of the device, usually video.");
  }
  try {
    Negotiate(options);
    SetRate(options.fps);
    SetControls(options);
    MapBuffers();
  } catch (...) {
    CloseAll();
    throw;
  }
}

V4l2Device::~V4l2Device() { CloseAll(); }

void V4l2Device::Negotiate(const CaptureOptions& options) {
  v4l2_capability capability{};
  if (Ioctl(fd_, VIDIOC_QUERYCAP, &capability) < 0) {
    throw Error("CAMERA_UNSUPPORTED", "Expected a V4L2 camera at " + device_ + " but it is none.");
  }
  const uint32_t can = (capability.capabilities & V4L2_CAP_DEVICE_CAPS) != 0 ? capability.device_caps
                                                                             : capability.capabilities;
  if ((can & V4L2_CAP_VIDEO_CAPTURE) == 0 || (can & V4L2_CAP_STREAMING) == 0) {
    throw Error("CAMERA_UNSUPPORTED", "Expected " + device_ + " to capture and to stream but it does not.",
                "A camera often has several devices; `v4l2-ctl --list-devices` shows them.");
  }
  mode_.card = Text(capability.card);
  mode_.driver = Text(capability.driver);

  std::string offered;
  const Choice* chosen = nullptr;
  for (const Choice& choice : kChoices) {
    if (options.format != "auto" && options.format != choice.name) continue;
    v4l2_fmtdesc description{};
    description.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    for (; chosen == nullptr && Ioctl(fd_, VIDIOC_ENUM_FMT, &description) == 0; ++description.index) {
      if (description.pixelformat == choice.fourcc) chosen = &choice;
    }
    if (chosen != nullptr) break;
  }
  if (chosen == nullptr) {
    v4l2_fmtdesc description{};
    description.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    for (; Ioctl(fd_, VIDIOC_ENUM_FMT, &description) == 0; ++description.index) {
      offered += (offered.empty() ? "" : ", ") + Fourcc(description.pixelformat);
    }
    throw Error("CAMERA_UNSUPPORTED",
                "Expected " + device_ + " to give " +
                    (options.format == "auto" ? "mjpeg, grey, yuyv or nv12" : options.format) +
                    " but it gives " + (offered.empty() ? "nothing" : offered) + ".");
  }

  v4l2_format format{};
  format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  format.fmt.pix.width = static_cast<uint32_t>(options.width);
  format.fmt.pix.height = static_cast<uint32_t>(options.height);
  format.fmt.pix.pixelformat = chosen->fourcc;
  format.fmt.pix.field = V4L2_FIELD_NONE;
  if (Ioctl(fd_, VIDIOC_S_FMT, &format) < 0) {
    if (errno == EBUSY) {
      throw Error("CAMERA_BUSY", "Expected " + device_ + " to be free but another program streams from it.",
                  "`fuser " + device_ + "` names it.");
    }
    throw Error("CAMERA_UNSUPPORTED",
                "Expected " + device_ + " to take " + chosen->name + " but: " + std::strerror(errno) + ".");
  }
  const v4l2_pix_format& given = format.fmt.pix;
  // The tracker reads rows without padding between them.
  const uint32_t row = chosen->format == CaptureFormat::kYuyv ? 2 * given.width : given.width;
  if (given.pixelformat != chosen->fourcc ||
      (chosen->format != CaptureFormat::kJpeg && given.bytesperline != row && given.bytesperline != 0)) {
    throw Error("CAMERA_UNSUPPORTED",
                "Expected rows of " + std::to_string(row) + " bytes from " + device_ + " but they have " +
                    std::to_string(given.bytesperline) + ".",
                "Another width may do.");
  }
  mode_.format = chosen->format;
  mode_.fourcc = Fourcc(chosen->fourcc);
  mode_.width = static_cast<int>(given.width);
  mode_.height = static_cast<int>(given.height);
}

void V4l2Device::SetRate(double fps) {
  v4l2_streamparm parameters{};
  parameters.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  if (Ioctl(fd_, VIDIOC_G_PARM, &parameters) < 0) return;
  v4l2_fract& interval = parameters.parm.capture.timeperframe;
  if ((parameters.parm.capture.capability & V4L2_CAP_TIMEPERFRAME) != 0) {
    interval.numerator = 1000;
    interval.denominator = static_cast<uint32_t>(std::lround(fps * 1000));
    if (Ioctl(fd_, VIDIOC_S_PARM, &parameters) < 0) return;
  }
  if (interval.numerator > 0) mode_.fps = static_cast<double>(interval.denominator) / interval.numerator;
}

bool V4l2Device::SetControl(uint32_t id, int64_t value) {
  v4l2_control control{};
  control.id = id;
  control.value = static_cast<int32_t>(value);
  return Ioctl(fd_, VIDIOC_S_CTRL, &control) == 0;
}

void V4l2Device::SetControls(const CaptureOptions& options) {
  if (options.exposureUs == 0) {
    if (!SetControl(V4L2_CID_EXPOSURE_AUTO, V4L2_EXPOSURE_AUTO) &&
        !SetControl(V4L2_CID_EXPOSURE_AUTO, V4L2_EXPOSURE_APERTURE_PRIORITY)) {
      mode_.missingControls.emplace_back("automatic exposure");
    }
  } else if (options.exposureUs > 0) {
    // V4L2_CID_EXPOSURE_ABSOLUTE counts in 100 us.
    const bool isManual = SetControl(V4L2_CID_EXPOSURE_AUTO, V4L2_EXPOSURE_MANUAL);
    if (!SetControl(V4L2_CID_EXPOSURE_ABSOLUTE, std::max<int64_t>(1, options.exposureUs / 100)) ||
        !isManual) {
      mode_.missingControls.emplace_back("exposure time");
    }
  }
  if (options.infraredLamp >= 0) {
    // Where a lamp has a control it is the flash's torch.
    const int mode = options.infraredLamp == 1 ? V4L2_FLASH_LED_MODE_TORCH : V4L2_FLASH_LED_MODE_NONE;
    if (!SetControl(V4L2_CID_FLASH_LED_MODE, mode)) mode_.missingControls.emplace_back("infrared lamp");
  }
}

void V4l2Device::MapBuffers() {
  v4l2_requestbuffers request{};
  request.count = kBuffers;
  request.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  request.memory = V4L2_MEMORY_MMAP;
  if (Ioctl(fd_, VIDIOC_REQBUFS, &request) < 0) {
    if (errno == EBUSY) {
      throw Error("CAMERA_BUSY", "Expected " + device_ + " to be free but another program streams from it.",
                  "`fuser " + device_ + "` names it.");
    }
    throw Error("CAMERA_UNSUPPORTED",
                "Expected " + device_ + " to map its buffers but: " + std::strerror(errno) + ".");
  }
  for (uint32_t index = 0; index < request.count; ++index) {
    v4l2_buffer buffer{};
    buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    buffer.memory = V4L2_MEMORY_MMAP;
    buffer.index = index;
    if (Ioctl(fd_, VIDIOC_QUERYBUF, &buffer) < 0) Lost("describing its buffers");
    void* start = mmap(nullptr, buffer.length, PROT_READ | PROT_WRITE, MAP_SHARED, fd_,
                       static_cast<off_t>(buffer.m.offset));
    if (start == MAP_FAILED) Lost("mapping its buffers");
    buffers_.push_back({start, buffer.length});
    if (Ioctl(fd_, VIDIOC_QBUF, &buffer) < 0) Lost("queueing its buffers");
  }
  int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  if (Ioctl(fd_, VIDIOC_STREAMON, &type) < 0) Lost("starting its stream");
}

std::optional<V4l2Device::Picture> V4l2Device::Next(int timeoutMs) {
  pollfd watched{fd_, POLLIN, 0};
  const int ready = poll(&watched, 1, timeoutMs);
  if (ready == 0 || (ready < 0 && errno == EINTR)) return std::nullopt;
  if (ready < 0 || (watched.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) {
    errno = ENODEV;
    Lost("waiting for a picture");
  }
  v4l2_buffer buffer{};
  buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  buffer.memory = V4L2_MEMORY_MMAP;
  if (Ioctl(fd_, VIDIOC_DQBUF, &buffer) < 0) {
    if (errno == EAGAIN) return std::nullopt;
    Lost("taking a picture");
  }
  const bool isMonotonic = (buffer.flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) == V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
  const double stampMs = static_cast<double>(buffer.timestamp.tv_sec) * 1e3 +
                         static_cast<double>(buffer.timestamp.tv_usec) / 1e3;
  const Buffer& mapped = buffers_[buffer.index];
  // NV12: its luma comes first.
  size_t size = std::min<size_t>(buffer.bytesused, mapped.length);
  if (mode_.format == CaptureFormat::kGrey) {
    size = std::min(size, static_cast<size_t>(mode_.width) * static_cast<size_t>(mode_.height));
  }
  return Picture{{static_cast<const uint8_t*>(mapped.start), size},
                 isMonotonic ? stampMs : MonotonicMs(),
                 buffer.sequence,
                 buffer.index,
                 (buffer.flags & V4L2_BUF_FLAG_ERROR) != 0};
}

void V4l2Device::Release(const Picture& picture) {
  v4l2_buffer buffer{};
  buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  buffer.memory = V4L2_MEMORY_MMAP;
  buffer.index = picture.index;
  if (Ioctl(fd_, VIDIOC_QBUF, &buffer) < 0) Lost("giving a buffer back");
}

void V4l2Device::Lost(const char* what) const {
  throw Error("CAMERA_LOST",
              "Expected " + device_ + " to stay but " + what + " failed: " + std::strerror(errno) + ".");
}

void V4l2Device::CloseAll() noexcept {
  for (const Buffer& buffer : buffers_) munmap(buffer.start, buffer.length);
  buffers_.clear();
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

}  // namespace vigil
