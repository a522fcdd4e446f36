#pragma once

#include <pthread.h>
#include <sched.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/error.h"

namespace vigil {

/// What happens to a new item when the input queue is full.
enum class DropPolicy {
  kOldest,  ///< the longest-waiting item gives way (live camera: newest frame wins)
  kNewest,  ///< the new item is refused
  kBlock,   ///< nothing is lost: Push waits, TryPush reports "full"; for lock-step only
};

struct WorkerOptions {
  std::string name = "worker";  ///< thread name, at most 15 characters are shown by the system
  size_t queueLength = 2;
  size_t resultLength = 64;  ///< results that may wait for collection
  DropPolicy policy = DropPolicy::kOldest;
  double deadlineMs = 0;            ///< age at completion above which an item counts as late; 0: none
  std::optional<int> fifoPriority;  ///< SCHED_FIFO priority; silently kept normal where not permitted
  std::optional<int> cpu;           ///< pin to this processor
};

struct WorkerCounters {
  uint64_t accepted = 0;       ///< items taken into the queue
  uint64_t dropped = 0;        ///< items refused or pushed out, and results pushed out
  uint64_t late = 0;           ///< items finished after their deadline
  uint64_t completed = 0;      ///< items processed
  double lastInputAgeMs = -1;  ///< since the newest accepted item; -1 before the first
};

/// One thread with a deadline's discipline: a bounded queue of reusable input slots (no allocation after
/// warm-up), a stated drop policy, counters, and bounded results that one wake-up hands over in a batch.
///
/// Ownership: the worker owns slots and thread. `process` runs on the worker's thread only; `wake` is called
/// on that thread when results go from none to some, and must not block. Push/TryPush may be called from any
/// thread. Stop (also by the destructor) finishes the item in hand, discards the queue, and joins.
template <class Input, class Output>
class Worker {
 public:
  using Process = std::function<void(Input&, Output&)>;
  using Wake = std::function<void()>;

  Worker(WorkerOptions options, Process process, Wake wake)
      : options_(std::move(options)),
        process_(std::move(process)),
        wake_(std::move(wake)),
        inputs_(options_.queueLength + 2),  // one in hand, one being filled
        outputs_(options_.resultLength + 1) {
    if (options_.queueLength == 0 || options_.resultLength == 0) {
      throw Error("INVALID_ARGUMENT", "Expected queue lengths of at least 1.");
    }
    for (size_t i = 0; i < inputs_.size(); ++i) freeInputs_.push_back(i);
    for (size_t i = 0; i < outputs_.size(); ++i) freeOutputs_.push_back(i);
    thread_ = std::thread([this] { Loop(); });
    Configure();
  }

  ~Worker() { Stop(); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Fills a free slot through `fill(Input&)` and queues it. Under kBlock it waits for space. Returns false
  /// when the item was refused (kNewest and full, or stopping).
  template <class Fill>
  bool Push(Fill&& fill) {
    return Enqueue(std::forward<Fill>(fill), true) == Pushed::kAccepted;
  }

  enum class Pushed { kAccepted, kFull, kStopped };

  /// As Push, but never waits: under kBlock a full queue is reported and nothing is counted as dropped.
  template <class Fill>
  Pushed TryPush(Fill&& fill) {
    return Enqueue(std::forward<Fill>(fill), false);
  }

  /// Hands every waiting result, oldest first, to `take(Output&)`; the slot is reused afterwards.
  template <class Take>
  size_t Collect(Take&& take) {
    size_t taken = 0;
    for (;;) {
      size_t slot;
      {
        const std::lock_guard lock(mutex_);
        if (ready_.empty()) break;
        slot = ready_.front();
        ready_.pop_front();
      }
      take(outputs_[slot]);
      ++taken;
      {
        const std::lock_guard lock(mutex_);
        freeOutputs_.push_back(slot);
      }
      space_.notify_all();
    }
    return taken;
  }

  WorkerCounters Counters() const {
    const std::lock_guard lock(mutex_);
    WorkerCounters counters = counters_;
    counters.lastInputAgeMs = lastInputMs_ < 0 ? -1 : MonotonicMs() - lastInputMs_;
    return counters;
  }

  /// Items accepted whose results have not been collected yet.
  size_t Outstanding() const {
    const std::lock_guard lock(mutex_);
    return queue_.size() + filling_ + inHand_ + ready_.size();
  }

  /// Idempotent, callable from any thread but the worker's own.
  void Stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    work_.notify_all();
    space_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

 private:
  template <class Fill>
  Pushed Enqueue(Fill&& fill, bool wait) {
    size_t slot;
    {
      std::unique_lock lock(mutex_);
      if (stopping_) return Pushed::kStopped;
      if (queue_.size() + filling_ >= options_.queueLength || freeInputs_.empty()) {
        if (options_.policy == DropPolicy::kNewest) {
          ++counters_.dropped;
          return Pushed::kFull;
        }
        if (options_.policy == DropPolicy::kBlock) {
          if (!wait) return Pushed::kFull;
          space_.wait(lock, [this] { return stopping_ || HasInputSpace(); });
          if (stopping_) return Pushed::kStopped;
        } else if (!queue_.empty()) {
          ++counters_.dropped;
          freeInputs_.push_back(queue_.front().slot);
          queue_.pop_front();
        } else {  // every slot is being filled by other producers
          ++counters_.dropped;
          return Pushed::kFull;
        }
      }
      slot = freeInputs_.back();
      freeInputs_.pop_back();
      ++filling_;
    }
    fill(inputs_[slot]);
    {
      const std::lock_guard lock(mutex_);
      --filling_;
      lastInputMs_ = MonotonicMs();
      queue_.push_back({slot, lastInputMs_});
      ++counters_.accepted;
    }
    work_.notify_one();
    return Pushed::kAccepted;
  }

  bool HasInputSpace() const {
    return queue_.size() + filling_ < options_.queueLength && !freeInputs_.empty();
  }

  void Loop() {
    for (;;) {
      Queued item;
      size_t result;
      {
        std::unique_lock lock(mutex_);
        work_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        if (stopping_) return;
        item = queue_.front();
        queue_.pop_front();
        inHand_ = 1;
      }
      space_.notify_all();
      {
        std::unique_lock lock(mutex_);
        if (freeOutputs_.empty()) {
          if (options_.policy == DropPolicy::kBlock) {
            space_.wait(lock, [this] { return stopping_ || !freeOutputs_.empty(); });
            if (stopping_) return;
          } else {
            ++counters_.dropped;
            freeOutputs_.push_back(ready_.front());
            ready_.pop_front();
          }
        }
        result = freeOutputs_.back();
        freeOutputs_.pop_back();
      }
      process_(inputs_[item.slot], outputs_[result]);
      bool wake;
      {
        const std::lock_guard lock(mutex_);
        freeInputs_.push_back(item.slot);
        wake = ready_.empty();
        ready_.push_back(result);
        inHand_ = 0;
        ++counters_.completed;
        if (options_.deadlineMs > 0 && MonotonicMs() - item.queuedMs > options_.deadlineMs) ++counters_.late;
      }
      space_.notify_all();
      if (wake) wake_();
    }
  }

  void Configure() {
    pthread_t handle = thread_.native_handle();
    pthread_setname_np(handle, options_.name.substr(0, 15).c_str());
    if (options_.fifoPriority) {
      sched_param parameter{};
      parameter.sched_priority = *options_.fifoPriority;
      pthread_setschedparam(handle, SCHED_FIFO, &parameter);
    }
    if (options_.cpu) {
      cpu_set_t set;
      CPU_ZERO(&set);
      CPU_SET(static_cast<size_t>(*options_.cpu), &set);
      pthread_setaffinity_np(handle, sizeof set, &set);
    }
  }

  struct Queued {
    size_t slot = 0;
    double queuedMs = 0;
  };

  const WorkerOptions options_;
  const Process process_;
  const Wake wake_;
  mutable std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable space_;
  std::vector<Input> inputs_;
  std::vector<Output> outputs_;
  std::vector<size_t> freeInputs_;
  std::vector<size_t> freeOutputs_;
  std::deque<Queued> queue_;
  std::deque<size_t> ready_;
  size_t filling_ = 0;
  size_t inHand_ = 0;
  bool stopping_ = false;
  double lastInputMs_ = -1;
  WorkerCounters counters_;
  std::thread thread_;  // last: starts when everything above is built
};

}  // namespace vigil
