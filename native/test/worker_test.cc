#include "core/worker.h"

#include <doctest/doctest.h>
#include <sched.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "test/worker_support.h"

using vigil::DropPolicy;
using vigil::test::AwaitCompleted;
using vigil::test::Drain;
using vigil::test::Gate;
using vigil::test::IntWorker;
using vigil::test::Options;
using vigil::test::Pushed;
using vigil::test::Put;

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
