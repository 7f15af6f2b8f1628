#include "tests/train/models.hpp"

#include <cstring>
#include <fstream>
#include <iterator>

namespace coil::test {
namespace {

constexpr const char* char3 = R"(
model Blocks(vocab = 30, factors = 6, hidden = 16) {
  input c1, c2, c3: index(vocab)
  layer embed  = embedding(vocab, factors)
  layer encode = dense(hidden, relu)
  layer mix    = dense(hidden, tanh)
  layer drop   = dropout(0.1)
  h = mix(encode(embed(c1)))
  h = mix(h + encode(embed(c2)))
  h = mix(h + encode(embed(c3)))
  output drop(h) |> dense(vocab, softmax)
}
)";

constexpr const char* windowed = R"(
model Windows(vocab = 30, steps = 4, hidden = 12) {
  input c[steps]: index(vocab)
  output c |> embedding(vocab, 6) |> simple_rnn(hidden) |> last |> dropout(0.1) |> dense(vocab, softmax)
}
)";

constexpr const char* streamed = R"(
model Streams(vocab = 30, steps = 4, hidden = 10) {
  input c[steps]: index(vocab)
  output c |> embedding(vocab, 6) |> lstm(hidden, stateful = true) |> dropout(0.1) |> dense(vocab, softmax)
}
)";

const char* source_for(Scheme scheme) {
  switch (scheme) {
    case Scheme::blocks:
      return char3;
    case Scheme::windows:
      return windowed;
    case Scheme::streams:
      return streamed;
  }
  __builtin_unreachable();
}

}  // namespace

Model ready_from_text(const char* source, const std::vector<Definition>& definitions) {
  const SourceFile file("test.model", source);
  Diagnostics diagnostics(file);
  Runner runner;
  auto compiled = compile(file, {"", definitions}, diagnostics, runner);
  if (!compiled) throw std::logic_error(diagnostics.render());
  Model model = Model::from(std::move(*compiled));
  model.vocabulary = Vocabulary::of_text(small_text(), "text");
  initialize_weights(model, 1);
  return model;
}

Model model_for(Scheme scheme, std::uint64_t seed, const std::vector<Definition>& definitions) {
  Model model = ready_from_text(source_for(scheme), definitions);
  initialize_weights(model, seed);
  return model;
}

std::string short_text() { return small_text().substr(0, 1507); }

Recipe recipe_for(Scheme scheme) {
  Recipe recipe;
  recipe.scheme = scheme;
  recipe.batch = scheme == Scheme::windows ? 25 : scheme == Scheme::streams ? 6 : 8;
  recipe.phases[0].learning_rate = 0.01;
  recipe.phases[0].epochs = 10;
  return recipe;
}

void train_to(Trainer& trainer, const Model& model, std::int64_t steps) {
  while (!trainer.done() && model.training->steps < steps)
    trainer.run_epoch([&](const StepReport&) { return model.training->steps < steps; });
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<float> weights_of(const Model& model) {
  std::vector<float> all;
  for (const NodeId id : leaves(model.graph, Op::weight)) {
    const auto values = model.store.copy_of(std::string(leaf_name(model.graph.node(id))));
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

}  // namespace coil::test
