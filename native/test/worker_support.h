#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "core/worker.h"

namespace vigil::test {

using IntWorker = Worker<int, int>;
using Pushed = IntWorker::Pushed;

/// Holds the worker's thread inside `process` until opened, so that a test decides what is in hand.
class Gate {
 public:
  void Pass() {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_ || passes_ > 0; });
    if (!open_) --passes_;
  }
  void Open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void LetOnePass() {
    const std::lock_guard lock(mutex_);
    ++passes_;
    changed_.notify_all();
  }
  void AwaitArrivals(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return arrived_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int passes_ = 0;
  int arrived_ = 0;
};

inline WorkerOptions Options(DropPolicy policy, size_t queueLength, size_t resultLength = 64) {
  WorkerOptions options;
  options.name = "test";
  options.policy = policy;
  options.queueLength = queueLength;
  options.resultLength = resultLength;
  return options;
}

inline auto Put(int value) {
  return [value](int& slot) { slot = value; };
}

inline void AwaitCompleted(const IntWorker& worker, uint64_t count) {
  while (worker.Counters().completed < count) std::this_thread::yield();
}

inline std::vector<int> Drain(IntWorker& worker) {
  std::vector<int> results;
  worker.Collect([&](int& result) { results.push_back(result); });
  return results;
}

}  // namespace vigil::test
