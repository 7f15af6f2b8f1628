// The filters one by one, each by what it promises for any prediction, and the draws by their statistics.

#include "runtime/generate/sampler.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <numeric>

#include "runtime/text/random.hpp"

#include "tests/model/small_model.hpp"
#include "tests/support/rng.hpp"

namespace coil::test {
namespace {

constexpr double nothing = -std::numeric_limits<double>::infinity();

// A prediction over 1 to 60 characters: some equally likely, some impossible, from nearly even to nearly certain.
std::vector<float> random_prediction(Rng& rng) {
  std::vector<double> weights;
  const double spread = rng.uniform(0, 12);
  for (std::int64_t i = rng.between(1, 60); i > 0; --i) {
    if (!weights.empty() && rng.chance(0.2))
      weights.push_back(weights.back());
    else
      weights.push_back(rng.chance(0.1) ? 0 : std::exp(rng.uniform(-spread, spread)));
  }
  weights.push_back(1);
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::vector<float> prediction;
  for (const double weight : weights) prediction.push_back(static_cast<float>(weight / total));
  return prediction;
}

Logarithms logarithms_of(const std::vector<float>& prediction) {
  Logarithms logarithms;
  for (const float p : prediction) logarithms.push_back(p > 0 ? std::log(double{p}) : nothing);
  return logarithms;
}

std::int64_t count_left(const Logarithms& logarithms) {
  return std::ranges::count_if(logarithms, [](double x) { return x != nothing; });
}

// Nothing that stays was changed, and what went was not likelier than what stayed.
void check_is_cut(const Logarithms& before, const Logarithms& after) {
  double least_left = HUGE_VAL, most_gone = nothing;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (after[i] != nothing) CHECK(after[i] == before[i]);
    if (after[i] != nothing) least_left = std::min(least_left, before[i]);
    if (after[i] == nothing) most_gone = std::max(most_gone, before[i]);
  }
  CHECK(most_gone <= least_left);
}

double mass(const Logarithms& logarithms) {
  double sum = 0;
  for (const double x : logarithms) sum += std::exp(x);
  return sum;
}

template <typename Check>
void for_random_predictions(const Check& check) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Rng rng(seed);
    const std::vector<float> prediction = random_prediction(rng);
    INFO("seed " << seed);
    check(rng, prediction);
  }
}

}  // namespace

TEST_CASE("top-k leaves the k likeliest, or all where there are fewer") {
  for_random_predictions([](Rng& rng, const std::vector<float>& prediction) {
    const Logarithms before = logarithms_of(prediction);
    Logarithms after = before;
    const std::int64_t k = rng.between(1, std::ssize(prediction) + 2);
    keep_top_k(after, k);
    check_is_cut(before, after);
    CHECK(count_left(after) == std::min(k, count_left(before)));
  });
}

TEST_CASE("of equally likely characters top-k leaves the first") {
  Logarithms even(5, -1.0);
  keep_top_k(even, 2);
  CHECK(even == Logarithms{-1, -1, nothing, nothing, nothing});
  Logarithms all(5, -1.0);
  keep_top_k(all, 0);
  CHECK(count_left(all) == 5);
}

TEST_CASE("top-p leaves a probability of at least p, in as few characters as can be") {
  for_random_predictions([](Rng& rng, const std::vector<float>& prediction) {
    const Logarithms before = logarithms_of(prediction);
    Logarithms after = before;
    const double p = rng.uniform(0, 1), total = mass(before);
    keep_top_p(after, p);
    check_is_cut(before, after);
    CHECK(mass(after) >= p * total * (1 - 1e-12));
    REQUIRE(count_left(after) >= 1);
    if (count_left(after) == 1) return;
    double least = HUGE_VAL;
    for (const double x : after)
      if (x != nothing) least = std::min(least, x);
    CHECK(mass(after) - std::exp(least) < p * total * (1 + 1e-12));
  });
}

TEST_CASE("top-p at its ends: 0 leaves one, 1 all") {
  Logarithms one = {-3, -1, -2};
  keep_top_p(one, 0);
  CHECK(one == Logarithms{nothing, -1, nothing});
  Logarithms all = {-3, -1, -40};
  keep_top_p(all, 1);
  CHECK(all == Logarithms{-3, -1, -40});
}

TEST_CASE("min-p leaves exactly what is p times as likely as the likeliest") {
  for_random_predictions([](Rng& rng, const std::vector<float>& prediction) {
    const Logarithms before = logarithms_of(prediction);
    Logarithms after = before;
    const double p = rng.uniform(0.001, 1);
    keep_min_p(after, p);
    check_is_cut(before, after);
    const double least = std::log(p) + *std::ranges::max_element(before);
    const auto stays = [&](double x) { return x >= least; };
    CHECK(count_left(after) == std::ranges::count_if(before, stays));
  });
}

TEST_CASE("the repeat penalty is a power of the probability, once for each character") {
  for_random_predictions([](Rng& rng, const std::vector<float>& prediction) {
    const Logarithms before = logarithms_of(prediction);
    Logarithms after = before;
    std::vector<std::int32_t> recent;
    for (std::int64_t i = rng.between(0, 20); i > 0; --i)
      recent.push_back(static_cast<std::int32_t>(rng.between(0, std::ssize(prediction) - 1)));
    const double penalty = rng.uniform(1, 3);
    penalize(after, recent, penalty);
    for (std::size_t i = 0; i < before.size(); ++i) {
      const bool is_recent =
          std::ranges::find(recent, static_cast<std::int32_t>(i)) != recent.end();
      if (before[i] == nothing)
        CHECK(after[i] == nothing);
      else
        CHECK(std::exp(after[i]) ==
              Approx(std::pow(std::exp(before[i]), is_recent ? penalty : 1.0)));
    }
  });
}

TEST_CASE("a character that was just there loses to its neighbour, but only for as long as asked") {
  const std::vector<float> prediction = {0.5f, 0.4f, 0.1f};
  const std::vector<std::int32_t> text = {0, 2, 2, 2};
  SamplerOptions options;
  options.repeat_penalty = 2;
  CHECK(filtered(prediction, text, options) == std::vector<double>{0, 1, 0});
  options.repeat_last_n = 3;
  CHECK(filtered(prediction, text, options) == std::vector<double>{1, 0, 0});
  options.repeat_last_n = 0;
  CHECK(filtered(prediction, text, options) == std::vector<double>{1, 0, 0});
}

TEST_CASE("filters come in their order: the probability that top-p looks at is what top-k left") {
  const std::vector<float> prediction = {0.4f, 0.3f, 0.2f, 0.1f};
  SamplerOptions options;
  options.temperature = 1;
  options.top_p = 0.55;
  CHECK(filtered(prediction, {}, options)[1] > 0);  // 0.4 of 1 is too little
  options.top_k = 2;
  CHECK(filtered(prediction, {}, options)[1] == 0);  // 0.4 of 0.7 is not
  // Temperature comes last: it does not change what stays.
  options.top_k = 0;
  for (const double temperature : {0.1, 1.0, 50.0}) {
    options.temperature = temperature;
    const auto left = filtered(prediction, {}, options);
    CHECK(std::ranges::count(left, 0.0) == 2);
  }
  // The penalty comes first: what it makes unlikely falls to top-k.
  options = {};
  options.temperature = 1;
  options.top_k = 1;
  options.repeat_penalty = 3;
  const std::vector<std::int32_t> recent = {0};
  CHECK(filtered(prediction, recent, options) == std::vector<double>{0, 1, 0, 0});
}

TEST_CASE("temperature is a power of the probability, and zero the likeliest alone") {
  for_random_predictions([](Rng& rng, const std::vector<float>& prediction) {
    SamplerOptions options;
    options.temperature = rng.uniform(0.2, 3);
    const auto weights = filtered(prediction, {}, options);
    const double largest = *std::ranges::max_element(prediction);
    for (std::size_t i = 0; i < prediction.size(); ++i)
      CHECK(weights[i] ==
            Approx(std::pow(prediction[i] / largest, 1 / options.temperature)).margin(1e-12));
    options.temperature = 0;
    const auto greedy = filtered(prediction, {}, options);
    CHECK(std::ranges::count(greedy, 1.0) == 1);
    CHECK(std::ranges::count(greedy, 0.0) == std::ssize(greedy) - 1);
    CHECK(std::ranges::max_element(greedy) - greedy.begin() ==
          std::ranges::max_element(prediction) - prediction.begin());
  });
}

TEST_CASE("something always stays, whatever the options and however extreme") {
  for_random_predictions([](Rng& rng, const std::vector<float>& prediction) {
    SamplerOptions options;
    options.temperature =
        rng.pick<double>({0, 5e-324, 1e-9, 1, std::numeric_limits<double>::max()});
    options.top_k = rng.between(0, 3);
    options.top_p = rng.pick<double>({0, 0.5, 1});
    options.min_p = rng.pick<double>({0, 0.5, 1});
    options.repeat_penalty = rng.pick<double>({1, 2, std::numeric_limits<double>::max()});
    std::vector<std::int32_t> recent(prediction.size());
    std::iota(recent.begin(), recent.end(), 0);
    const auto weights = filtered(prediction, recent, options);
    CHECK(*std::ranges::max_element(weights) == 1);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      CHECK(weights[i] >= 0);
      if (prediction[i] == 0) CHECK(weights[i] == 0);
    }
    CHECK(weights[draw(weights, rng.uniform(0, 1))] > 0);
  });
}

TEST_CASE("a hundred thousand draws are distributed as the weights say") {
  const Random random(7, RandomStream::sample);
  std::uint64_t drawn = 0;
  Rng rng(11);
  for (int round = 0; round < 5; ++round) {
    SamplerOptions options;
    options.temperature = rng.uniform(0.5, 2);
    options.top_k = 12;
    const auto weights = filtered(random_prediction(rng), {}, options);
    const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
    constexpr int draws = 100'000;
    std::vector<int> counts(weights.size());
    for (int i = 0; i < draws; ++i) ++counts[draw(weights, random.uniform01(drawn++))];
    double chi_squared = 0;
    int degrees = -1;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const double expected = draws * weights[i] / total;
      if (weights[i] == 0) CHECK(counts[i] == 0);
      if (expected < 5) continue;
      chi_squared += (counts[i] - expected) * (counts[i] - expected) / expected;
      ++degrees;
    }
    // The mean and four standard deviations of the distribution.
    CHECK(chi_squared < degrees + 4 * std::sqrt(2.0 * std::max(degrees, 1)));
  }
}

TEST_CASE("draws at the ends of their range fall on what can be drawn") {
  const std::vector<double> weights = {0, 0.25, 0, 1, 0};
  CHECK(draw(weights, 0) == 1);
  CHECK(draw(weights, 0.19) == 1);
  CHECK(draw(weights, 0.21) == 3);
  CHECK(draw(weights, std::nextafter(1.0, 0.0)) == 3);
}

TEST_CASE("options that make no sense are refused") {
  const double nan = std::nan("");
  const auto refused = [](const auto& change) {
    SamplerOptions options;
    change(options);
    return failure_of([&] { check_sampler(options); }).substr(0, 2) == "2:";
  };
  CHECK_FALSE(refused([](SamplerOptions&) {}));
  for (const double bad : {-1.0, nan, HUGE_VAL}) {
    CHECK(refused([=](SamplerOptions& o) { o.temperature = bad; }));
    CHECK(refused([=](SamplerOptions& o) { o.top_p = bad; }));
    CHECK(refused([=](SamplerOptions& o) { o.min_p = bad; }));
    CHECK(refused([=](SamplerOptions& o) { o.repeat_penalty = bad; }));
  }
  CHECK(refused([](SamplerOptions& o) { o.repeat_penalty = 0.5; }));
  CHECK(refused([](SamplerOptions& o) { o.top_k = -1; }));
  CHECK(refused([](SamplerOptions& o) { o.repeat_last_n = -1; }));
}

}  // namespace coil::test
