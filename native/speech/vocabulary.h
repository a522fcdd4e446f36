#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace vigil {

/// Moonshine's table of token embeddings, 8 bits an entry: looked up for the tokens that go in, multiplied
/// with for the scores of those that come out. models/convert/moonshine.ts writes the file.
class Vocabulary {
 public:
  /// @throws Error MODEL_MISSING, MODEL_INVALID
  static Vocabulary Load(const std::string& path);

  /// `weights`: rows x columns bytes, an entry is scale x (byte - zeroPoint). Columns: a multiple of 16, at
  /// most 1024, so that the sums below fit 32 bits. @throws Error MODEL_INVALID
  Vocabulary(size_t rows, size_t columns, float scale, int zeroPoint, std::vector<uint8_t> weights);

  size_t size() const { return rows_; }
  size_t width() const { return columns_; }

  /// The embedding of one token, `width` values. @throws Error INVALID_ARGUMENT
  void Embed(int32_t token, std::span<float> out) const;

  /// Scores of every token for each row of `hidden` (rows x width): `logits` is rows x size. Hidden values
  /// are rounded to 13 bits and a sign, of the row's largest; sums are whole numbers: the same result on
  /// every processor, and for a row alone as in company. All rows share one pass over the table.
  void Logits(std::span<const float> hidden, std::span<float> logits);

 private:
  size_t rows_;
  size_t columns_;
  float scale_;
  int zeroPoint_;
  std::vector<uint8_t> weights_;
  std::vector<int16_t> rounded_;  // rows of `hidden` of one pass
  std::vector<int32_t> dots_;     // and what they give
};

}  // namespace vigil
