#include "can/socketcan_reader.h"

#include <linux/can/error.h>
#include <linux/errqueue.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <ctime>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/error.h"

namespace vigil::can {
namespace {

constexpr size_t kBatch = 64;
/// A flood never keeps the thread from its other duties for longer than this many batches.
constexpr int kBatchesPerDrain = 32;

int64_t NowNs(clockid_t clock) noexcept {
  timespec now{};
  clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

int64_t ToNs(const timespec& stamp) noexcept { return int64_t{stamp.tv_sec} * 1'000'000'000 + stamp.tv_nsec; }

/// What travels beside a frame.
struct Ancillary {
  int64_t softwareNs = 0, hardwareNs = 0;  ///< 0: none
  bool hasOverflow = false;
  uint32_t overflow = 0;
};

Ancillary ReadAncillary(msghdr* header) noexcept {
  Ancillary found;
  for (cmsghdr* item = CMSG_FIRSTHDR(header); item != nullptr; item = CMSG_NXTHDR(header, item)) {
    if (item->cmsg_level != SOL_SOCKET) continue;
    if (item->cmsg_type == SO_RXQ_OVFL) {
      std::memcpy(&found.overflow, CMSG_DATA(item), sizeof found.overflow);
      found.hasOverflow = true;
    } else if (item->cmsg_type == SO_TIMESTAMPING) {
      scm_timestamping stamps;
      std::memcpy(&stamps, CMSG_DATA(item), sizeof stamps);
      found.softwareNs = ToNs(stamps.ts[0]);
      found.hardwareNs = ToNs(stamps.ts[2]);
    }
  }
  return found;
}

}  // namespace

struct CanReader::Messages {
  static constexpr size_t kControlBytes =
      CMSG_SPACE(sizeof(scm_timestamping)) + CMSG_SPACE(sizeof(uint32_t)) + 64;
  struct alignas(cmsghdr) Control {
    std::array<char, kControlBytes> bytes;
  };

  Messages() : frames(kBatch), controls(kBatch), parts(kBatch), headers(kBatch) {
    for (size_t i = 0; i < kBatch; ++i) parts[i] = {&frames[i], sizeof frames[i]};
  }

  /// The kernel overwrites the lengths with what it delivered.
  void Prepare() {
    for (size_t i = 0; i < kBatch; ++i) {
      msghdr& header = headers[i].msg_hdr;
      header = {};
      header.msg_iov = &parts[i];
      header.msg_iovlen = 1;
      header.msg_control = controls[i].bytes.data();
      header.msg_controllen = kControlBytes;
    }
  }

  std::vector<canfd_frame> frames;
  std::vector<Control> controls;
  std::vector<iovec> parts;
  std::vector<mmsghdr> headers;
};

CanReader::CanReader(CanSocket* socket, ReaderOptions options, std::function<void()> wake)
    : socket_(socket),
      options_(options),
      wake_(std::move(wake)),
      messages_(std::make_unique<Messages>()),
      stopEvent_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      ring_(options.ringFrames),
      openedMs_(MonotonicMs()) {
  if (stopEvent_ < 0)
    throw Error("CAN_OPEN_FAILED", "Expected a descriptor for the reader but there is none left.");
  if (options_.ringFrames == 0) throw Error("INVALID_ARGUMENT", "Expected a ring of at least 1 frame.");
  state_.link = socket_->LinkUp() ? Link::kUp : Link::kDown;
  thread_ = std::thread([this] { Loop(); });
  pthread_setname_np(thread_.native_handle(), "vigil-can-rx");
}

CanReader::~CanReader() {
  Stop();
  close(stopEvent_);
}

void CanReader::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(stopEvent_, &one, sizeof one);
  const std::lock_guard join(joinMutex_);
  if (thread_.joinable()) thread_.join();
}

void CanReader::Collect(std::vector<LiveFrame>* frames) {
  frames->clear();
  const std::lock_guard lock(mutex_);
  wakePending_ = false;
  while (!ring_.empty()) frames->push_back(ring_.PopFront());
}

size_t CanReader::Waiting() const {
  const std::lock_guard lock(mutex_);
  return ring_.size();
}

ReaderCounters CanReader::Counters() const {
  const std::lock_guard lock(mutex_);
  ReaderCounters counters = counters_;
  counters.lastRxAgeMs = lastRxMs_ < 0 ? -1 : MonotonicMs() - lastRxMs_;
  return counters;
}

BusState CanReader::State() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void CanReader::Loop() {
  for (;;) {
    const bool readable = Await(TimeoutMs(MonotonicMs()));
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
    }
    const bool drained = readable && Drain();
    const double now = MonotonicMs();
    if (now >= nextLinkCheckMs_) CheckLink();
    WakeIfDue(now);
    // Under load the kernel collects while we sleep: one system call for many frames instead of one each.
    if (drained) {
      pollfd stop{stopEvent_, POLLIN, 0};
      poll(&stop, 1, static_cast<int>(std::ceil(options_.drainPeriodMs)));
    }
  }
}

double CanReader::TimeoutMs(double nowMs) const {
  double until = nextLinkCheckMs_;
  const std::lock_guard lock(mutex_);
  const bool something = !ring_.empty() || stateChanged_;
  if (something && !wakePending_) until = std::min(until, lastWakeMs_ + options_.wakePeriodMs);
  return std::max(0.0, until - nowMs);
}

bool CanReader::Await(double timeoutMs) const {
  const int descriptor = state_.link == Link::kEnded ? -1 : socket_->descriptor();
  std::array<pollfd, 2> waiting = {pollfd{stopEvent_, POLLIN, 0}, pollfd{descriptor, POLLIN, 0}};
  const auto seconds = static_cast<time_t>(timeoutMs / 1000);
  const auto nanoseconds = static_cast<long>((timeoutMs - static_cast<double>(seconds) * 1000) * 1e6);
  const timespec timeout{seconds, nanoseconds};
  return ppoll(waiting.data(), waiting.size(), &timeout, nullptr) > 0 && waiting[1].revents != 0;
}

bool CanReader::Drain() {
  bool any = false;
  for (int batch = 0; batch < kBatchesPerDrain; ++batch) {
    messages_->Prepare();
    const int count =
        recvmmsg(socket_->descriptor(), messages_->headers.data(), kBatch, MSG_DONTWAIT, nullptr);
    {
      const std::lock_guard lock(mutex_);
      ++counters_.reads;
    }
    if (count < 0) {
      if (errno != EAGAIN && errno != EINTR) OnError(errno);
      return any;
    }
    if (count == 0) return any;
    any = true;
    Take(static_cast<size_t>(count));
    if (static_cast<size_t>(count) < kBatch) return any;
  }
  return any;
}

void CanReader::Take(size_t count) {
  const int64_t realNs = NowNs(CLOCK_REALTIME), monotonicNs = NowNs(CLOCK_MONOTONIC);
  const double readMs = static_cast<double>(monotonicNs) / 1e6;
  const std::lock_guard lock(mutex_);
  LiveFrame frame;
  for (size_t i = 0; i < count; ++i) {
    mmsghdr& message = messages_->headers[i];
    // A closed peer reads as datagrams of nothing.
    if (message.msg_len == 0 && !socket_->isInterface()) {
      state_.link = Link::kEnded;
      stateChanged_ = true;
      return;
    }
    const Ancillary beside = ReadAncillary(&message.msg_hdr);
    if (beside.hasOverflow) {
      counters_.kernelDropped += beside.overflow - overflowSeen_;  // modulo 2^32, as the kernel counts
      overflowSeen_ = beside.overflow;
    }
    // A datagram larger than any frame is cut off by the kernel and would pass for one.
    const bool whole = (message.msg_hdr.msg_flags & MSG_TRUNC) == 0;
    if (!whole || !FromWire(messages_->frames[i], message.msg_len, &frame)) {
      ++counters_.malformed;
      continue;
    }
    double t = readMs;
    if (beside.softwareNs != 0) {
      t = MonotonicFromRealMs(beside.softwareNs, realNs, monotonicNs);
      ++counters_.softwareStamped;
    }
    if (beside.hardwareNs != 0) {
      t = hardwareClock_.Map(static_cast<double>(beside.hardwareNs) / 1e6, t);
      ++counters_.hardwareStamped;
    }
    lastStampMs_ = std::max(lastStampMs_, t);
    frame.t = lastStampMs_;
    // MSG_CONFIRM: this very socket sent it.
    if (message.msg_hdr.msg_flags & MSG_CONFIRM) frame.flags |= kTransmitted;
    Admit(frame);
  }
  lastRxMs_ = readMs;
  if (state_.silent || state_.link != Link::kUp) {
    state_.silent = false;
    state_.link = Link::kUp;
    stateChanged_ = true;
  }
}

void CanReader::Admit(const LiveFrame& frame) {
  if (!socket_->Passes(frame)) {
    ++counters_.filtered;
    return;
  }
  ++counters_.received;
  if (frame.flags & kErrorFrame) {
    ++counters_.errorFrames;
    ReadControllerState(frame);
  }
  if (ring_.size() == ring_.capacity()) {
    ring_.PopFront();
    ++counters_.dropped;
  }
  ring_.PushBack(frame);
}

void CanReader::ReadControllerState(const LiveFrame& frame) {
  Controller controller = state_.controller;
  if (frame.id & CAN_ERR_RESTARTED) controller = Controller::kActive;
  if ((frame.id & CAN_ERR_CRTL) && frame.length > 1) {
    const uint8_t detail = frame.data[1];
    if (detail & CAN_ERR_CRTL_ACTIVE) controller = Controller::kActive;
    if (detail & (CAN_ERR_CRTL_RX_WARNING | CAN_ERR_CRTL_TX_WARNING)) controller = Controller::kWarning;
    if (detail & (CAN_ERR_CRTL_RX_PASSIVE | CAN_ERR_CRTL_TX_PASSIVE)) controller = Controller::kPassive;
  }
  if (frame.id & CAN_ERR_BUSOFF) controller = Controller::kBusOff;
  if (controller == state_.controller) return;
  if (controller == Controller::kBusOff) ++counters_.busOffs;
  state_.controller = controller;
  stateChanged_ = true;
}

void CanReader::OnError(int error) {
  if (error == ENETDOWN) {  // told once; the socket goes on by itself when the interface comes back
    SetLink(Link::kDown);
    return;
  }
  if (!socket_->isInterface()) {
    SetLink(Link::kEnded);
    return;
  }
  // ENODEV, or anything that leaves the socket without use: it is opened anew by name.
  socket_->Close();
  SetLink(Link::kMissing);
}

void CanReader::CheckLink() {
  const double now = MonotonicMs();
  nextLinkCheckMs_ = now + options_.linkCheckMs;
  if (state_.link == Link::kEnded) return;
  if (socket_->descriptor() < 0) {
    if (!socket_->Reopen()) {
      SetLink(Link::kMissing);
      return;
    }
    overflowSeen_ = 0;
    hardwareClock_ = {};
    const std::lock_guard lock(mutex_);
    ++counters_.reopened;
  }
  SetLink(socket_->LinkUp() ? Link::kUp : Link::kDown);
  const std::lock_guard lock(mutex_);
  const bool silent =
      state_.link == Link::kUp && now - std::max(lastRxMs_, openedMs_) > options_.silentAfterMs;
  if (silent != state_.silent) {
    state_.silent = silent;
    stateChanged_ = true;
  }
}

void CanReader::SetLink(Link link) {
  const std::lock_guard lock(mutex_);
  if (link == state_.link) return;
  if (state_.link == Link::kUp) ++counters_.linkDowns;
  if (link == Link::kUp) {
    // A controller that was switched off and on starts error-active, and the bus gets its time to speak.
    state_.controller = Controller::kActive;
    openedMs_ = MonotonicMs();
  }
  state_.link = link;
  stateChanged_ = true;
}

void CanReader::WakeIfDue(double nowMs) {
  {
    const std::lock_guard lock(mutex_);
    if (wakePending_ || (ring_.empty() && !stateChanged_)) return;
    if (nowMs - lastWakeMs_ < options_.wakePeriodMs) return;
    wakePending_ = true;
    stateChanged_ = false;
    ++counters_.wakeUps;
  }
  lastWakeMs_ = nowMs;
  wake_();
}

}  // namespace vigil::can
