#include "can/cyclic_sender.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <limits>
#include <utility>

#include "core/error.h"

namespace vigil::can {
namespace {

constexpr double kShortestPeriodMs = 0.1;
constexpr double kLongestPeriodMs = 86'400'000;

int64_t MonotonicNs() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

void CheckPayloads(const std::vector<uint8_t>& payloads, size_t length) {
  if (length == 0 ? payloads.empty() : !payloads.empty() && payloads.size() % length == 0) return;
  throw Error("INVALID_ARGUMENT", "Expected payloads of " + std::to_string(length) + " bytes each but got " +
                                      std::to_string(payloads.size()) + " bytes.");
}

}  // namespace

CyclicSender::CyclicSender(CyclicOptions options, Send send, Finished finished)
    : options_(options),
      send_(std::move(send)),
      finished_(std::move(finished)),
      changeEvent_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      timer_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) {
  if (changeEvent_ < 0 || timer_ < 0) {
    if (changeEvent_ >= 0) close(changeEvent_);
    if (timer_ >= 0) close(timer_);
    throw Error("CAN_OPEN_FAILED", "Expected descriptors for the sender but there are none left.");
  }
  thread_ = std::thread([this] { Loop(); });
  Configure();
}

CyclicSender::~CyclicSender() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  Signal();
  thread_.join();
  close(changeEvent_);
  close(timer_);
}

void CyclicSender::Configure() {
  pthread_setname_np(thread_.native_handle(), "vigil-can-tx");
  if (!options_.fifoPriority) return;
  sched_param parameter{};
  parameter.sched_priority = *options_.fifoPriority;
  pthread_setschedparam(thread_.native_handle(), SCHED_FIFO, &parameter);
}

uint32_t CyclicSender::Start(CyclicMessage message) {
  if (!(message.periodMs >= kShortestPeriodMs && message.periodMs <= kLongestPeriodMs)) {
    throw Error("INVALID_ARGUMENT", "Expected a period from 0.1 ms to a day.");
  }
  CheckPayloads(message.payloads, message.frame.length);
  uint32_t handle;
  {
    const std::lock_guard lock(mutex_);
    handle = nextHandle_++;
    Entry& entry = entries_[handle];
    entry.periodNs = static_cast<int64_t>(message.periodMs * 1e6);
    entry.message = std::move(message);
    entry.nextNs = MonotonicNs();
  }
  Signal();
  return handle;
}

bool CyclicSender::Update(uint32_t handle, std::vector<uint8_t> payloads) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(handle);
  if (found == entries_.end()) return false;
  CheckPayloads(payloads, found->second.message.frame.length);
  found->second.message.payloads = std::move(payloads);
  found->second.position = 0;
  return true;
}

bool CyclicSender::Stop(uint32_t handle) {
  const std::lock_guard inFlight(sendMutex_);
  const std::lock_guard lock(mutex_);
  return entries_.erase(handle) != 0;
}

std::optional<CyclicCounters> CyclicSender::Counters(uint32_t handle) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(handle);
  if (found == entries_.end()) return std::nullopt;
  return found->second.counters;
}

void CyclicSender::Signal() const {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(changeEvent_, &one, sizeof one);
}

int64_t CyclicSender::EarliestNs() const {
  int64_t earliest = -1;
  for (const auto& [handle, entry] : entries_) {
    if (entry.counters.finished) continue;
    if (earliest < 0 || entry.nextNs < earliest) earliest = entry.nextNs;
  }
  return earliest;
}

void CyclicSender::Loop() {
  for (;;) {
    int64_t deadlineNs;
    bool anyFinished;
    {
      std::unique_lock lock(mutex_);
      if (stopping_) return;
      anyFinished = SendDue(&lock, MonotonicNs());
      deadlineNs = EarliestNs();
    }
    if (anyFinished && finished_) finished_();
    Await(deadlineNs);
  }
}

void CyclicSender::Await(int64_t deadlineNs) const {
  itimerspec deadline{};
  if (deadlineNs >= 0) {
    deadline.it_value.tv_sec = deadlineNs / 1'000'000'000;
    // A timer of exactly zero would be switched off.
    deadline.it_value.tv_nsec = std::max<int64_t>(1, deadlineNs % 1'000'000'000);
  }
  timerfd_settime(timer_, TFD_TIMER_ABSTIME, &deadline, nullptr);
  std::array<pollfd, 2> waiting = {pollfd{changeEvent_, POLLIN, 0}, pollfd{timer_, POLLIN, 0}};
  poll(waiting.data(), waiting.size(), -1);
  uint64_t changes;
  [[maybe_unused]] const ssize_t bytes = read(changeEvent_, &changes, sizeof changes);
}

bool CyclicSender::SendDue(std::unique_lock<std::mutex>* lock, int64_t nowNs) {
  due_.clear();
  for (const auto& [handle, entry] : entries_) {
    if (!entry.counters.finished && entry.nextNs <= nowNs) due_.emplace_back(entry.nextNs, handle);
  }
  // Two messages due at once go out in the order of their deadlines, then of their starts.
  std::sort(due_.begin(), due_.end());
  bool anyFinished = false;
  for (const auto& [deadlineNs, handle] : due_) anyFinished |= SendOne(lock, handle);
  return anyFinished;
}

bool CyclicSender::SendOne(std::unique_lock<std::mutex>* lock, uint32_t handle) {
  // Taken in the order that Stop takes them.
  lock->unlock();
  const std::lock_guard inFlight(sendMutex_);
  lock->lock();
  auto found = entries_.find(handle);
  if (stopping_ || found == entries_.end()) return false;
  LiveFrame frame = found->second.message.frame;
  {
    Entry& entry = found->second;
    const std::vector<uint8_t>& payloads = entry.message.payloads;
    std::copy_n(payloads.data() + entry.position * frame.length, frame.length, frame.data.data());
    const size_t count = frame.length == 0 ? 1 : payloads.size() / frame.length;
    entry.position = (entry.position + 1) % count;
  }
  lock->unlock();
  const int error = send_(frame);
  const int64_t sentNs = MonotonicNs();
  lock->lock();
  found = entries_.find(handle);
  Entry& entry = found->second;  // Stop waits for sendMutex_, so it is still there
  const double lateMs = static_cast<double>(sentNs - entry.nextNs) / 1e6;
  if (error == 0) {
    ++entry.counters.sent;
    lateness_.Record(lateMs);
    entry.counters.maxLateMs = std::max(entry.counters.maxLateMs, lateMs);
    if (lateMs > options_.lateAfterMs) ++entry.counters.late;
  } else {
    ++entry.counters.failed;
    entry.counters.lastError = error;
  }
  const auto behind = static_cast<uint64_t>((sentNs - entry.nextNs) / entry.periodNs);
  entry.counters.skipped += behind;
  entry.attempts += 1;
  entry.nextNs += static_cast<int64_t>(behind + 1) * entry.periodNs;
  if (entry.message.count != 0 && entry.attempts >= entry.message.count) {
    entry.counters.finished = true;
    return true;
  }
  return false;
}

}  // namespace vigil::can
