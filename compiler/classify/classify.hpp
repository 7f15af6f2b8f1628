#pragma once

// Which well-known cell a scan is, read from its structure: what roles weights have follows from how they
// are used, never from names or from an order. Only this library knows cells by name.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/graph/graph.hpp"

namespace coil {

enum class CellKind : std::uint8_t {
  vanilla,          // h' = a(x + h @ U)
  lstm,             // s' = f(F) * s + f(I) * a(G),  h' = f(O) * a(s')
  gru,              // h' = z * h + (1 - z) * a(x + (r * h) @ U)
  gru_reset_after,  // h' = z * h + (1 - z) * a(x + r * (h @ U + c))
  custom,           // any other
};
std::string_view to_string(CellKind kind);

// What a function slot of a cell holds. `linear` is no function at all.
enum class CellFunction : std::uint8_t { linear, relu, tanh, sigmoid, hard_sigmoid };
std::string_view to_string(CellFunction function);

// What is summed up before one of a cell's functions: x @ kernel + bias + h @ recurrent_kernel. Values are of
// the graph that has the scan.
struct CellGate {
  // What comes in, [batch, steps, n], as the scan takes it: sequences whose elements are added. None
  // where the step itself multiplies what comes in by the kernel.
  std::vector<Value> projected;
  // The same as sequence @ kernel + biases, with a sequence [batch, steps, m], where it is that, outside
  // or inside of the scan. Where it is not, `biases` are those added inside.
  std::optional<Value> sequence;
  std::optional<Value> kernel;
  std::vector<Value> biases;
  Value recurrent_kernel;
  std::vector<Value> recurrent_biases;  // of gru_reset_after: the c above
};

struct Cell {
  CellKind kind = CellKind::custom;
  // vanilla: one. lstm: i, f, g, o. gru, either: z, r, n. custom: none.
  std::vector<CellGate> gates;
  CellFunction activation = CellFunction::linear;  // a
  CellFunction recurrent_activation =
      CellFunction::linear;   // f; linear for vanilla, which has none
  std::size_t h = 0, s = 0;   // which carried values they are; s of an lstm only
  bool tied = false;          // some weight has several roles (CharLoop's one kernel for x and h)
  bool yields_h_only = true;  // every sequence the scan gives is that of h'
};

// `scan` must be a scan of the graph.
Cell classify(const Graph& graph, NodeId scan);

// "tied vanilla (tanh), kernel mix.kernel, recurrent mix.kernel, bias mix.bias".
std::string describe(const Cell& cell, const Graph& graph);

}  // namespace coil
