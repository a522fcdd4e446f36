#pragma once

#include <cstddef>
#include <cstdint>

namespace vigil::can {

/// Raw bits to physical value: raw * factor + offset in doubles, rounded after each operation (compiled with
/// -ffp-contract=off), which is what cantools and most tools compute. Integers that a double cannot hold are
/// scaled exactly first and rounded once, as Python's integers are.
class Scaling {
 public:
  /// `length` 1 to 64; a float has 32 or 64 bits.
  Scaling(int length, bool isSigned, bool isFloat, double factor, double offset);

  /// out[i] = scaled value of the `length` bits of words[i] that lie `left` bits below the top.
  void Apply(const uint64_t* words, int left, size_t count, double* out) const;

 private:
  enum class Kernel : uint8_t {
    kInteger,     ///< signed, or unsigned with at most 63 bits
    kUnsigned64,  ///< 64 bits unsigned
    kExact,       ///< integers beyond 2^53, scaled in 128 bits
    kFloat32,
    kFloat64,
    kFloat32AsIs,  ///< factor 1, offset 0: keeps -0.0
    kFloat64AsIs,
  };

  void ApplyExact(const uint64_t* words, int left, size_t count, double* out) const;

  Kernel kernel_;
  bool signed_;
  int length_;
  double factor_, offset_;
};

}  // namespace vigil::can
