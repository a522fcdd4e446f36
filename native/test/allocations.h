#pragma once

#include <cstddef>

namespace vigil::test {

/// Calls of operator new in this process so far, by any thread and any library: ONNX Runtime's count too
/// (main.cc replaces the operator).
size_t AllocationCount() noexcept;

}  // namespace vigil::test
