#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace vigil {

/// Everything that may be said, as a nondeterministic automaton over tokens. Immutable but for what it
/// remembers of the states it was asked for: belongs to one thread at a time.
class TokenGrammar {
 public:
  static constexpr int32_t kEpsilon = -1;

  /// Arc i goes from from[i] to to[i] with token[i], or kEpsilon for none.
  /// @throws Error GRAMMAR_INVALID for states outside [0, states), tokens below -1, or unequal lengths
  TokenGrammar(int32_t states, int32_t start, int32_t accept, std::span<const int32_t> from,
               std::span<const int32_t> to, std::span<const int32_t> token);

  /// The states in which a sentence begins, ascending; closed under empty steps, as all sets are.
  std::vector<int32_t> Start();

  /// Whether a sentence may end here.
  bool Accepts(std::span<const int32_t> states) const;

  /// The tokens that may follow, ascending, each once.
  void Tokens(std::span<const int32_t> states, std::vector<int32_t>& tokens) const;

  /// Where `token` leads, ascending; empty where it may not follow.
  std::vector<int32_t> Next(std::span<const int32_t> states, int32_t token);

 private:
  struct Arc {
    int32_t token;
    int32_t to;
  };

  std::span<const Arc> ArcsOf(int32_t state) const;
  const std::vector<int32_t>& Closure(int32_t state);
  std::vector<int32_t> Closed(std::span<const int32_t> states);

  int32_t states_;
  int32_t start_;
  int32_t accept_;
  std::vector<size_t> first_;                   // by state: its first arc; one more at the end
  std::vector<Arc> arcs_;                       // by state, then by token
  std::vector<std::vector<int32_t>> closures_;  // by state; empty: not asked for yet
  std::vector<bool> seen_;                      // all false between calls
};

}  // namespace vigil
