#include "can/scaling.h"

#include <bit>
#include <cmath>

namespace vigil::can {
namespace {

constexpr double kTwo53 = 9007199254740992.0;
// Bounds under which raw * factor + offset fits a signed 128-bit integer: 2^64 * 2^62 + 2^120 < 2^127.
constexpr double kLargestExactFactor = 4611686018427387904.0;                    // 2^62
constexpr double kLargestExactOffset = 1329227995784915872903807060280344576.0;  // 2^120

bool NeedsExact(int length, bool isSigned, double factor, double offset) {
  if (std::trunc(factor) != factor || std::fabs(factor) > kLargestExactFactor) return false;
  if (std::fabs(offset) > kLargestExactOffset) return false;
  const double rawMost = std::ldexp(1.0, isSigned ? length - 1 : length);
  // One rounding at most in either order: nothing to gain.
  if (rawMost <= kTwo53 && offset == 0) return false;
  if (factor == 1 && offset == 0) return false;
  return rawMost * std::fabs(factor) + std::fabs(offset) > kTwo53;
}

}  // namespace

Scaling::Scaling(int length, bool isSigned, bool isFloat, double factor, double offset)
    : signed_(isSigned), length_(length), factor_(factor), offset_(offset) {
  if (isFloat) {
    const bool asIs = factor == 1 && offset == 0;
    if (length == 32) {
      kernel_ = asIs ? Kernel::kFloat32AsIs : Kernel::kFloat32;
    } else {
      kernel_ = asIs ? Kernel::kFloat64AsIs : Kernel::kFloat64;
    }
  } else if (NeedsExact(length, isSigned, factor, offset)) {
    kernel_ = Kernel::kExact;
  } else {
    kernel_ = !isSigned && length == 64 ? Kernel::kUnsigned64 : Kernel::kInteger;
  }
}

void Scaling::ApplyExact(const uint64_t* words, int left, size_t count, double* out) const {
  const int right = 64 - length_;
  const auto factor = static_cast<__int128>(factor_);
  const bool wholeOffset = std::trunc(offset_) == offset_;
  const auto offset = wholeOffset ? static_cast<__int128>(offset_) : 0;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t top = words[i] << left;
    const __int128 raw = signed_ ? static_cast<__int128>(static_cast<int64_t>(top) >> right)
                                 : static_cast<__int128>(top >> right);
    const auto scaled = static_cast<double>(raw * factor + offset);
    out[i] = wholeOffset ? scaled : scaled + offset_;
  }
}

void Scaling::Apply(const uint64_t* __restrict words, int left, size_t count, double* __restrict out) const {
  const int right = 64 - length_;
  const double factor = factor_, offset = offset_;
  switch (kernel_) {
    case Kernel::kInteger:
      if (signed_) {
        for (size_t i = 0; i < count; ++i) {
          out[i] = static_cast<double>(static_cast<int64_t>(words[i] << left) >> right) * factor + offset;
        }
      } else {
        for (size_t i = 0; i < count; ++i) {
          out[i] = static_cast<double>(static_cast<int64_t>((words[i] << left) >> right)) * factor + offset;
        }
      }
      break;
    case Kernel::kUnsigned64:
      for (size_t i = 0; i < count; ++i) out[i] = static_cast<double>(words[i]) * factor + offset;
      break;
    case Kernel::kExact:
      ApplyExact(words, left, count, out);
      break;
    case Kernel::kFloat32:
      for (size_t i = 0; i < count; ++i) {
        const auto bits = static_cast<uint32_t>((words[i] << left) >> 32);
        out[i] = static_cast<double>(std::bit_cast<float>(bits)) * factor + offset;
      }
      break;
    case Kernel::kFloat64:
      for (size_t i = 0; i < count; ++i) out[i] = std::bit_cast<double>(words[i]) * factor + offset;
      break;
    case Kernel::kFloat32AsIs:
      for (size_t i = 0; i < count; ++i) {
        out[i] = static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>((words[i] << left) >> 32)));
      }
      break;
    case Kernel::kFloat64AsIs:
      for (size_t i = 0; i < count; ++i) out[i] = std::bit_cast<double>(words[i]);
      break;
  }
}

}  // namespace vigil::can
