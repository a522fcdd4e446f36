#include "speech/token_grammar.h"

#include <algorithm>
#include <string>

#include "core/error.h"

namespace vigil {

TokenGrammar::TokenGrammar(int32_t states, int32_t start, int32_t accept, std::span<const int32_t> from,
                           std::span<const int32_t> to, std::span<const int32_t> token)
    : states_(states), start_(start), accept_(accept) {
  const auto outside = [states](int32_t state) { return state < 0 || state >= states; };
  if (outside(start) || outside(accept) || from.size() != to.size() || from.size() != token.size() ||
      std::any_of(from.begin(), from.end(), outside) || std::any_of(to.begin(), to.end(), outside) ||
      std::any_of(token.begin(), token.end(), [](int32_t t) { return t < kEpsilon; })) {
    throw Error("GRAMMAR_INVALID", "Expected arcs between states below " + std::to_string(states) +
                                       " with tokens from -1 on, as many of each.");
  }
  const auto count = static_cast<size_t>(states);
  first_.assign(count + 1, 0);
  for (const int32_t state : from) ++first_[static_cast<size_t>(state) + 1];
  for (size_t i = 0; i < count; ++i) first_[i + 1] += first_[i];
  arcs_.resize(from.size());
  std::vector<size_t> next(first_.begin(), first_.end() - 1);
  for (size_t i = 0; i < from.size(); ++i) arcs_[next[static_cast<size_t>(from[i])]++] = {token[i], to[i]};
  for (size_t i = 0; i < count; ++i) {
    std::sort(arcs_.begin() + static_cast<ptrdiff_t>(first_[i]),
              arcs_.begin() + static_cast<ptrdiff_t>(first_[i + 1]),
              [](const Arc& a, const Arc& b) { return a.token < b.token; });
  }
  closures_.resize(count);
  seen_.assign(count, false);
}

std::span<const TokenGrammar::Arc> TokenGrammar::ArcsOf(int32_t state) const {
  const auto i = static_cast<size_t>(state);
  return {arcs_.data() + first_[i], first_[i + 1] - first_[i]};
}

const std::vector<int32_t>& TokenGrammar::Closure(int32_t state) {
  std::vector<int32_t>& closure = closures_[static_cast<size_t>(state)];
  if (!closure.empty()) return closure;  // it holds the state itself
  closure.push_back(state);
  std::vector<bool> seen(static_cast<size_t>(states_), false);
  seen[static_cast<size_t>(state)] = true;
  for (size_t i = 0; i < closure.size(); ++i) {
    for (const Arc& arc : ArcsOf(closure[i])) {
      if (arc.token != kEpsilon) break;  // empty steps come first
      if (seen[static_cast<size_t>(arc.to)]) continue;
      seen[static_cast<size_t>(arc.to)] = true;
      closure.push_back(arc.to);
    }
  }
  // States that only pass on say nothing later; the state itself stays, so that an empty list means unknown.
  std::erase_if(closure, [this, state](int32_t s) {
    const auto arcs = ArcsOf(s);
    return s != state && s != accept_ && (arcs.empty() || arcs.back().token == kEpsilon);
  });
  return closure;
}

std::vector<int32_t> TokenGrammar::Closed(std::span<const int32_t> states) {
  std::vector<int32_t> closed;
  for (const int32_t state : states) {
    for (const int32_t reached : Closure(state)) {
      if (seen_[static_cast<size_t>(reached)]) continue;
      seen_[static_cast<size_t>(reached)] = true;
      closed.push_back(reached);
    }
  }
  for (const int32_t state : closed) seen_[static_cast<size_t>(state)] = false;
  std::sort(closed.begin(), closed.end());
  return closed;
}

std::vector<int32_t> TokenGrammar::Start() { return Closed({&start_, 1}); }

bool TokenGrammar::Accepts(std::span<const int32_t> states) const {
  return std::binary_search(states.begin(), states.end(), accept_);
}

void TokenGrammar::Tokens(std::span<const int32_t> states, std::vector<int32_t>& tokens) const {
  tokens.clear();
  for (const int32_t state : states) {
    for (const Arc& arc : ArcsOf(state)) {
      if (arc.token != kEpsilon && (tokens.empty() || tokens.back() != arc.token))
        tokens.push_back(arc.token);
    }
  }
  std::sort(tokens.begin(), tokens.end());
  tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
}

std::vector<int32_t> TokenGrammar::Next(std::span<const int32_t> states, int32_t token) {
  std::vector<int32_t> reached;
  for (const int32_t state : states) {
    const auto arcs = ArcsOf(state);
    const auto by = [](const Arc& arc, int32_t wanted) { return arc.token < wanted; };
    for (auto arc = std::lower_bound(arcs.begin(), arcs.end(), token, by);
         arc != arcs.end() && arc->token == token; ++arc) {
      reached.push_back(arc->to);
    }
  }
  return Closed(reached);
}

}  // namespace vigil
