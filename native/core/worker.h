#pragma once

#include <pthread.h>
#include <sched.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/error.h"
#include "core/ring.h"

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
/// Ownership: the worker owns slots and thread. `process` runs on the worker's thread only; what goes wrong
/// with one item belongs into its Output, and an exception is the end: the worker stops and Failure() keeps
/// it. `wake` is called on that thread when results go from none to some or the worker failed, and must not
/// block. Push/TryPush may be called from any thread, Collect from one thread at a time. Stop (also by the
/// destructor) finishes the item in hand, discards the queue, and joins.
template <class Input, class Output>
class Worker {
 public:
  using Process = std::function<void(Input&, Output&)>;
  using Wake = std::function<void()>;

  Worker(WorkerOptions options, Process process, Wake wake)
      : options_(std::move(options)),
        process_(std::move(process)),
        wake_(std::move(wake)),
        inputs_(options_.queueLength + 1),    // one more in hand
        outputs_(options_.resultLength + 2),  // one more in work, one being collected
        queue_(inputs_.size()),
        ready_(outputs_.size()) {
    if (options_.queueLength == 0 || options_.resultLength == 0) {
      throw Error("INVALID_ARGUMENT", "Expected queue lengths of at least 1.");
    }
    freeInputs_.reserve(inputs_.size());
    freeOutputs_.reserve(outputs_.size());
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
    for (;; ++taken) {
      size_t slot;
      {
        const std::lock_guard lock(mutex_);
        if (ready_.empty()) return taken;
        slot = ready_.PopFront();
      }
      work_.notify_one();  // it may have waited for room among the results
      const Return back{this, slot};
      take(outputs_[slot]);
    }
  }

  WorkerCounters Counters() const {
    const std::lock_guard lock(mutex_);
    WorkerCounters counters = counters_;
    counters.lastInputAgeMs = lastInputMs_ < 0 ? -1 : MonotonicMs() - lastInputMs_;
    return counters;
  }

  /// What `process` threw; null while all is well.
  std::exception_ptr Failure() const {
    const std::lock_guard lock(mutex_);
    return failure_;
  }

  /// Items accepted whose results will still come and have not been collected yet.
  size_t Outstanding() const {
    const std::lock_guard lock(mutex_);
    return (stopping_ ? 0 : queue_.size() + filling_) + inHand_ + ready_.size();
  }

  /// Idempotent, callable from any thread but the worker's own.
  void Stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    work_.notify_all();
    space_.notify_all();
    const std::lock_guard join(joinMutex_);
    if (thread_.joinable()) thread_.join();
  }

 private:
  struct Queued {
    size_t slot = 0;
    double queuedMs = 0;
  };

  /// Gives an output slot back also when the taker throws.
  struct Return {
    Worker* worker;
    size_t slot;
    ~Return() {
      const std::lock_guard lock(worker->mutex_);
      worker->freeOutputs_.push_back(slot);
    }
  };

  template <class Fill>
  Pushed Enqueue(Fill&& fill, bool wait) {
    size_t slot;
    {
      std::unique_lock lock(mutex_);
      if (stopping_) return Pushed::kStopped;
      if (!HasInputSpace()) {
        if (options_.policy == DropPolicy::kBlock) {
          if (!wait) return Pushed::kFull;
          space_.wait(lock, [this] { return stopping_ || HasInputSpace(); });
          if (stopping_) return Pushed::kStopped;
        } else {
          ++counters_.dropped;
          // With an empty queue every place is being filled by other producers: none of those is older.
          if (options_.policy == DropPolicy::kNewest || queue_.empty()) return Pushed::kFull;
          freeInputs_.push_back(queue_.PopFront().slot);
        }
      }
      slot = freeInputs_.back();
      freeInputs_.pop_back();
      ++filling_;
    }
    try {
      fill(inputs_[slot]);
    } catch (...) {
      {
        const std::lock_guard lock(mutex_);
        --filling_;
        freeInputs_.push_back(slot);
      }
      space_.notify_one();
      throw;
    }
    {
      const std::lock_guard lock(mutex_);
      --filling_;
      lastInputMs_ = MonotonicMs();
      queue_.PushBack({slot, lastInputMs_});
      ++counters_.accepted;
    }
    work_.notify_one();
    return Pushed::kAccepted;
  }

  bool HasInputSpace() const { return queue_.size() + filling_ < options_.queueLength; }

  /// Under kBlock no result may be lost, so nothing starts before its result has a place to wait in.
  bool HasWork() const {
    return !queue_.empty() &&
           (options_.policy != DropPolicy::kBlock || ready_.size() < options_.resultLength);
  }

  void Loop() {
    for (;;) {
      Queued item;
      size_t result;
      {
        std::unique_lock lock(mutex_);
        work_.wait(lock, [this] { return stopping_ || HasWork(); });
        if (stopping_) return;
        item = queue_.PopFront();
        inHand_ = 1;
        result = freeOutputs_.back();
        freeOutputs_.pop_back();
      }
      space_.notify_one();
      try {
        process_(inputs_[item.slot], outputs_[result]);
      } catch (...) {
        Fail(std::current_exception());
        return;
      }
      if (Finish(item, result)) wake_();
    }
  }

  void Fail(std::exception_ptr failure) {
    {
      const std::lock_guard lock(mutex_);
      failure_ = std::move(failure);
      stopping_ = true;
      inHand_ = 0;
    }
    space_.notify_all();
    wake_();
  }

  /// Returns whether the results went from none to some.
  bool Finish(const Queued& item, size_t result) {
    const std::lock_guard lock(mutex_);
    freeInputs_.push_back(item.slot);
    const bool wake = ready_.empty();
    if (ready_.size() == options_.resultLength) {
      ++counters_.dropped;
      freeOutputs_.push_back(ready_.PopFront());
    }
    ready_.PushBack(result);
    inHand_ = 0;
    ++counters_.completed;
    if (options_.deadlineMs > 0 && MonotonicMs() - item.queuedMs > options_.deadlineMs) ++counters_.late;
    return wake;
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

  const WorkerOptions options_;
  const Process process_;
  const Wake wake_;
  mutable std::mutex mutex_;
  std::mutex joinMutex_;  // two threads may stop at once, only one may join
  std::condition_variable work_;
  std::condition_variable space_;
  std::vector<Input> inputs_;
  std::vector<Output> outputs_;
  std::vector<size_t> freeInputs_;
  std::vector<size_t> freeOutputs_;
  Ring<Queued> queue_;
  Ring<size_t> ready_;
  size_t filling_ = 0;
  size_t inHand_ = 0;
  bool stopping_ = false;
  std::exception_ptr failure_;
  double lastInputMs_ = -1;
  WorkerCounters counters_;
  std::thread thread_;  // last: starts when everything above is built
};

}  // namespace vigil
