#include <doctest/doctest.h>

#include <atomic>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "core/worker.h"
#include "test/allocations.h"
#include "test/worker_support.h"

using vigil::DropPolicy;
using vigil::test::AwaitCompleted;
using vigil::test::Drain;
using vigil::test::Gate;
using vigil::test::IntWorker;
using vigil::test::Options;
using vigil::test::Pushed;
using vigil::test::Put;

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

TEST_CASE("worker: an exception in its work stops it, is kept, and releases who waits") {
  std::atomic<int> wakes{0};
  IntWorker worker(
      Options(DropPolicy::kBlock, 1),
      [](int& in, int& out) {
        if (in < 0) throw std::runtime_error("negative");
        out = in;
      },
      [&] { ++wakes; });
  REQUIRE(worker.Push(Put(1)));
  AwaitCompleted(worker, 1);
  CHECK(worker.Failure() == nullptr);
  REQUIRE(worker.Push(Put(-1)));
  while (worker.Push(Put(2))) std::this_thread::yield();
  REQUIRE(worker.Failure() != nullptr);
  CHECK_THROWS_WITH_AS(std::rethrow_exception(worker.Failure()), "negative", std::runtime_error);
  CHECK(Drain(worker) == std::vector<int>{1});
  CHECK(worker.Outstanding() == 0);
  worker.Stop();
  CHECK(wakes == 2);
  CHECK(worker.Counters().completed == 1);
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
