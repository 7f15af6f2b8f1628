#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/graph/graph.hpp"

namespace coil {

// What a probe of a model holds.
struct ProbeField {
  std::string name;
  std::size_t all = 0;     // numbers that one row has
  std::int64_t bound = 0;  // of an index; 0 for reals

  // Of what the model answers, every so many are kept.
  std::size_t stride() const;
  std::size_t kept() const;
};

struct ProbeForm {
  std::vector<ProbeField> inputs;  // as people feed them
  std::vector<ProbeField> states;
  std::vector<ProbeField> outputs;  // results
};

// None where inputs, states or what is kept of the answer are more numbers than a probe may have.
std::optional<ProbeForm> probe_form(const Graph& graph);

// Of what is asked, and of what is kept of the answer.
inline constexpr std::size_t most_probe_numbers = std::size_t{1} << 16;

}  // namespace coil
