#include "core/worker.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <numeric>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "test/allocations.h"

using vigil::DropPolicy;
using vigil::WorkerOptions;
using IntWorker = vigil::Worker<int, int>;
using Pushed = IntWorker::Pushed;

namespace {

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

WorkerOptions Options(DropPolicy policy, size_t queueLength, size_t resultLength = 64) {
  WorkerOptions options;
  options.name = "test";
  options.policy = policy;
  options.queueLength = queueLength;
  options.resultLength = resultLength;
  return options;
}

auto Put(int value) {
  return [value](int& slot) { slot = value; };
}

void AwaitCompleted(const IntWorker& worker, uint64_t count) {
  while (worker.Counters().completed < count) std::this_thread::yield();
}

std::vector<int> Drain(IntWorker& worker) {
  std::vector<int> results;
  worker.Collect([&](int& result) { results.push_back(result); });
  return results;
}

}  // namespace

TEST_CASE("worker: results arrive in order, each once") {
  IntWorker worker(
      Options(DropPolicy::kBlock, 4), [](int& in, int& out) { out = in * 2; }, [] {});
  std::vector<int> results;
  for (int i = 0; i < 200; ++i) {
    REQUIRE(worker.Push(Put(i)));
    for (const int result : Drain(worker)) results.push_back(result);
  }
  while (worker.Outstanding() > 0) {
    for (const int result : Drain(worker)) results.push_back(result);
  }
  REQUIRE(results.size() == 200);
  for (int i = 0; i < 200; ++i) CHECK(results[static_cast<size_t>(i)] == 2 * i);
  const auto counters = worker.Counters();
  CHECK(counters.accepted == 200);
  CHECK(counters.completed == 200);
  CHECK(counters.dropped == 0);
  CHECK(counters.lastInputAgeMs >= 0);
}

TEST_CASE("worker: counters before the first item") {
  IntWorker worker(
      Options(DropPolicy::kOldest, 2), [](int&, int&) {}, [] {});
  const auto counters = worker.Counters();
  CHECK(counters.accepted == 0);
  CHECK(counters.lastInputAgeMs == -1);
  CHECK(worker.Outstanding() == 0);
}

TEST_CASE("worker: 'oldest' lets the newest items win") {
  Gate gate;
  IntWorker worker(
      Options(DropPolicy::kOldest, 2),
      [&](int& in, int& out) {
        gate.Pass();
        out = in;
      },
      [] {});
  CHECK(worker.Push(Put(0)));
  gate.AwaitArrivals(1);  // 0 is in hand, the queue is empty
  for (int i = 1; i <= 5; ++i) CHECK(worker.TryPush(Put(i)) == Pushed::kAccepted);
  CHECK(worker.Counters().dropped == 3);
  CHECK(worker.Outstanding() == 3);
  gate.Open();
  AwaitCompleted(worker, 3);
  CHECK(Drain(worker) == std::vector<int>{0, 4, 5});
  CHECK(worker.Counters().accepted == 6);
}

TEST_CASE("worker: 'newest' refuses what does not fit") {
  Gate gate;
  IntWorker worker(
      Options(DropPolicy::kNewest, 2),
      [&](int& in, int& out) {
        gate.Pass();
        out = in;
      },
      [] {});
  CHECK(worker.Push(Put(0)));
  gate.AwaitArrivals(1);
  CHECK(worker.Push(Put(1)));
  CHECK(worker.Push(Put(2)));
  CHECK_FALSE(worker.Push(Put(3)));
  CHECK(worker.TryPush(Put(4)) == Pushed::kFull);
  CHECK(worker.Counters().dropped == 2);
  gate.Open();
  AwaitCompleted(worker, 3);
  CHECK(Drain(worker) == std::vector<int>{0, 1, 2});
  CHECK(worker.Counters().accepted == 3);
}

TEST_CASE("worker: 'block' waits in Push, answers 'full' in TryPush, and loses nothing") {
  Gate gate;
  IntWorker worker(
      Options(DropPolicy::kBlock, 1),
      [&](int& in, int& out) {
        gate.Pass();
        out = in;
      },
      [] {});
  CHECK(worker.Push(Put(0)));
  gate.AwaitArrivals(1);
  CHECK(worker.Push(Put(1)));
  CHECK(worker.TryPush(Put(99)) == Pushed::kFull);
  std::atomic<bool> pushed{false};
  std::thread producer([&] {
    CHECK(worker.Push(Put(2)));
    pushed = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK_FALSE(pushed.load());
  gate.LetOnePass();  // 1 moves from the queue into the hand, 2 fits
  producer.join();
  CHECK(pushed.load());
  gate.Open();
  AwaitCompleted(worker, 3);
  CHECK(Drain(worker) == std::vector<int>{0, 1, 2});
  CHECK(worker.Counters().dropped == 0);
  CHECK(worker.Counters().accepted == 3);
}

TEST_CASE("worker: 'block' starts nothing before its result has a place") {
  IntWorker worker(
      Options(DropPolicy::kBlock, 3, 2), [](int& in, int& out) { out = in; }, [] {});
  for (int i = 0; i < 5; ++i) REQUIRE(worker.Push(Put(i)));  // 2 results wait, 3 items are queued
  AwaitCompleted(worker, 2);
  CHECK(worker.TryPush(Put(99)) == Pushed::kFull);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK(worker.Counters().completed == 2);
  std::vector<int> results;
  while (results.size() < 5) {
    for (const int result : Drain(worker)) results.push_back(result);
  }
  CHECK(results == std::vector<int>{0, 1, 2, 3, 4});
  CHECK(worker.Counters().dropped == 0);
}

TEST_CASE("worker: uncollected results give way to newer ones and are counted") {
  IntWorker worker(
      Options(DropPolicy::kOldest, 1, 3), [](int& in, int& out) { out = in; }, [] {});
  for (int i = 0; i < 10; ++i) {
    REQUIRE(worker.Push(Put(i)));
    AwaitCompleted(worker, static_cast<uint64_t>(i) + 1);
  }
  CHECK(worker.Counters().dropped == 7);
  CHECK(Drain(worker) == std::vector<int>{7, 8, 9});
}

TEST_CASE("worker: late counts what finished after its deadline") {
  auto options = Options(DropPolicy::kBlock, 4);
  options.deadlineMs = 20;
  IntWorker worker(
      options, [](int& in, int&) { std::this_thread::sleep_for(std::chrono::milliseconds(in)); }, [] {});
  CHECK(worker.Push(Put(0)));
  AwaitCompleted(worker, 1);
  const uint64_t lateBefore = worker.Counters().late;
  CHECK(worker.Push(Put(40)));
  AwaitCompleted(worker, 2);
  CHECK(worker.Counters().late == lateBefore + 1);
}

TEST_CASE("worker: wakes once when results go from none to some") {
  std::atomic<int> wakes{0};
  IntWorker worker(
      Options(DropPolicy::kBlock, 8), [](int& in, int& out) { out = in; }, [&] { ++wakes; });
  for (int i = 0; i < 5; ++i) REQUIRE(worker.Push(Put(i)));
  AwaitCompleted(worker, 5);
  while (wakes == 0) std::this_thread::yield();
  CHECK(wakes == 1);
  CHECK(Drain(worker).size() == 5);
  CHECK(worker.Push(Put(5)));
  while (wakes < 2) std::this_thread::yield();
  CHECK(Drain(worker) == std::vector<int>{5});
}

TEST_CASE("worker: stop finishes the item in hand and discards the queue") {
  Gate gate;
  std::vector<int> processed;
  IntWorker worker(
      Options(DropPolicy::kBlock, 4),
      [&](int& in, int&) {
        gate.Pass();
        processed.push_back(in);
      },
      [] {});
  for (int i = 0; i < 4; ++i) REQUIRE(worker.Push(Put(i)));
  gate.AwaitArrivals(1);
  std::thread stopper([&] { worker.Stop(); });
  while (worker.TryPush(Put(9)) != Pushed::kStopped) std::this_thread::yield();
  gate.Open();
  stopper.join();
  CHECK(processed == std::vector<int>{0});
  CHECK_FALSE(worker.Push(Put(9)));
}

TEST_CASE("worker: stop releases a producer that waits for space, and may be called by many") {
  Gate gate;
  IntWorker worker(
      Options(DropPolicy::kBlock, 1), [&](int&, int&) { gate.Pass(); }, [] {});
  REQUIRE(worker.Push(Put(0)));
  gate.AwaitArrivals(1);
  REQUIRE(worker.Push(Put(1)));
  std::thread producer([&] { CHECK_FALSE(worker.Push(Put(2))); });
  std::vector<std::thread> stoppers;
  for (int i = 0; i < 3; ++i) stoppers.emplace_back([&] { worker.Stop(); });
  producer.join();
  gate.Open();
  for (std::thread& stopper : stoppers) stopper.join();
  worker.Stop();
  CHECK(worker.Counters().completed == 1);
}

TEST_CASE("worker: destroyed with work in flight") {
  for (int round = 0; round < 50; ++round) {
    IntWorker worker(
        Options(DropPolicy::kOldest, 4), [](int&, int&) { std::this_thread::yield(); }, [] {});
    for (int i = 0; i < round; ++i) worker.Push(Put(i));
  }
}

TEST_CASE("worker: many producers, nothing lost or doubled under 'block'") {
  constexpr int kProducers = 6;
  constexpr int kItems = 500;
  IntWorker worker(
      Options(DropPolicy::kBlock, 3, 8), [](int& in, int& out) { out = in; }, [] {});
  std::vector<std::thread> producers;
  for (int p = 0; p < kProducers; ++p) {
    producers.emplace_back([&worker, p] {
      for (int i = 0; i < kItems; ++i) worker.Push(Put(p * kItems + i));
    });
  }
  std::vector<int> results;
  while (results.size() < size_t{kProducers} * kItems) {
    for (const int result : Drain(worker)) results.push_back(result);
  }
  for (std::thread& producer : producers) producer.join();
  CHECK(std::set<int>(results.begin(), results.end()).size() == results.size());
  CHECK(worker.Counters().accepted == uint64_t{kProducers} * kItems);
  CHECK(worker.Counters().dropped == 0);
  // One producer's items keep their order.
  for (int p = 0; p < kProducers; ++p) {
    int last = -1;
    for (const int result : results) {
      if (result / kItems != p) continue;
      REQUIRE(result > last);
      last = result;
    }
  }
}

TEST_CASE("worker: many producers, the books balance when items are dropped") {
  for (const DropPolicy policy : {DropPolicy::kOldest, DropPolicy::kNewest}) {
    constexpr int kProducers = 6;
    constexpr int kItems = 500;
    IntWorker worker(
        Options(policy, 2, 4), [](int& in, int& out) { out = in; }, [] {});
    std::atomic<uint64_t> refused{0};
    std::vector<std::thread> producers;
    for (int p = 0; p < kProducers; ++p) {
      producers.emplace_back([&] {
        for (int i = 0; i < kItems; ++i) {
          if (worker.TryPush(Put(i)) == Pushed::kFull) ++refused;
        }
      });
    }
    for (std::thread& producer : producers) producer.join();
    uint64_t collected = 0;
    while (worker.Outstanding() > 0) collected += Drain(worker).size();
    const auto counters = worker.Counters();
    CHECK(counters.accepted + refused == uint64_t{kProducers} * kItems);
    CHECK(collected + counters.dropped == uint64_t{kProducers} * kItems);
  }
}

TEST_CASE("worker: a fill or take that throws gives its slot back") {
  IntWorker worker(
      Options(DropPolicy::kBlock, 1, 1), [](int& in, int& out) { out = in; }, [] {});
  for (int i = 0; i < 5; ++i) {
    CHECK_THROWS_AS(worker.Push([](int&) { throw std::runtime_error("no frame"); }), std::runtime_error);
  }
  CHECK(worker.Outstanding() == 0);
  CHECK(worker.Counters().accepted == 0);
  for (int i = 0; i < 5; ++i) {
    REQUIRE(worker.Push(Put(i)));
    AwaitCompleted(worker, static_cast<uint64_t>(i) + 1);
    CHECK_THROWS_AS(worker.Collect([](int&) { throw std::runtime_error("no taker"); }), std::runtime_error);
  }
  CHECK(worker.Outstanding() == 0);
}

TEST_CASE("worker: slots are reused and nothing is allocated after the first round") {
  struct Frame {
    std::vector<uint8_t> bytes;
  };
  using FrameWorker = vigil::Worker<Frame, Frame>;
  FrameWorker worker(
      Options(DropPolicy::kBlock, 2, 4),
      [](Frame& in, Frame& out) { out.bytes.assign(in.bytes.begin(), in.bytes.end()); }, [] {});
  const std::vector<uint8_t> picture(10000, 7);
  size_t taken = 0;
  const auto round = [&](size_t items) {
    for (size_t i = 0; i < items; ++i) {
      REQUIRE(worker.Push([&](Frame& frame) { frame.bytes.assign(picture.begin(), picture.end()); }));
      while (taken < i) taken += worker.Collect([&](Frame& frame) { REQUIRE(frame.bytes.size() == 10000); });
    }
    while (worker.Outstanding() > 0) taken += worker.Collect([](Frame&) {});
    taken = 0;
  };
  // Two slots are in turn for each of input and output, whichever comes back first: all are warm after a
  // while.
  round(300);
  const size_t before = vigil::test::AllocationCount();
  round(300);
  CHECK(vigil::test::AllocationCount() == before);
}

TEST_CASE("worker: refuses queues of no length") {
  CHECK_THROWS_AS(IntWorker(
                      Options(DropPolicy::kBlock, 0), [](int&, int&) {}, [] {}),
                  vigil::Error);
  CHECK_THROWS_AS(IntWorker(
                      Options(DropPolicy::kBlock, 1, 0), [](int&, int&) {}, [] {}),
                  vigil::Error);
}

TEST_CASE("worker: asks for affinity and keeps running where real-time priority is not permitted") {
  auto options = Options(DropPolicy::kBlock, 1);
  cpu_set_t allowed;
  REQUIRE(sched_getaffinity(0, sizeof allowed, &allowed) == 0);
  int cpu = 0;
  while (!CPU_ISSET(static_cast<size_t>(cpu), &allowed)) ++cpu;
  options.cpu = cpu;
  options.fifoPriority = 5;
  IntWorker worker(
      options, [](int&, int& out) { out = sched_getcpu(); }, [] {});
  REQUIRE(worker.Push(Put(0)));
  AwaitCompleted(worker, 1);
  // The very first item may have started before the pinning took effect.
  Drain(worker);
  REQUIRE(worker.Push(Put(0)));
  AwaitCompleted(worker, 2);
  CHECK(Drain(worker) == std::vector<int>{cpu});
}
