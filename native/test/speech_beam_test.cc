#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <random>
#include <vector>

#include "core/error.h"
#include "speech/beam.h"
#include "speech/token_grammar.h"

using doctest::Approx;
using vigil::BeamOptions;
using vigil::BeamResult;
using vigil::Search;
using vigil::Sentence;
using vigil::StepModel;
using vigil::TokenGrammar;

namespace {

constexpr int32_t kEnd = 2;
using Tokens = std::vector<int32_t>;

/// Scores from a function of what was said so far; checks that rows are continued as they should be.
class TableModel : public StepModel {
 public:
  using Scores = std::function<std::vector<float>(const Tokens&)>;
  TableModel(size_t size, Scores scores) : size_(size), scores_(std::move(scores)) {}

  size_t vocabulary() const override { return size_; }
  int32_t endToken() const override { return kEnd; }
  void First(std::span<float> logits) override {
    rows_ = {{}};
    Write(logits);
  }
  void Next(std::span<const int32_t> tokens, std::span<const int32_t> parents,
            std::span<float> logits) override {
    std::vector<Tokens> next;
    for (size_t i = 0; i < tokens.size(); ++i) {
      Tokens said = rows_.at(static_cast<size_t>(parents[i]));
      said.push_back(tokens[i]);
      next.push_back(std::move(said));
    }
    rows_ = std::move(next);
    Write(logits);
  }

  /// log P of a sentence with its end, by the definition.
  double LogProb(const Tokens& sentence) const {
    double sum = 0;
    Tokens said;
    for (size_t i = 0; i <= sentence.size(); ++i) {
      auto scores = scores_(said);
      if (i == 0) scores[kEnd] = -std::numeric_limits<float>::infinity();
      double total = 0;
      for (const float score : scores) total += std::exp(static_cast<double>(score));
      const int32_t token = i < sentence.size() ? sentence[i] : kEnd;
      sum += static_cast<double>(scores[static_cast<size_t>(token)]) - std::log(total);
      said.push_back(token);
    }
    return sum;
  }

 private:
  void Write(std::span<float> logits) {
    REQUIRE(logits.size() == rows_.size() * size_);
    for (size_t i = 0; i < rows_.size(); ++i) {
      const auto scores = scores_(rows_[i]);
      std::copy(scores.begin(), scores.end(), logits.begin() + static_cast<ptrdiff_t>(i * size_));
    }
  }

  size_t size_;
  Scores scores_;
  std::vector<Tokens> rows_;
};

/// Pseudo-random scores that depend on everything said.
TableModel Noise(size_t size, uint32_t seed) {
  return {size, [size, seed](const Tokens& said) {
            uint32_t hash = seed;
            for (const int32_t token : said) hash = hash * 31 + static_cast<uint32_t>(token);
            std::mt19937 random(hash);
            std::normal_distribution<float> normal(0, 2);
            std::vector<float> scores(size);
            for (float& score : scores) score = normal(random);
            return scores;
          }};
}

struct Arcs {
  Tokens from, to, token;
  void Add(int32_t a, int32_t b, int32_t t) {
    from.push_back(a);
    to.push_back(b);
    token.push_back(t);
  }
  TokenGrammar Grammar(int32_t states, int32_t accept) const { return {states, 0, accept, from, to, token}; }
};

bool Holds(TokenGrammar& grammar, const Tokens& sentence) {
  auto states = grammar.Start();
  for (const int32_t token : sentence) states = grammar.Next(states, token);
  return grammar.Accepts(states);
}

}  // namespace

TEST_CASE("token grammar: empty steps, choices, and where a sentence may end") {
  Arcs arcs;  // (3 | 4) [5] and, by an empty step around it, 6
  arcs.Add(0, 1, 3);
  arcs.Add(0, 1, 4);
  arcs.Add(1, 2, -1);
  arcs.Add(1, 2, 5);
  arcs.Add(0, 3, -1);
  arcs.Add(3, 2, 6);
  auto grammar = arcs.Grammar(4, 2);
  Tokens tokens;
  grammar.Tokens(grammar.Start(), tokens);
  CHECK(tokens == Tokens{3, 4, 6});
  CHECK(Holds(grammar, {3}));
  CHECK(Holds(grammar, {4, 5}));
  CHECK(Holds(grammar, {6}));
  CHECK_FALSE(Holds(grammar, {}));
  CHECK_FALSE(Holds(grammar, {5}));
  CHECK_FALSE(Holds(grammar, {6, 5}));
  CHECK_FALSE(Holds(grammar, {3, 5, 5}));
}

TEST_CASE("token grammar: loops of empty steps end; wrong arcs are refused") {
  Arcs loop;
  loop.Add(0, 1, -1);
  loop.Add(1, 0, -1);
  loop.Add(1, 2, 7);
  auto grammar = loop.Grammar(3, 2);
  CHECK(Holds(grammar, {7}));
  Arcs outside;
  outside.Add(0, 9, 1);
  CHECK_THROWS_AS(outside.Grammar(3, 2), vigil::Error);
  Arcs negative;
  negative.Add(0, 1, -2);
  CHECK_THROWS_AS(negative.Grammar(3, 2), vigil::Error);
}

TEST_CASE("beam: finds the likelier sentence although it begins worse") {
  // 3 begins better, but what must follow it is unlikely; 4 is followed by something sure.
  TableModel model(6, [](const Tokens& said) -> std::vector<float> {
    if (said.empty()) return {0, 0, 9, 3, 2, 0};  // the end would win: it is forbidden here
    if (said.back() == 3) return {0, 0, 5, 0, 0, 0};
    if (said.back() == 4) return {0, 0, 0, 0, 0, 8};
    return {0, 0, 8, 0, 0, 0};
  });
  Arcs arcs;
  for (const int32_t first : {3, 4}) {
    arcs.Add(0, 1, first);
    arcs.Add(1, 2, 5);
  }
  auto grammar = arcs.Grammar(3, 2);
  BeamOptions options;
  options.freeTokens = 10;
  const BeamResult result = Search(model, &grammar, options);
  REQUIRE(result.best.size() == 2);
  CHECK(result.best[0].tokens == Tokens{4, 5});
  CHECK(result.best[1].tokens == Tokens{3, 5});
  for (const Sentence& sentence : result.best)
    CHECK(sentence.logProb == Approx(model.LogProb(sentence.tokens)).epsilon(1e-5));
  CHECK(result.free.tokens == Tokens{3});
  CHECK(result.freeEnded);
  CHECK(result.free.logProb == Approx(model.LogProb({3})).epsilon(1e-5));
}

TEST_CASE(
    "beam: the bonus for tokens decides between a short and a long sentence, and leaves probabilities "
    "alone") {
  // "3" may end, which is likelier than what follows in "3 4 5".
  TableModel model(6, [](const Tokens& said) -> std::vector<float> {
    if (said.empty()) return {0, 0, 0, 5, 0, 0};
    if (said.size() == 1) return {0, 0, 3, 0, 2, 0};
    if (said.size() == 2) return {0, 0, 0, 0, 0, 3};
    return {0, 0, 5, 0, 0, 0};
  });
  Arcs arcs;
  arcs.Add(0, 1, 3);
  arcs.Add(1, 2, 4);
  arcs.Add(2, 3, 5);
  arcs.Add(1, 3, -1);
  auto grammar = arcs.Grammar(4, 3);
  BeamOptions options;
  CHECK(Search(model, &grammar, options).best[0].tokens == Tokens{3});
  options.tokenBonus = 1;
  const BeamResult result = Search(model, &grammar, options);
  REQUIRE(result.best.size() == 2);
  CHECK(result.best[0].tokens == Tokens{3, 4, 5});
  for (const Sentence& sentence : result.best)
    CHECK(sentence.logProb == Approx(model.LogProb(sentence.tokens)).epsilon(1e-5));
}

TEST_CASE("beam: free text alone, cut off when it does not end, never empty") {
  TableModel endless(5, [](const Tokens&) -> std::vector<float> { return {0, 0, 1, 5, 0}; });
  BeamOptions options;
  options.freeTokens = 7;
  const BeamResult cut = Search(endless, nullptr, options);
  CHECK(cut.best.empty());
  CHECK(cut.free.tokens == Tokens(7, 3));
  CHECK_FALSE(cut.freeEnded);
  TableModel silent(5, [](const Tokens&) -> std::vector<float> { return {0, 0, 20, 1, 0}; });
  CHECK(Search(silent, nullptr, options).free.tokens == Tokens{3});
}

TEST_CASE("beam: on random grammars and models every sentence is in the grammar, with its own probability") {
  std::mt19937 random(5);
  constexpr int32_t kSize = 12;
  int complete = 0;
  for (uint32_t round = 0; round < 200; ++round) {
    const auto states = static_cast<int32_t>(3 + random() % 8);
    Arcs arcs;
    for (int i = 0; i < 3 * states; ++i) {
      const auto from = static_cast<int32_t>(random() % static_cast<uint32_t>(states));
      const auto to = static_cast<int32_t>(random() % static_cast<uint32_t>(states));
      const bool empty = random() % 5 == 0;
      arcs.Add(from, to, empty ? -1 : static_cast<int32_t>(3 + random() % (kSize - 3)));
    }
    auto grammar = arcs.Grammar(states, states - 1);
    auto model = Noise(kSize, round);
    BeamOptions options;
    options.beam = 1 + random() % 8;
    options.mostTokens = 10;
    options.freeTokens = 10;
    const BeamResult result = Search(model, &grammar, options);
    for (size_t i = 0; i < result.best.size(); ++i) {
      const Sentence& sentence = result.best[i];
      CHECK(Holds(grammar, sentence.tokens));
      CHECK_FALSE(sentence.tokens.empty());
      CHECK(sentence.logProb == Approx(model.LogProb(sentence.tokens)).epsilon(1e-4));
      if (i > 0) CHECK(sentence.logProb <= result.best[i - 1].logProb);
      ++complete;
    }
    CHECK(result.rows <= result.steps * (options.beam + 1));
  }
  CHECK(complete > 100);
}

TEST_CASE("beam: wide enough, it finds what trying everything finds") {
  constexpr int32_t kSize = 8;
  for (uint32_t seed = 0; seed < 50; ++seed) {
    Arcs arcs;  // three words of 3 to 7 each
    for (int32_t token = 3; token < kSize; ++token) {
      for (int32_t state = 0; state < 3; ++state) arcs.Add(state, state + 1, token);
    }
    auto grammar = arcs.Grammar(4, 3);
    auto model = Noise(kSize, seed);
    double best = -1e9;
    for (int32_t a = 3; a < kSize; ++a)
      for (int32_t b = 3; b < kSize; ++b)
        for (int32_t c = 3; c < kSize; ++c) best = std::max(best, model.LogProb({a, b, c}));
    BeamOptions options;
    options.beam = 25;
    options.slack = 1e6F;
    const BeamResult result = Search(model, &grammar, options);
    REQUIRE_FALSE(result.best.empty());
    CHECK(static_cast<double>(result.best[0].logProb) == Approx(best).epsilon(1e-4));
  }
}

TEST_CASE("beam: a speaker who stopped in the middle is told from one who said all") {
  // "3 4 5" is the only sentence, 6 a mark. The model hears "3 4", with a mark where `marked`, and then the
  // end.
  for (const bool marked : {false, true}) {
    TableModel model(7, [marked](const Tokens& said) -> std::vector<float> {
      if (said.empty()) return {0, 0, 0, 9, 0, 0, 0};
      if (said == Tokens{3}) return {0, 0, 0, 0, 9, 0, 0};
      if (said == Tokens{3, 4})
        return marked ? std::vector<float>{0, 0, 0, 0, 0, 0, 9} : std::vector<float>{0, 0, 9, 0, 0, 0, 0};
      return {0, 0, 9, 0, 0, 0, 0};
    });
    Arcs arcs;
    arcs.Add(0, 1, 3);
    arcs.Add(1, 2, 4);
    arcs.Add(2, 3, 5);
    auto grammar = arcs.Grammar(4, 3);
    const Tokens marks{6};
    BeamOptions options;
    options.marks = marks;
    const BeamResult result = Search(model, &grammar, options);
    REQUIRE(result.hasBeginning);
    CHECK(result.beginning.tokens == Tokens{3, 4});
    const Tokens said = marked ? Tokens{3, 4, 6} : Tokens{3, 4};
    CHECK(result.beginning.logProb == Approx(model.LogProb(said)).epsilon(1e-4));
    REQUIRE(result.best.size() == 1);
    CHECK(result.beginning.logProb > result.best[0].logProb);
  }
}

TEST_CASE("beam: a mark inside a longer sentence is no stop") {
  // After "3" the free text goes on behind the mark: "3. 4".
  TableModel model(7, [](const Tokens& said) -> std::vector<float> {
    if (said.empty()) return {0, 0, 0, 9, 0, 0, 0};
    if (said == Tokens{3}) return {0, 0, 0, 0, 4, 0, 6};
    if (said.back() == 6) return {0, 0, 0, 0, 9, 0, 0};
    return {0, 0, 9, 0, 0, 0, 0};
  });
  Arcs arcs;
  arcs.Add(0, 1, 3);
  arcs.Add(1, 2, 4);
  auto grammar = arcs.Grammar(3, 2);
  const Tokens marks{6};
  BeamOptions options;
  options.marks = marks;
  const BeamResult result = Search(model, &grammar, options);
  REQUIRE(result.hasBeginning);
  REQUIRE(result.best.size() == 1);
  CHECK(result.beginning.logProb < result.best[0].logProb);
}

TEST_CASE("beam: the free sentence begins with what is known, at its own price") {
  auto model = Noise(9, 3);
  const Tokens known{4, 7};
  BeamOptions options;
  options.freeTokens = 6;
  options.known = known;
  const BeamResult result = Search(model, nullptr, options);
  REQUIRE(result.free.tokens.size() >= 2);
  CHECK(Tokens(result.free.tokens.begin(), result.free.tokens.begin() + 2) == known);
  if (result.freeEnded) CHECK(result.free.logProb == Approx(model.LogProb(result.free.tokens)).epsilon(1e-4));
}

TEST_CASE("beam: gives up before the next step when it is cancelled") {
  std::atomic<bool> cancelled = false;
  int steps = 0;
  TableModel model(5, [&](const Tokens&) -> std::vector<float> {
    if (++steps == 3) cancelled = true;
    return {0, 0, 0, 5, 0};
  });
  BeamOptions options;
  options.freeTokens = 50;
  options.isCancelled = &cancelled;
  const BeamResult result = Search(model, nullptr, options);
  CHECK(result.cancelled);
  CHECK(result.steps == 3);
}

TEST_CASE("log-sum-exp: as by its definition, also for far apart and impossible values") {
  std::mt19937 random(3);
  std::normal_distribution<float> normal(0, 10);
  for (const size_t size : {1, 7, 8, 9, 1000}) {
    std::vector<float> values(size);
    for (float& value : values) value = normal(random);
    if (size > 3) values[2] = -std::numeric_limits<float>::infinity();
    double sum = 0;
    for (const float value : values) sum += std::exp(static_cast<double>(value));
    CHECK(vigil::LogSumExp(values) == Approx(std::log(sum)).epsilon(1e-6));
  }
}
