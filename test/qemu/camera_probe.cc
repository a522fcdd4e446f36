// Runs our camera capture inside the guest and prints what came, as lines of key=value pairs.
//   camera_probe stream DEVICE FORMAT COUNT   until so many pictures were taken
//   camera_probe unplug DEVICE                streams, unplugs the virtual camera (vivid), and says what was
//   seen camera_probe open DEVICE FORMAT           only opens
#include <fcntl.h>
#include <linux/videodev2.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "core/clock.h"
#include "core/error.h"
#include "vision/camera_capture.h"

namespace {

using vigil::CameraCapture;
using vigil::CapturedPicture;

/// vivid's control that makes the device behave as unplugged
/// (drivers/media/test-drivers/vivid/vivid-ctrls.c).
constexpr uint32_t kVividDisconnect = (0x00f00000 | 0xf000) + 65;

void Sleep(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

void PrintMode(const vigil::CaptureMode& mode) {
  std::printf("mode fourcc=%s width=%d height=%d fps=%.2f missing=%zu\n", mode.fourcc.c_str(), mode.width,
              mode.height, mode.fps, mode.missingControls.size());
}

int Stream(const vigil::CaptureOptions& options, int count) {
  std::atomic<int> wakes{0};
  CameraCapture capture(options, [&] { ++wakes; });
  PrintMode(capture.mode());
  CapturedPicture picture;
  double lastMs = 0;
  double firstMs = 0;
  double oldestMs = 0;
  size_t bytes = 0;
  bool inOrder = true;
  int taken = 0;
  const double deadline = vigil::MonotonicMs() + 60'000;
  while (taken < count && capture.ended().empty() && vigil::MonotonicMs() < deadline) {
    if (!capture.Take(picture)) {
      Sleep(1);
      continue;
    }
    if (taken == 0) firstMs = picture.tMs;
    inOrder = inOrder && picture.tMs > lastMs;
    lastMs = picture.tMs;
    oldestMs = std::max(oldestMs, vigil::MonotonicMs() - picture.tMs);
    bytes = picture.bytes.size();
    ++taken;
  }
  const auto counters = capture.counters();
  std::printf(
      "pictures taken=%d bytes=%zu inOrder=%d spanMs=%.1f oldestMs=%.1f received=%llu dropped=%llu "
      "wakes=%d\n",
      taken, bytes, inOrder ? 1 : 0, lastMs - firstMs, oldestMs,
      static_cast<unsigned long long>(counters.received), static_cast<unsigned long long>(counters.dropped),
      wakes.load());
  return taken == count ? 0 : 1;
}

int Unplug(const vigil::CaptureOptions& options) {
  CameraCapture capture(options, [] {});
  Sleep(500);
  const int fd = open(options.device.c_str(), O_RDWR);
  v4l2_ext_control control{};
  control.id = kVividDisconnect;
  control.value = 1;
  v4l2_ext_controls controls{};
  controls.which = V4L2_CTRL_WHICH_CUR_VAL;
  controls.count = 1;
  controls.controls = &control;
  const int set = ioctl(fd, VIDIOC_S_EXT_CTRLS, &controls);
  const double unpluggedMs = vigil::MonotonicMs();
  while (capture.ended().empty() && vigil::MonotonicMs() - unpluggedMs < 5000) Sleep(1);
  std::printf("unplugged set=%d seenAfterMs=%.1f\n", set, vigil::MonotonicMs() - unpluggedMs);
  std::printf("reason %s\n", capture.ended().c_str());
  close(fd);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  vigil::CaptureOptions options;
  options.device = argc > 2 ? argv[2] : "";
  if (argc > 3) options.format = argv[3];
  try {
    if (what == "stream") return Stream(options, argc > 4 ? std::atoi(argv[4]) : 10);
    if (what == "unplug") return Unplug(options);
    if (what == "open") {
      vigil::V4l2Device device(options);
      PrintMode(device.mode());
      return 0;
    }
  } catch (const vigil::Error& error) {
    std::printf("error %s\n", error.code().c_str());
    return 1;
  }
  std::printf("usage: camera_probe stream|unplug|open DEVICE [FORMAT] [COUNT]\n");
  return 2;
}
