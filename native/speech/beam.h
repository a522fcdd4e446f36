#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "speech/token_grammar.h"

namespace vigil {

/// What scores the next token: a network, or a table in a test. A sentence is a row; a step continues rows of
/// the step before.
class StepModel {
 public:
  virtual ~StepModel() = default;

  /// Number of tokens, of which `endToken` ends a sentence.
  virtual size_t vocabulary() const = 0;
  virtual int32_t endToken() const = 0;

  /// Scores before softmax of the first token: one row. `logits` has room for it.
  virtual void First(std::span<float> logits) = 0;

  /// Row i says tokens[i] after what row parents[i] of the step before had said; `logits` has a row for each.
  virtual void Next(std::span<const int32_t> tokens, std::span<const int32_t> parents,
                    std::span<float> logits) = 0;
};

/// A sentence and the natural logarithm of its probability, its end included.
struct Sentence {
  std::vector<int32_t> tokens;  ///< without begin and end
  float logProb = 0;
};

struct BeamOptions {
  size_t beam = 6;
  size_t sentences = 8;    ///< how many of the best are told
  size_t mostTokens = 96;  ///< of a sentence of the grammar
  size_t freeTokens = 0;   ///< of the free sentence; 0: no free sentence is looked for
  float slack = 12;        ///< sentences less likely than the best by more are given up
  /// Added for each token of a sentence of the grammar when sentences are compared, not to their probability.
  /// The network has learnt how people write, and by that a longer sentence is less likely, whatever is
  /// heard.
  float tokenBonus = 0;
  /// Tokens after which a sentence is over as well: ".", "?", "!".
  std::span<const int32_t> marks;
  /// What the free sentence begins with, whatever the model likes better: known to have been said.
  std::span<const int32_t> known;
  /// Set by another thread when nobody wants the answer any more; looked at before each call of the model.
  const std::atomic<bool>* isCancelled = nullptr;
};

struct BeamResult {
  std::vector<Sentence> best;  ///< of the grammar, by probability and bonus; none when nothing fitted
  Sentence free;               ///< the likeliest token each time, whatever the grammar says
  bool freeEnded = false;      ///< false: cut off, so its probability is that of a beginning
  /// The likeliest beginning of a sentence of the grammar that is none yet, with the probability that nothing
  /// follows but a mark: the speaker stopped in the middle where this is likelier than the best sentence.
  Sentence beginning;
  bool hasBeginning = false;
  bool cancelled = false;  ///< given up half-way
  uint64_t steps = 0;      ///< calls of the model
  uint64_t rows = 0;       ///< rows of all calls
};

/// Looks for the likeliest sentences of `grammar` with a beam, and beside it, in the same calls of the model,
/// for the free one. Scores are log-softmax over the whole vocabulary, so that the two compare. No sentence
/// is empty: the end is impossible at the first step, for both. `grammar` may be null: only the free
/// sentence.
BeamResult Search(StepModel& model, TokenGrammar* grammar, const BeamOptions& options);

/// log(sum(exp(values)))
float LogSumExp(std::span<const float> values);

}  // namespace vigil
