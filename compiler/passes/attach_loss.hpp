#pragma once

#include <optional>
#include <string>

#include "compiler/graph/graph.hpp"

namespace coil {

// Leaves and outputs of a training step. A model that has such a name itself is untrainable.
inline constexpr const char* target_name = "train.target";
inline constexpr const char* rate_name = "train.rate";
inline constexpr const char* step_name = "train.step";
inline constexpr const char* loss_name = "loss";

// Why a model cannot learn to predict the next character, said to the person who wrote it; nothing
// where it can: one output, a softmax, at least one weight, and no name that training needs.
std::optional<std::string> why_untrainable(const Graph& graph);

// Puts the loss where the output was: softmax(z) -> cross_entropy(z, target), with the target a new input
// that has one index a prediction. The graph must be trainable.
Graph attach_loss(const Graph& graph);

}  // namespace coil
