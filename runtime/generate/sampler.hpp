#pragma once

// Which character comes next, given how likely each is. Filters come in the order of llama.cpp's, which people
// know from there:
//   1. repeat penalty  the logarithm of a probability is multiplied by it, for characters among the last
//                      repeat_last_n: p becomes p ^ penalty
//   2. top-k           the k likeliest stay
//   3. top-p           of these the likeliest stay that together have p of their probability, as few as do
//   4. min-p           those stay that are at least p times as likely as the likeliest
//   5. temperature     what stays is drawn in proportion to p ^ (1 / temperature); at 0 the likeliest is taken
// Of equally likely characters the one that comes first in the vocabulary counts as the likelier. A character of
// probability zero is never drawn.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace coil {

struct SamplerOptions {
  double temperature = 0;     // 0: always the likeliest
  std::int64_t top_k = 0;     // 0: all
  double top_p = 1;           // 1: all
  double min_p = 0;           // 0: all
  double repeat_penalty = 1;  // 1: none
  std::int64_t repeat_last_n = 64;
};

// RunError (usage) where a number is outside its range or is none.
void check_sampler(const SamplerOptions& options);

// The filters, each on logarithms of probabilities, which need not add up to one; what is taken out becomes minus
// infinity. At least one finite logarithm stays where there was one.
using Logarithms = std::vector<double>;
void penalize(Logarithms& logarithms, std::span<const std::int32_t> recent, double penalty);
void keep_top_k(Logarithms& logarithms, std::int64_t k);
void keep_top_p(Logarithms& logarithms, double p);
void keep_min_p(Logarithms& logarithms, double p);

// What stays of a prediction after all filters, in proportion: the largest is 1. `recent` are the characters read
// and written so far, of which the last repeat_last_n count. At temperature 0 all but one are 0. At least one
// of the probabilities must be above zero.
std::vector<double> filtered(std::span<const float> probabilities,
                             std::span<const std::int32_t> recent, const SamplerOptions& options);

// The index where `u` in [0, 1) falls in the running sum of `weights`.
std::size_t draw(std::span<const double> weights, double u);

}  // namespace coil
