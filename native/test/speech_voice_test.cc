#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <random>
#include <vector>

#include "core/error.h"
#include "speech/moonshine.h"
#include "speech/vocabulary.h"
#include "speech/voice_activity.h"
#include "test/paths.h"

using vigil::Vocabulary;
using vigil::VoiceFrames;

TEST_CASE("voice frames: 512 new samples after the last 64, however the stream is cut") {
  std::vector<float> samples(512 * 5 + 100);
  for (size_t i = 0; i < samples.size(); ++i) samples[i] = static_cast<float>(i + 1);
  std::mt19937 random(1);
  for (int round = 0; round < 20; ++round) {
    VoiceFrames frames;
    CHECK(frames.missing() == 512);
    std::vector<std::vector<float>> taken;
    for (size_t at = 0; at < samples.size();) {
      const size_t count = std::min(samples.size() - at, static_cast<size_t>(random() % 1500));
      frames.Push({samples.data() + at, count},
                  [&](auto frame) { taken.emplace_back(frame.begin(), frame.end()); });
      at += count;
    }
    REQUIRE(taken.size() == 5);
    CHECK(frames.missing() == 412);
    for (size_t f = 0; f < taken.size(); ++f) {
      REQUIRE(taken[f].size() == 576);
      for (size_t i = 0; i < 576; ++i) {
        const size_t position = f * 512 + i;
        CHECK(taken[f][i] == (position < 64 ? 0 : static_cast<float>(position - 64 + 1)));
      }
    }
    frames.Reset();
    CHECK(frames.missing() == 512);
  }
}

TEST_CASE("vocabulary: scores are the products with the table, one row as in company") {
  constexpr size_t kRows = 50;
  constexpr size_t kColumns = 48;
  std::mt19937 random(9);
  std::vector<uint8_t> weights(kRows * kColumns);
  for (uint8_t& weight : weights) weight = static_cast<uint8_t>(random());
  Vocabulary vocabulary(kRows, kColumns, 0.01F, 129, weights);
  std::normal_distribution<float> normal(0, 3);
  for (const size_t count : {1, 2, 7, 8, 9, 17}) {
    std::vector<float> hidden(count * kColumns);
    for (float& value : hidden) value = normal(random);
    std::vector<float> logits(count * kRows);
    vocabulary.Logits(hidden, logits);
    std::vector<float> embedding(kColumns);
    for (size_t r = 0; r < count; ++r) {
      std::vector<float> alone(kRows);
      vocabulary.Logits({hidden.data() + r * kColumns, kColumns}, alone);
      for (size_t v = 0; v < kRows; ++v) {
        vocabulary.Embed(static_cast<int32_t>(v), embedding);
        double wanted = 0;
        for (size_t k = 0; k < kColumns; ++k)
          wanted += static_cast<double>(hidden[r * kColumns + k]) * static_cast<double>(embedding[k]);
        CHECK(std::abs(static_cast<double>(logits[r * kRows + v]) - wanted) < 6e-3);
        CHECK(logits[r * kRows + v] == alone[v]);
      }
    }
  }
  const std::vector<float> zeros(kColumns);
  std::vector<float> logits(kRows, 1);
  vocabulary.Logits(zeros, logits);
  CHECK(logits == std::vector<float>(kRows, 0));
}

TEST_CASE("vocabulary: wrong sizes and tokens are refused") {
  CHECK_THROWS_AS(Vocabulary(2, 15, 1, 0, std::vector<uint8_t>(30)), vigil::Error);
  CHECK_THROWS_AS(Vocabulary(2, 16, 1, 0, std::vector<uint8_t>(31)), vigil::Error);
  CHECK_THROWS_AS(Vocabulary(2, 16, 1, 256, std::vector<uint8_t>(32)), vigil::Error);
  Vocabulary vocabulary(2, 16, 1, 0, std::vector<uint8_t>(32));
  std::vector<float> row(16), logits(2);
  CHECK_THROWS_AS(vocabulary.Embed(2, row), vigil::Error);
  CHECK_THROWS_AS(vocabulary.Embed(-1, row), vigil::Error);
  CHECK_THROWS_AS(vocabulary.Logits({row.data(), 15}, logits), vigil::Error);
  const vigil::test::TemporaryFile torn("VSVC");
  CHECK_THROWS_AS(Vocabulary::Load(torn.path()), vigil::Error);
  CHECK_THROWS_AS(Vocabulary::Load("/nowhere"), vigil::Error);
}

TEST_CASE("moonshine: length of what the encoder gives") {
  CHECK(vigil::Moonshine::EncodedLength(126) == 0);
  CHECK(vigil::Moonshine::EncodedLength(1600) == 2);
  CHECK(vigil::Moonshine::EncodedLength(16000) == 40);
  CHECK(vigil::Moonshine::EncodedLength(32000) == 82);
}

TEST_CASE("moonshine: hears nothing in noise it was not asked about, and refuses wrong rows") {
  const auto folder = vigil::test::ModelsFolder();
  REQUIRE_MESSAGE(std::filesystem::exists(folder / "moonshine_tiny_decoder.onnx"),
                  "run `vigil models build` first");
  const auto file = [&folder](const char* part) {
    return (folder / (std::string("moonshine_tiny_") + part)).string();
  };
  vigil::Moonshine moonshine(vigil::OnnxLibrary::Open(vigil::test::OnnxRuntimeLibrary()),
                             {file("encoder.onnx"), file("decoder.onnx"), file("vocabulary.bin")},
                             vigil::MoonshineSize::Tiny());
  std::vector<float> logits(moonshine.vocabulary());
  const std::vector<int32_t> token{306}, parent{0}, wrong{1};
  CHECK_THROWS_AS(moonshine.Next(token, parent, logits), vigil::Error);  // nothing was said before
  CHECK_THROWS_AS(moonshine.Encode(std::vector<float>(100)), vigil::Error);
  std::mt19937 random(4);
  std::normal_distribution<float> normal(0, 0.01F);
  std::vector<float> samples(16000);
  for (float& sample : samples) sample = normal(random);
  for (int round = 0; round < 2; ++round) {
    moonshine.Encode(samples);
    moonshine.First(logits);
    CHECK_THROWS_AS(moonshine.Next(token, wrong, logits), vigil::Error);
    moonshine.Next(token, parent, logits);
    // The same sentence in two rows scores the same in both.
    std::vector<float> two(2 * moonshine.vocabulary());
    const std::vector<int32_t> tokens{306, 306}, parents{0, 0};
    moonshine.Next(tokens, parents, two);
    CHECK(std::equal(two.begin(), two.begin() + static_cast<ptrdiff_t>(moonshine.vocabulary()),
                     two.begin() + static_cast<ptrdiff_t>(moonshine.vocabulary())));
  }
}
