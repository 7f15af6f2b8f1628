#include "tests/model/small_model.hpp"

#include <cstdlib>

namespace coil::test {
namespace {

constexpr const char* source = R"(
model Small(vocab = 30, factors = 6, hidden = 16, outputs = vocab) {
  input c1, c2, c3: index(vocab)
  layer embed  = embedding(vocab, factors)
  layer encode = dense(hidden, relu)
  layer mix    = dense(hidden, tanh)
  h = mix(encode(embed(c1)))
  h = mix(h + encode(embed(c2)))
  h = mix(h + encode(embed(c3)))
  output h |> dense(outputs, softmax)
}
)";

}  // namespace

Model small_model(const std::vector<Definition>& definitions) {
  const SourceFile file("small.model", source);
  Diagnostics diagnostics(file);
  Runner runner;
  auto compiled = compile(file, {"", definitions}, diagnostics, runner);
  if (!compiled) throw std::logic_error(diagnostics.render());
  return Model::from(std::move(*compiled));
}

Model ready_model(std::uint64_t seed) {
  Model model = small_model();
  model.vocabulary = Vocabulary::of_text(small_text(), "text");
  initialize_weights(model, seed);
  return model;
}

std::string small_text() {
  std::string text;
  while (text.size() < 4000) text += "pack my box with five dozen jugs; ";
  return text;
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "coil-test-XXXXXX").string();
  if (!mkdtemp(pattern.data())) throw std::runtime_error("no temporary folder");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() { std::filesystem::remove_all(path_); }

}  // namespace coil::test
