#include "runtime/cli/summary.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "compiler/graph/faces.hpp"
#include "compiler/graph/hash.hpp"
#include "compiler/source/utf8.hpp"

#include "runtime/cli/progress.hpp"

namespace coil::cli {
namespace {

using Json = nlohmann::ordered_json;

// The elements of the weights that belong to a layer: "mix.kernel" and "mix.bias" to mix.
std::int64_t parameters_of(const Graph& graph, const std::string& layer) {
  std::int64_t total = 0;
  for (const StoredWeight& weight : stored_weights(graph))
    if (weight.name.starts_with(layer + '.')) total += weight.elements();
  return total;
}

// As Keras writes it: (None, 256).
std::string keras_shape(const Shape& shape) {
  std::vector<std::string> sizes;
  for (const std::int64_t size : shape.dims)
    sizes.push_back(size == batch_dim ? "None" : fmt::format("{}", size));
  return fmt::format("({}{})", fmt::join(sizes, ", "), sizes.size() == 1 ? "," : "");
}

struct Row {
  std::string layer, shape, parameters;
};

std::string table(const std::vector<Row>& rows) {
  std::size_t layer = 0, shape = 0, parameters = 0;
  for (const Row& row : rows) {
    layer = std::max(layer, row.layer.size());
    shape = std::max(shape, row.shape.size());
    parameters = std::max(parameters, row.parameters.size());
  }
  std::string text;
  const std::string rule(layer + shape + parameters + 8, '=');
  for (const Row& row : rows) {
    text += fmt::format(" {:<{}}   {:<{}}   {:>{}}\n", row.layer, layer, row.shape, shape,
                        row.parameters, parameters);
    if (&row == &rows.front()) text += rule + '\n';
  }
  return text + rule + '\n';
}

std::string training_text(const Model& model) {
  if (!model.has_weights) return "not trained: no weights\n";
  if (!model.training) return "has weights, not trained by Coil\n";
  const Training& training = *model.training;
  std::string text =
      training.steps == 0
          ? "not trained since its weights were imported"
          : fmt::format("trained for {} {} ({} updates)", training.epochs,
                        training.epochs == 1 ? "epoch" : "epochs", grouped(training.steps));
  if (std::isfinite(training.loss)) text += fmt::format(", loss {:.4f}", training.loss);
  if (std::isfinite(training.validation_loss))
    text += fmt::format(", val_loss {:.4f}", training.validation_loss);
  const Recipe& recipe = training.recipe;
  text +=
      fmt::format("; {}, batch {}, seed {}", to_string(recipe.scheme), recipe.batch, recipe.seed);
  for (const Phase& phase : recipe.phases)
    text += fmt::format("; {} at {} for {} {}", to_string(phase.optimizer), phase.learning_rate,
                        phase.epochs, phase.epochs == 1 ? "epoch" : "epochs");
  return text + '\n';
}

std::string vocabulary_text(const Model& model) {
  if (!model.vocabulary) return "";
  std::string characters;
  for (std::size_t i = 0; i < model.vocabulary->size(); ++i) {
    if (i > 0) characters += ' ';
    characters += describe_character(model.vocabulary->at(i));
  }
  return fmt::format("vocabulary of {} characters{}: {}\n", model.vocabulary->size(),
                     model.letters == LetterCase::lower ? ", letters in lower case" : "",
                     characters);
}

Json shape_json(const Shape& shape) {
  Json sizes = Json::array();
  for (const std::int64_t size : shape.dims)
    sizes.push_back(size == batch_dim ? Json(nullptr) : Json(size));
  return sizes;
}

Json inputs_json(const Graph& graph) {
  Json inputs = Json::array();
  for (const FedInput& fed : fed_inputs(graph)) {
    const bool is_index = fed.type.element == Element::index;
    Json input = {{"name", fed.name},
                  {"element", is_index ? "index" : "real"},
                  {"shape", shape_json(fed.type.shape)}};
    if (is_index) input["bound"] = std::get<InputAttributes>(graph.node(fed.leaf).attributes).bound;
    inputs.push_back(input);
  }
  return inputs;
}

Json states_json(const Graph& graph) {
  Json states = Json::array();
  for (const NodeId id : leaves(graph, Op::state))
    states.push_back({{"name", leaf_name(graph.node(id))},
                      {"shape", shape_json(graph.node(id).types[0].shape)}});
  return states;
}

Json loss_json(double loss) { return std::isfinite(loss) ? Json(loss) : Json(nullptr); }

Json phases_json(const std::vector<Phase>& phases) {
  Json all = Json::array();
  for (const Phase& phase : phases)
    all.push_back({{"optimizer", to_string(phase.optimizer)},
                   {"learning_rate", phase.learning_rate},
                   {"momentum", phase.momentum},
                   {"epochs", phase.epochs}});
  return all;
}

Json training_json(const Training& training) {
  const Recipe& recipe = training.recipe;
  return {{"epochs", training.epochs},
          {"updates", training.steps},
          {"loss", loss_json(training.loss)},
          {"val_loss", loss_json(training.validation_loss)},
          {"scheme", to_string(recipe.scheme)},
          {"batch", recipe.batch},
          {"reset", recipe.reset == Reset::epoch ? "epoch" : "never"},
          {"phases", phases_json(recipe.phases)},
          {"clip_norm", recipe.clip_norm},
          {"weight_decay", recipe.weight_decay},
          {"validation", recipe.validation},
          {"patience", recipe.patience},
          {"seed", recipe.seed}};
}

Json layers_json(const Graph& graph) {
  Json layers = Json::array();
  for (const LayerInfo& layer : graph.layers)
    layers.push_back({{"name", layer.name},
                      {"kind", layer.kind},
                      {"output_shape", shape_json(layer.output)},
                      {"parameters", parameters_of(graph, layer.name)}});
  return layers;
}

Json weights_json(const Graph& graph) {
  Json weights = Json::array();
  for (const StoredWeight& weight : stored_weights(graph))
    weights.push_back({{"name", weight.name}, {"shape", shape_json(weight.shape)}});
  return weights;
}

}  // namespace

std::string summary_text(const Model& model) {
  const Graph& graph = model.graph;
  std::vector<Row> rows = {{"Layer (kind)", "Output Shape", "Param #"}};
  for (const FedInput& input : fed_inputs(graph))
    rows.push_back({fmt::format("{} (input)", input.name), keras_shape(input.type.shape), "0"});
  for (const NodeId id : leaves(graph, Op::state))
    rows.push_back({fmt::format("{} (state)", leaf_name(graph.node(id))),
                    keras_shape(graph.node(id).types[0].shape), "0"});
  for (const LayerInfo& layer : graph.layers)
    rows.push_back({fmt::format("{} ({})", layer.name, layer.kind), keras_shape(layer.output),
                    grouped(parameters_of(graph, layer.name))});
  std::string text = fmt::format("Model: \"{}\"\n{}", graph.name, table(rows));
  text += fmt::format("Total params: {}\n", grouped(count_parameters(graph)));
  std::vector<std::string> parameters;
  for (const EffectiveParameter& parameter : model.parameters)
    parameters.push_back(fmt::format("{} = {}", parameter.name, to_string(parameter.value)));
  if (!parameters.empty()) text += fmt::format("parameters: {}\n", fmt::join(parameters, ", "));
  text += fmt::format("hash: {}\n", to_string(hash_of(graph)));
  const std::string calibrated = model.ranges ? "calibrated for --precision int8\n" : "";
  return text + training_text(model) + calibrated + vocabulary_text(model);
}

std::string summary_json(const Model& model) {
  Json json;
  json["model"] = model.graph.name;
  json["hash"] = to_string(hash_of(model.graph));
  json["total_parameters"] = count_parameters(model.graph);
  json["parameters"] = Json::object();
  for (const EffectiveParameter& parameter : model.parameters)
    std::visit([&](const auto& value) { json["parameters"][parameter.name] = value; },
               parameter.value);
  json["inputs"] = inputs_json(model.graph);
  json["states"] = states_json(model.graph);
  json["layers"] = layers_json(model.graph);
  json["weights"] = weights_json(model.graph);
  json["trained"] = model.has_weights;
  json["training"] = model.training ? training_json(*model.training) : Json(nullptr);
  if (model.ranges) json["ranges"] = *model.ranges;
  json["vocabulary"] = model.vocabulary ? Json(model.vocabulary->characters()) : Json(nullptr);
  json["letters"] = model.letters == LetterCase::lower ? "lower" : "as-written";
  return json.dump(2) + "\n";
}

}  // namespace coil::cli
