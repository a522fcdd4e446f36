#include "speech/vocabulary.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <utility>

#include "core/error.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace vigil {

namespace {

constexpr uint32_t kMagic = 0x43565356;  // "VSVC"
constexpr size_t kMostColumns = 1024;
constexpr size_t kBlock = 8;  // rows of one pass
/// 1024 columns x 255 x 8191 would not fit 32 bits, but 416, the widest model's, do; checked in Logits.
constexpr float kLargest = 8191;

Error Invalid(const std::string& expected) {
  return {"MODEL_INVALID", "Expected " + expected + " in the vocabulary.",
          "Rebuild the models with `vigil models build --force`."};
}

/// dots[r * tokens + v] = sum over k of weights[v][k] x hidden[r][k]
template <size_t kRows>
void Dots(const uint8_t* weights, size_t tokens, size_t columns, const int16_t* hidden, int32_t* dots) {
  for (size_t v = 0; v < tokens; ++v) {
    const uint8_t* row = weights + v * columns;
    for (size_t r = 0; r < kRows; ++r) {
      const int16_t* h = hidden + r * columns;
      int32_t sum = 0;
      for (size_t k = 0; k < columns; ++k) sum += static_cast<int32_t>(row[k]) * h[k];
      dots[r * tokens + v] = sum;
    }
  }
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) inline int32_t Sum(__m256i v) {
  __m128i low = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  low = _mm_add_epi32(low, _mm_shuffle_epi32(low, 0x4E));
  low = _mm_add_epi32(low, _mm_shuffle_epi32(low, 0xB1));
  return _mm_cvtsi128_si32(low);
}

/// As Dots: whole numbers, so the order of the sums does not show.
template <size_t kRows>
__attribute__((target("avx2"))) void DotsAvx2(const uint8_t* weights, size_t tokens, size_t columns,
                                              const int16_t* hidden, int32_t* dots) {
  for (size_t v = 0; v < tokens; ++v) {
    const uint8_t* row = weights + v * columns;
    __m256i sums[kRows];
    for (size_t r = 0; r < kRows; ++r) sums[r] = _mm256_setzero_si256();
    for (size_t k = 0; k < columns; k += 16) {
      const __m256i w = _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(row + k)));
      for (size_t r = 0; r < kRows; ++r) {
        const auto* h = reinterpret_cast<const __m256i*>(hidden + r * columns + k);
        sums[r] = _mm256_add_epi32(sums[r], _mm256_madd_epi16(w, _mm256_loadu_si256(h)));
      }
    }
    for (size_t r = 0; r < kRows; ++r) dots[r * tokens + v] = Sum(sums[r]);
  }
}
#endif

using Kernel = void (*)(const uint8_t*, size_t, size_t, const int16_t*, int32_t*);

template <size_t... kRows>
Kernel Pick(size_t rows, std::index_sequence<kRows...>) {
#if defined(__x86_64__)
  static const bool avx2 = __builtin_cpu_supports("avx2") != 0;
  constexpr std::array fast{&DotsAvx2<kRows + 1>...};
  if (avx2) return fast[rows - 1];
#endif
  constexpr std::array plain{&Dots<kRows + 1>...};
  return plain[rows - 1];
}

}  // namespace

Vocabulary Vocabulary::Load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw Error("MODEL_MISSING", "Expected a vocabulary at " + path + " but there is none.",
                "Run `vigil models build`.");
  }
  struct Header {
    uint32_t magic, rows, columns;
    float scale;
    uint32_t zeroPoint;
  } header{};
  static_assert(sizeof header == 20);
  file.read(reinterpret_cast<char*>(&header), sizeof header);
  if (!file || header.magic != kMagic || header.rows == 0 || header.rows > 1U << 20 ||
      header.columns > kMostColumns) {
    throw Invalid("a header of this format");
  }
  std::vector<uint8_t> weights(size_t{header.rows} * header.columns);
  file.read(reinterpret_cast<char*>(weights.data()), static_cast<std::streamsize>(weights.size()));
  if (!file) throw Invalid("as many weights as the header says");
  return {header.rows, header.columns, header.scale, static_cast<int>(header.zeroPoint), std::move(weights)};
}

Vocabulary::Vocabulary(size_t rows, size_t columns, float scale, int zeroPoint, std::vector<uint8_t> weights)
    : rows_(rows),
      columns_(columns),
      scale_(scale),
      zeroPoint_(zeroPoint),
      weights_(std::move(weights)),
      rounded_(kBlock * columns) {
  if (rows == 0 || columns == 0 || columns % 16 != 0 || columns > kMostColumns)
    throw Invalid("columns in sixteens, at most 1024");
  if (weights_.size() != rows * columns || zeroPoint < 0 || zeroPoint > 255)
    throw Invalid("rows x columns bytes and a zero point of one byte");
}

void Vocabulary::Embed(int32_t token, std::span<float> out) const {
  if (token < 0 || static_cast<size_t>(token) >= rows_ || out.size() != columns_) {
    throw Error("INVALID_ARGUMENT", "Expected a token below " + std::to_string(rows_) + " and room for " +
                                        std::to_string(columns_) + " values.");
  }
  const uint8_t* row = weights_.data() + static_cast<size_t>(token) * columns_;
  for (size_t k = 0; k < columns_; ++k) out[k] = scale_ * static_cast<float>(int{row[k]} - zeroPoint_);
}

void Vocabulary::Logits(std::span<const float> hidden, std::span<float> logits) {
  const size_t count = hidden.size() / columns_;
  if (hidden.size() != count * columns_ || logits.size() != count * rows_) {
    throw Error("INVALID_ARGUMENT", "Expected whole rows of hidden values and room for their logits.");
  }
  // The largest sum, columns x 255 x largest, has to stay below 2^31.
  const float largest = std::min(kLargest, std::floor(2147483647.F / (256.F * static_cast<float>(columns_))));
  for (size_t first = 0; first < count; first += kBlock) {
    const size_t rows = std::min(kBlock, count - first);
    std::array<float, kBlock> scales{};
    std::array<int32_t, kBlock> offsets{};
    for (size_t r = 0; r < rows; ++r) {
      const float* h = hidden.data() + (first + r) * columns_;
      float peak = 0;
      for (size_t k = 0; k < columns_; ++k) peak = std::max(peak, std::abs(h[k]));
      const float step = peak > 0 ? peak / largest : 1;
      int32_t sum = 0;
      for (size_t k = 0; k < columns_; ++k) {
        const auto value = static_cast<int16_t>(std::lrint(h[k] / step));
        rounded_[r * columns_ + k] = value;
        sum += value;
      }
      scales[r] = step * scale_;
      offsets[r] = sum * zeroPoint_;
    }
    dots_.resize(rows * rows_);
    Pick(rows, std::make_index_sequence<kBlock>())(weights_.data(), rows_, columns_, rounded_.data(),
                                                   dots_.data());
    for (size_t r = 0; r < rows; ++r) {
      const int32_t* dots = dots_.data() + r * rows_;
      float* out = logits.data() + (first + r) * rows_;
      for (size_t v = 0; v < rows_; ++v) out[v] = scales[r] * static_cast<float>(dots[v] - offsets[r]);
    }
  }
}

}  // namespace vigil
