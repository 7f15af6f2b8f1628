#include "compiler/source/suggest.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <vector>

namespace coil {

namespace {

constexpr std::size_t longest_word = 64;  // nobody mistypes a longer one by a letter or two

// The least number of insertions, deletions, changes and swaps of neighbours that turn `a` into `b`,
// by rows of the usual table: row[i] is the distance from the first i letters of `a`.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> two_back(a.size() + 1), back(a.size() + 1), row(a.size() + 1);
  std::iota(back.begin(), back.end(), std::size_t{0});
  for (std::size_t j = 1; j <= b.size(); ++j) {
    row[0] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
      const std::size_t change = back[i - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[i] = std::min({back[i] + 1, row[i - 1] + 1, change});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[i] = std::min(row[i], two_back[i - 2] + 1);
    }
    two_back.swap(back);
    back.swap(row);
  }
  return back[a.size()];
}

bool equal_but_for_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

// One letter in three may be wrong, and at least one letter must be right.
bool is_near(std::string_view word, std::string_view candidate, std::size_t distance) {
  const std::size_t shorter = std::min(word.size(), candidate.size());
  const std::size_t longer = std::max(word.size(), candidate.size());
  return distance <= (longer + 2) / 3 && distance < shorter;
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string> candidates) {
  std::string_view best;
  std::size_t best_distance = longest_word;
  if (word.size() > longest_word) return best;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > longest_word) continue;
    const bool same = equal_but_for_case(word, candidate);
    const std::size_t distance = same ? 0 : edit_distance(word, candidate);
    if (distance >= best_distance || (!same && !is_near(word, candidate, distance))) continue;
    best = candidate;
    best_distance = distance;
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string> candidates) {
  const std::string_view meant = nearest(word, candidates);
  return meant.empty() ? std::string() : fmt::format("; did you mean '{}'?", meant);
}

}  // namespace coil
