#pragma once

// What an artifact's metadata say, to and from JSON. Reading trusts nothing.

#include <map>
#include <string>

#include "runtime/model/model.hpp"

namespace coil {

std::string parameters_to_json(const std::vector<EffectiveParameter>& parameters);
std::string training_to_json(const Training& training);
std::string ranges_to_json(const Ranges& ranges);

// RunError (bad_artifact) naming `path` and the key. The recipe of a Training has a key of its own.
std::vector<EffectiveParameter> parameters_from_json(const std::string& json,
                                                     const std::string& path);
Training training_from_json(const std::string& json, const std::string& path);
// Of leaves that `graph` has; each is finite, and not negative.
Ranges ranges_from_json(const std::string& json, const std::string& path, const Graph& graph);

// The keys of the metadata.
inline constexpr const char* graph_key = "coil.graph";
inline constexpr const char* parameters_key = "coil.parameters";
inline constexpr const char* vocabulary_key = "coil.vocabulary";
inline constexpr const char* letters_key = "coil.letters";
inline constexpr const char* training_key = "coil.training";
inline constexpr const char* recipe_key = "coil.recipe";
inline constexpr const char* ranges_key = "coil.ranges";
inline constexpr const char* probe_key = "coil.probe";

}  // namespace coil
