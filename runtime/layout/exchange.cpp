#include "runtime/layout/exchange.hpp"

#include <algorithm>
#include <map>

#include "compiler/source/load.hpp"
#include "compiler/source/run_error.hpp"

#include "runtime/artifact/artifact.hpp"
#include "runtime/artifact/quote.hpp"
#include "runtime/model/metadata.hpp"
#include "runtime/model/weights.hpp"

namespace coil {
namespace {

using Form = LaidTensor::Form;

constexpr const char* layout_key = "coil.layout";
// What other readers of safetensors files look for.
constexpr const char* format_key = "format";

// to[c, r] = from[r, c]
void transpose(std::span<const float> from, std::size_t rows, std::span<float> to) {
  const std::size_t columns = from.size() / rows;
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) to[c * rows + r] = from[r * columns + c];
}

// A bias that was split off as zero comes back to the last bit, its sign too.
float sum_of_biases(float a, float b) { return b == 0 ? a : a == 0 ? b : a + b; }

std::vector<float> laid_values(const Model& model, const LaidTensor& laid) {
  if (laid.form != Form::stacked) {
    std::vector<float> stored = model.store.stored(laid.stored);
    if (laid.form == Form::whole) return stored;
    std::vector<float> values(stored.size());
    transpose(stored, static_cast<std::size_t>(laid.shape[1]), values);
    return values;
  }
  std::vector<float> values;
  for (const LaidPart& part : laid.parts) {
    const std::vector<float> leaf = model.store.copy_of(part.leaf);
    std::vector<float> rows(leaf.size());
    if (!part.is_added)
      transpose(leaf, laid.shape.size() == 2 ? static_cast<std::size_t>(laid.shape[1]) : 1, rows);
    values.insert(values.end(), rows.begin(), rows.end());
  }
  return values;
}

void set_laid(const LaidTensor& laid, std::span<const float> given, Model& model) {
  if (laid.form == Form::whole) {
    model.store.set_stored(laid.stored, given);
    return;
  }
  if (laid.form == Form::transposed) {
    std::vector<float> stored(given.size());
    transpose(given, static_cast<std::size_t>(laid.shape[0]), stored);
    model.store.set_stored(laid.stored, stored);
    return;
  }
  const std::size_t size = given.size() / laid.parts.size();
  for (std::size_t i = 0; i < laid.parts.size(); ++i) {
    const auto part = given.subspan(i * size, size);
    const auto leaf = model.store.values(laid.parts[i].leaf);
    if (laid.parts[i].is_added)
      std::ranges::transform(leaf, part, leaf.begin(), sum_of_biases);
    else
      transpose(part, static_cast<std::size_t>(laid.shape[0]) / laid.parts.size(), leaf);
  }
  model.store.touch();
}

std::vector<WantedTensor> wanted(const std::vector<LaidTensor>& layout) {
  std::vector<WantedTensor> all;
  for (const LaidTensor& laid : layout) all.push_back({laid.name, laid.shape});
  return all;
}

// Whether it is the layout that is wrong, and nothing else.
std::string hint(const TensorFile& file, Layout layout, const Graph& graph) {
  const Layout other = layout == Layout::keras ? Layout::torch : Layout::keras;
  try {
    if (why_unfit(wanted(lay_out(graph, other)), file.tensors).empty())
      return fmt::format("; they do with --layout={}", to_string(other));
  } catch (const RunError&) {
    // The model has no other layout.
  }
  return "";
}

// As before its first step, by the recipe that it has.
void forget_progress(Model& model) {
  model.training_tensors.clear();
  model.probe.reset();
  if (!model.training) return;
  Training fresh;
  fresh.recipe = model.training->recipe;
  fresh.optimizer = fresh.recipe.phases.front().optimizer;
  fresh.characters = model.training->characters;
  fresh.text_hash = model.training->text_hash;
  model.training = std::move(fresh);
}

std::optional<Probe> probe_of(const TensorFile& file, const std::string& path, const Graph& graph) {
  const auto json = file.metadata.find(probe_key);
  if (json == file.metadata.end()) return std::nullopt;
  try {
    return probe_from_json(json->second, path, graph);
  } catch (const RunError& error) {
    fail(error.code(), "{}; --skip-probe imports the weights without it", error.what());
  }
}

}  // namespace

TensorFile export_weights(const Model& model, Layout layout) {
  if (!model.has_weights)
    fail(ExitCode::bad_artifact, "model {} has no weights; `coil train` gives it some",
         model.graph.name);
  TensorFile file;
  file.metadata[layout_key] = to_string(layout);
  if (layout == Layout::torch) file.metadata[format_key] = "pt";
  const auto probe = model.probe ? model.probe : take_probe(model);
  if (probe) file.metadata[probe_key] = probe_to_json(*probe);
  for (const LaidTensor& laid : lay_out(model.graph, layout))
    file.tensors.push_back({laid.name, laid.shape, laid_values(model, laid)});
  return file;
}

std::optional<Layout> layout_of(const TensorFile& file, const std::string& path) {
  const auto word = file.metadata.find(layout_key);
  if (word == file.metadata.end()) return std::nullopt;
  for (const Layout layout : {Layout::keras, Layout::torch})
    if (word->second == to_string(layout)) return layout;
  fail(ExitCode::bad_artifact, "{}: {} is {}, and not keras or torch", show_path(path), layout_key,
       quote(word->second));
}

TensorFile read_weights(const std::string& path) {
  const std::string bytes = read_file(path, largest_weight_file);
  TensorFile file = decode(bytes, path);
  if (!file.metadata.contains("coil.format")) return file;
  Artifact artifact = decode_artifact(bytes, path);
  std::erase_if(artifact.tensors,
                [](const Tensor& tensor) { return tensor.name.starts_with(training_prefix); });
  return {std::move(artifact.metadata), std::move(artifact.tensors)};
}

std::optional<ProbeDifference> import_weights(const TensorFile& file, const std::string& path,
                                              Layout layout, ProbeUse use, Model& model) {
  const std::vector<LaidTensor> layout_of_model = lay_out(model.graph, layout);
  const auto why = why_unfit(wanted(layout_of_model), file.tensors);
  if (!why.empty()) refuse_weights(path, model, why, hint(file, layout, model.graph));
  std::map<std::string_view, const Tensor*> given;
  for (const Tensor& tensor : file.tensors) given[tensor.name] = &tensor;
  for (const LaidTensor& laid : layout_of_model) set_laid(laid, given.at(laid.name)->values, model);
  if (const auto broken = broken_weight(model))
    fail(ExitCode::bad_artifact, "{}: the two biases that '{}' is the sum of are too large", path,
         *broken);
  model.has_weights = true;
  model.ranges = nullptr;
  forget_progress(model);
  if (use == ProbeUse::ignore) return std::nullopt;
  const auto probe = probe_of(file, path, model.graph);
  if (!probe) return std::nullopt;
  const ProbeDifference difference = compare_with_probe(model, *probe);
  require_agreement(difference, path);
  return difference;
}

}  // namespace coil
