#include "runtime/generate/sampler.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "compiler/source/run_error.hpp"

namespace coil {
namespace {

constexpr double nothing = -std::numeric_limits<double>::infinity();

// Written so that a NaN is outside.
void require_range(const char* what, double value, double least, double most) {
  if (!(value >= least && value <= most))
    fail(ExitCode::usage, "a {} of {} makes no sense; it is from {} to {}", what, value, least,
         most);
}

// Indices of what is still there, the likeliest first.
std::vector<std::size_t> ranking(const Logarithms& logarithms) {
  std::vector<std::size_t> order(logarithms.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::erase_if(order, [&](std::size_t i) { return logarithms[i] == nothing; });
  std::ranges::stable_sort(order, std::ranges::greater{},
                           [&](std::size_t i) { return logarithms[i]; });
  return order;
}

void take_out(Logarithms& logarithms, std::span<const std::size_t> indices) {
  for (const std::size_t i : indices) logarithms[i] = nothing;
}

std::span<const std::int32_t> last(std::span<const std::int32_t> text, std::int64_t n) {
  return text.last(std::min(text.size(), static_cast<std::size_t>(n)));
}

}  // namespace

void check_sampler(const SamplerOptions& options) {
  constexpr double most = std::numeric_limits<double>::max();
  if (!(options.temperature >= 0 && options.temperature <= most))
    fail(ExitCode::usage, "a temperature of {} makes no sense; 0 is greedy, 1 the model's own",
         options.temperature);
  require_range("top-p", options.top_p, 0, 1);
  require_range("min-p", options.min_p, 0, 1);
  require_range("repeat penalty", options.repeat_penalty, 1, most);
  if (options.top_k < 0) fail(ExitCode::usage, "a top-k of {} keeps nothing", options.top_k);
  if (options.repeat_last_n < 0)
    fail(ExitCode::usage, "the last {} characters are none", options.repeat_last_n);
}

void penalize(Logarithms& logarithms, std::span<const std::int32_t> recent, double penalty) {
  if (penalty == 1) return;
  std::vector<bool> seen(logarithms.size());
  for (const std::int32_t index : recent) {
    const auto i = static_cast<std::size_t>(index);
    if (i >= logarithms.size() || seen[i]) continue;
    seen[i] = true;
    // A huge penalty makes a character as good as impossible, but takes none out.
    if (logarithms[i] != nothing)
      logarithms[i] = std::max(logarithms[i] * penalty, std::numeric_limits<double>::lowest());
  }
}

void keep_top_k(Logarithms& logarithms, std::int64_t k) {
  if (k == 0 || std::cmp_greater_equal(k, logarithms.size())) return;
  const auto order = ranking(logarithms);
  if (std::cmp_greater(order.size(), k))
    take_out(logarithms, std::span(order).subspan(static_cast<std::size_t>(k)));
}

void keep_top_p(Logarithms& logarithms, double p) {
  if (p >= 1) return;
  const auto order = ranking(logarithms);
  if (order.empty()) return;
  const double largest = logarithms[order[0]];
  double total = 0;
  for (const std::size_t i : order) total += std::exp(logarithms[i] - largest);
  double sum = 0;
  std::size_t kept = 0;
  while (kept < order.size() && (kept == 0 || sum < p * total))
    sum += std::exp(logarithms[order[kept++]] - largest);
  take_out(logarithms, std::span(order).subspan(kept));
}

void keep_min_p(Logarithms& logarithms, double p) {
  if (p == 0) return;
  const double least = *std::ranges::max_element(logarithms) + std::log(p);
  for (double& logarithm : logarithms)
    if (logarithm < least) logarithm = nothing;
}

std::vector<double> filtered(std::span<const float> probabilities,
                             std::span<const std::int32_t> recent, const SamplerOptions& options) {
  std::vector<double> weights;
  for (const float p : probabilities) weights.push_back(p > 0 ? std::log(double{p}) : nothing);
  penalize(weights, last(recent, options.repeat_last_n), options.repeat_penalty);
  keep_top_k(weights, options.temperature == 0 ? 1 : options.top_k);
  keep_top_p(weights, options.top_p);
  keep_min_p(weights, options.min_p);
  const double largest = *std::ranges::max_element(weights);
  for (double& weight : weights) {
    // The largest is 1 at any temperature, and zero divided by zero is never asked for.
    if (weight == largest)
      weight = 1;
    else
      weight = weight == nothing ? 0 : std::exp((weight - largest) / options.temperature);
  }
  return weights;
}

std::size_t draw(std::span<const double> weights, double u) {
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  double left = u * total;
  std::size_t last = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] == 0) continue;
    last = i;
    if (left < weights[i]) return i;
    left -= weights[i];
  }
  return last;
}

}  // namespace coil
