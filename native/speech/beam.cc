#include "speech/beam.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace vigil {

namespace {

constexpr float kImpossible = -std::numeric_limits<float>::infinity();
constexpr int32_t kNoRow = -1;

struct Hypothesis {
  float logProb = 0;
  std::vector<int32_t> states;
  std::vector<int32_t> tokens;
  int32_t row = 0;  // of the last call
};

struct Candidate {
  float logProb;
  int32_t token;
  size_t parent;
};

/// exp for arguments from -87 to 0, within 2e-7 relative: 2^n by the exponent's bits, the rest by its series.
/// Without branches, so that the compiler does several at once.
inline float FastExp(float x) {
  constexpr float kLog2E = 1.44269504F;
  constexpr float kLn2High = 0.693359375F;
  constexpr float kLn2Low = -2.12194440e-4F;
  constexpr float kRound = 12582912.F;  // 1.5 x 2^23: adding it rounds to a whole number
  const float scaled = std::max(x, -87.F) * kLog2E + kRound;
  const float n = scaled - kRound;
  const float f = std::max(x, -87.F) - n * kLn2High - n * kLn2Low;
  float series = 1.F / 5040;
  series = series * f + 1.F / 720;
  series = series * f + 1.F / 120;
  series = series * f + 1.F / 24;
  series = series * f + 1.F / 6;
  series = series * f + 0.5F;
  series = series * f + 1;
  series = series * f + 1;
  const int32_t exponent = (std::bit_cast<int32_t>(scaled) - std::bit_cast<int32_t>(kRound) + 127) << 23;
  return series * std::bit_cast<float>(exponent);
}

class Searcher {
 public:
  Searcher(StepModel& model, TokenGrammar* grammar, const BeamOptions& options)
      : model_(model), grammar_(grammar), options_(options), vocabulary_(model.vocabulary()) {}

  BeamResult Run() {
    logits_.resize(vocabulary_);
    model_.First(logits_);
    Count(1);
    logits_[static_cast<size_t>(model_.endToken())] = kImpossible;
    if (grammar_ != nullptr) alive_.push_back({0, grammar_->Start(), {}, 0});
    freeRow_ = options_.freeTokens > 0 ? 0 : kNoRow;
    normalisers_.assign(1, LogSumExp(logits_));
    while (!alive_.empty() || !stopped_.empty() || freeRow_ != kNoRow) {
      if (options_.isCancelled != nullptr && *options_.isCancelled) {
        result_.cancelled = true;
        return std::move(result_);
      }
      Plan();
      if (tokens_.empty()) break;
      logits_.resize(tokens_.size() * vocabulary_);
      model_.Next(tokens_, parents_, logits_);
      Count(tokens_.size());
      normalisers_.resize(tokens_.size());
      for (size_t i = 0; i < tokens_.size(); ++i) normalisers_[i] = LogSumExp(Row(static_cast<int32_t>(i)));
    }
    std::sort(result_.best.begin(), result_.best.end(), [this](const Sentence& a, const Sentence& b) {
      const float scoreA = Score(a.logProb, a.tokens.size());
      const float scoreB = Score(b.logProb, b.tokens.size());
      return scoreA != scoreB ? scoreA > scoreB : a.tokens < b.tokens;
    });
    if (result_.best.size() > options_.sentences) result_.best.resize(options_.sentences);
    return std::move(result_);
  }

 private:
  std::span<const float> Row(int32_t row) const {
    return {logits_.data() + static_cast<size_t>(row) * vocabulary_, vocabulary_};
  }

  float LogProb(int32_t row, int32_t token) const {
    return Row(row)[static_cast<size_t>(token)] - normalisers_[static_cast<size_t>(row)];
  }

  float Score(float logProb, size_t tokens) const {
    return logProb + options_.tokenBonus * static_cast<float>(tokens);
  }

  float Score(const Sentence& sentence) const { return Score(sentence.logProb, sentence.tokens.size()); }

  void Count(size_t rows) {
    ++result_.steps;
    result_.rows += rows;
  }

  /// From the last call's scores to the rows of the next one.
  void Plan() {
    tokens_.clear();
    parents_.clear();
    PlanBeginnings();
    PlanGrammar();
    if (freeRow_ != kNoRow) PlanFree();
  }

  void PlanGrammar() {
    candidates_.clear();
    for (size_t i = 0; i < alive_.size(); ++i) {
      const Hypothesis& one = alive_[i];
      if (!one.tokens.empty() && grammar_->Accepts(one.states)) {
        const float logProb = one.logProb + LogProb(one.row, model_.endToken());
        bestDone_ = std::max(bestDone_, Score(logProb, one.tokens.size()));
        result_.best.push_back({one.tokens, logProb});
      }
      if (one.tokens.size() >= options_.mostTokens) continue;
      grammar_->Tokens(one.states, following_);
      for (const int32_t token : following_)
        candidates_.push_back({one.logProb + LogProb(one.row, token), token, i});
    }
    // Equal scores in a fixed order: the same audio gives the same sentence.
    const auto likelier = [](const Candidate& a, const Candidate& b) {
      if (a.logProb != b.logProb) return a.logProb > b.logProb;
      return a.parent != b.parent ? a.parent < b.parent : a.token < b.token;
    };
    const size_t kept = std::min(options_.beam, candidates_.size());
    std::partial_sort(candidates_.begin(), candidates_.begin() + static_cast<ptrdiff_t>(kept),
                      candidates_.end(), likelier);
    next_.clear();
    for (size_t i = 0; i < kept; ++i) {
      const Candidate& candidate = candidates_[i];
      const Hypothesis& parent = alive_[candidate.parent];
      // Without a bonus a sentence only becomes less likely, so one below a finished sentence will not pass
      // it; with one it may, by what the tokens of a few more words can bring.
      constexpr float kMoreTokens = 8;
      const float within =
          Score(candidate.logProb, parent.tokens.size() + 1) + options_.tokenBonus * kMoreTokens;
      if (candidate.logProb < candidates_[0].logProb - options_.slack) break;
      if (!(within > bestDone_)) continue;
      Hypothesis child{candidate.logProb, grammar_->Next(parent.states, candidate.token), parent.tokens,
                       AddRow(candidate.token, parent.row)};
      child.tokens.push_back(candidate.token);
      next_.push_back(std::move(child));
    }
    alive_.swap(next_);
  }

  /// A sentence that ends here is none of the grammar's, but may be all that was said so far. The likeliest
  /// of those goes on with its mark, to see whether the end follows.
  void PlanBeginnings() {
    for (const Hypothesis& one : stopped_) Begin(one.tokens, one.logProb, one.row);
    stopped_.clear();
    const Hypothesis* best = nullptr;
    Candidate stop{kImpossible, 0, 0};
    for (const Hypothesis& one : alive_) {
      if (one.tokens.empty() || grammar_->Accepts(one.states)) continue;
      Begin(one.tokens, one.logProb, one.row);
      for (const int32_t mark : options_.marks) {
        const float logProb = one.logProb + LogProb(one.row, mark);
        if (logProb > stop.logProb) {
          best = &one;
          stop = {logProb, mark, 0};
        }
      }
    }
    // What is that unlikely says nothing either way.
    constexpr float kSlack = 6;
    if (best == nullptr || stop.logProb < alive_[0].logProb - kSlack) return;
    if (result_.hasBeginning && Score(stop.logProb, best->tokens.size()) <= Score(result_.beginning)) return;
    stopped_.push_back({stop.logProb, {}, best->tokens, AddRow(stop.token, best->row)});
  }

  void Begin(const std::vector<int32_t>& tokens, float before, int32_t row) {
    const Sentence sentence{tokens, before + LogProb(row, model_.endToken())};
    if (result_.hasBeginning && Score(sentence) <= Score(result_.beginning)) return;
    result_.beginning = sentence;
    result_.hasBeginning = true;
  }

  void PlanFree() {
    const auto row = Row(freeRow_);
    const size_t said = result_.free.tokens.size();
    const auto likeliest = static_cast<int32_t>(std::max_element(row.begin(), row.end()) - row.begin());
    const int32_t token = said < options_.known.size() ? options_.known[said] : likeliest;
    result_.free.logProb += LogProb(freeRow_, token);
    if (token == model_.endToken()) {
      result_.freeEnded = true;
      freeRow_ = kNoRow;
      return;
    }
    result_.free.tokens.push_back(token);
    if (result_.free.tokens.size() >= options_.freeTokens) {
      freeRow_ = kNoRow;
      return;
    }
    freeRow_ = AddRow(token, freeRow_);
  }

  /// Two that said the same share a row: mostly the free sentence is one of the beam's.
  int32_t AddRow(int32_t token, int32_t parent) {
    for (size_t i = 0; i < tokens_.size(); ++i) {
      if (tokens_[i] == token && parents_[i] == parent) return static_cast<int32_t>(i);
    }
    tokens_.push_back(token);
    parents_.push_back(parent);
    return static_cast<int32_t>(tokens_.size()) - 1;
  }

  StepModel& model_;
  TokenGrammar* grammar_;
  const BeamOptions& options_;
  const size_t vocabulary_;
  BeamResult result_;
  std::vector<Hypothesis> alive_, next_;
  std::vector<Hypothesis> stopped_;  // beginnings with a mark behind them
  std::vector<Candidate> candidates_;
  std::vector<int32_t> following_;
  std::vector<int32_t> tokens_, parents_;  // rows of the next call
  std::vector<float> logits_;
  std::vector<float> normalisers_;  // by row
  float bestDone_ = kImpossible;
  int32_t freeRow_ = kNoRow;
};

}  // namespace

float LogSumExp(std::span<const float> values) {
  constexpr size_t kLanes = 8;
  const float largest = *std::max_element(values.begin(), values.end());
  std::array<float, kLanes> sums{};
  size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) sums[lane] += FastExp(values[i + lane] - largest);
  }
  for (; i < values.size(); ++i) sums[i % kLanes] += FastExp(values[i] - largest);
  double sum = 0;
  for (const float part : sums) sum += double{part};
  return largest + static_cast<float>(std::log(sum));
}

BeamResult Search(StepModel& model, TokenGrammar* grammar, const BeamOptions& options) {
  return Searcher(model, grammar, options).Run();
}

}  // namespace vigil
