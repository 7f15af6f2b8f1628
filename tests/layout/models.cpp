#include "tests/layout/models.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "compiler/graph/faces.hpp"
#include "compiler/source/load.hpp"

#include "runtime/artifact/quote.hpp"
#include "runtime/text/random.hpp"

namespace coil::layout_test {
namespace {

Model compiled(const SourceFile& file, const std::string& name,
               const std::vector<Definition>& definitions) {
  Diagnostics diagnostics(file);
  Runner runner;
  auto compiled = compile(file, {name, definitions}, diagnostics, runner);
  INFO(diagnostics.render());
  REQUIRE(compiled.has_value());
  Model model = Model::from(std::move(*compiled));
  draw_weights(model, 1);
  return model;
}

}  // namespace

void draw_weights(Model& model, std::uint64_t seed) {
  std::uint32_t lane = 0;
  for (const StoredWeight& weight : stored_weights(model.graph)) {
    const Random random(seed, RandomStream::weights, lane++);
    std::vector<float> values;
    for (std::int64_t i = 0; i < weight.elements(); ++i)
      values.push_back(static_cast<float>(random.uniform(-1, 1, static_cast<std::uint64_t>(i))));
    model.store.set_stored(weight.name, values);
  }
  model.has_weights = true;
}

Model model_of(const std::string& text, const std::string& name,
               const std::vector<Definition>& definitions) {
  return compiled(SourceFile("test.model", text), name, definitions);
}

Model repository_model(const std::string& path, const std::string& name,
                       std::vector<Definition> definitions) {
  definitions.push_back({"hidden", "6"});
  return compiled(load_source(std::string(COIL_REPOSITORY) + "/" + path), name, definitions);
}

const Tensor& tensor(const TensorFile& file, const std::string& name) {
  const auto found = std::ranges::find(file.tensors, name, &Tensor::name);
  INFO(name);
  REQUIRE(found != file.tensors.end());
  return *found;
}

Tensor& tensor(TensorFile& file, const std::string& name) {
  return const_cast<Tensor&>(tensor(std::as_const(file), name));
}

std::vector<std::string> names(const TensorFile& file) {
  std::vector<std::string> all;
  for (const Tensor& each : file.tensors) all.push_back(each.name + ' ' + show_shape(each.shape));
  return all;
}

std::vector<double> answer(const Model& model) {
  const auto probe = take_probe(model);
  REQUIRE(probe.has_value());
  return probe->outputs.begin()->second;
}

}  // namespace coil::layout_test
