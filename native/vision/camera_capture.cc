#include "vision/camera_capture.h"

#include <optional>

#include "core/error.h"

namespace vigil {
namespace {

constexpr size_t kWaiting = 2;
/// How soon the thread sees that it is to end, ms.
constexpr int kPollMs = 50;
/// A camera that gives nothing for so long has hung up, ms.
constexpr int kSilentMs = 2000;

}  // namespace

CameraCapture::CameraCapture(const CaptureOptions& options, std::function<void()> wake)
    : device_(options), wake_(std::move(wake)), thread_([this] { Run(); }) {}

CameraCapture::~CameraCapture() {
  stopping_ = true;
  thread_.join();
}

bool CameraCapture::Take(CapturedPicture& picture) {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return false;
  std::swap(picture, waiting_.front());
  spare_.push_back(std::move(waiting_.front()));
  waiting_.erase(waiting_.begin());
  return true;
}

std::string CameraCapture::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

CameraCapture::Counters CameraCapture::counters() const noexcept {
  return {received_.load(std::memory_order_relaxed), dropped_.load(std::memory_order_relaxed),
          damaged_.load(std::memory_order_relaxed)};
}

void CameraCapture::Run() {
  std::optional<uint32_t> last;
  int silentMs = 0;
  try {
    while (!stopping_) {
      const auto picture = device_.Next(kPollMs);
      if (!picture) {
        silentMs += kPollMs;
        if (silentMs >= kSilentMs) throw Error("CAMERA_SILENT", "no picture for 2 s");
        continue;
      }
      silentMs = 0;
      received_.fetch_add(1, std::memory_order_relaxed);
      // Drivers that do not count leave the number as it is.
      if (last && picture->sequence > *last + 1) {
        dropped_.fetch_add(picture->sequence - *last - 1, std::memory_order_relaxed);
      }
      last = picture->sequence;
      if (picture->damaged) {
        damaged_.fetch_add(1, std::memory_order_relaxed);
      } else {
        Keep(*picture);
        wake_();
      }
      device_.Release(*picture);
    }
    return;
  } catch (const std::exception& error) {
    const std::lock_guard lock(mutex_);
    ended_ = error.what();
  }
  wake_();
}

void CameraCapture::Keep(const V4l2Device::Picture& picture) {
  const std::lock_guard lock(mutex_);
  CapturedPicture kept;
  if (waiting_.size() >= kWaiting) {
    kept = std::move(waiting_.front());
    waiting_.erase(waiting_.begin());
    dropped_.fetch_add(1, std::memory_order_relaxed);
  } else if (!spare_.empty()) {
    kept = std::move(spare_.back());
    spare_.pop_back();
  }
  kept.tMs = picture.tMs;
  kept.bytes.assign(picture.bytes.begin(), picture.bytes.end());
  waiting_.push_back(std::move(kept));
}

}  // namespace vigil
