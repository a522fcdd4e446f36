#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "test/allocations.h"

namespace {
std::atomic<size_t> allocations{0};
}

size_t vigil::test::AllocationCount() noexcept { return allocations.load(); }

// Counting instead of trusting: "no allocation after warm-up" is a promise of workers and of the vision
// pipeline. GCC takes free() inside a replaced operator delete for a mismatch although both are replaced
// together.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
void* operator new(size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
