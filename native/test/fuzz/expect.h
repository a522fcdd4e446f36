#pragma once

#include <cstdio>
#include <cstdlib>

namespace vigil::fuzz {

/// A property that every input must have. Ends the program as a finding when it doesn't hold, also in a
/// release build.
inline void Expect(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "Property violated: %s\n", property);
  std::abort();
}

}  // namespace vigil::fuzz
