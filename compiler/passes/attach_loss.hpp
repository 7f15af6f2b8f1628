#pragma once

#include <optional>
#include <string>

#include "compiler/graph/graph.hpp"

namespace coil {

// Leaves and outputs of a training step. A model that has such a name itself is untrainable.
inline constexpr const char* target_name = "train.target";
inline constexpr const char* seed_name = "train.seed";  // where something is dropped out
inline constexpr const char* step_name = "train.step";  // as well
inline constexpr const char* rate_name = "train.rate";
inline constexpr const char* update_number_name = "train.update";  // Adam's
inline constexpr const char* momentum_name = "train.momentum";     // SGD's
inline constexpr const char* clip_name = "train.clip";             // infinite: no clipping
inline constexpr const char* decay_name = "train.decay";
inline constexpr const char* loss_name = "loss";
inline constexpr const char* norm_name = "gradient_norm";

// Whether a value is a probability for each class: a softmax, or several put together along another dimension
// than the classes'.
bool is_probability(const Graph& graph, Value value);

// Why a model cannot learn to predict the next character, said to the person who wrote it; nothing
// where it can: one output, a softmax, at least one weight, and no name that training needs.
std::optional<std::string> why_untrainable(const Graph& graph);

// Puts the loss where the output was, with the target a new input that has one index a prediction:
//   softmax(z)                        -> cross_entropy(z, target)
//   concat(softmax(a), softmax(b)..)  -> cross_entropy(concat(a, b..), target)
// Updates of states stay. The graph must be trainable.
Graph attach_loss(const Graph& graph);

}  // namespace coil
