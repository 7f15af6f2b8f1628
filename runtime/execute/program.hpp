#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/plan/plan.hpp"

#include "runtime/execute/store.hpp"
#include "runtime/onednn/lower.hpp"

namespace coil {

// An entry lowered for one batch size: memory laid out, primitives created, weights packed. Feed the
// inputs, run, read the outputs; none of the three allocates.
class Program {
 public:
  // `store` must hold the entry's leaves, and outlive the program, as must `packed`. RunError (usage), with
  // the batch and the bytes, where the machine has not the memory.
  Program(Plan plan, Store& store, onednn::PackedWeights& packed, int threads);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  std::int64_t batch() const { return plan_.batch; }
  const Plan& plan() const { return plan_; }
  const std::vector<onednn::Step>& steps() const { return lowered_.steps; }

  // Where a caller writes an input. An unknown name or the wrong element kind is an InternalError.
  std::span<std::int32_t> index_input(std::string_view name);
  std::span<float> real_input(std::string_view name);

  // Runs every step. Indices outside their bound are an InternalError: no kernel reads past a table. Weights
  // that were packed are those of the last Executable::at() after Store::touch().
  void run();

  // An output of the last run: the result of that name, else the gradient, else the update.
  std::span<const float> output(std::string_view name) const;

 private:
  struct Input {
    std::string name;
    Type type;
    std::int64_t bound = 0;
    void* data = nullptr;
    std::size_t size = 0;  // elements
  };
  const Input& input_named(std::string_view name, Element element) const;
  void find_inputs();
  void fill_constants();
  void check_indices() const;

  Plan plan_;
  int threads_;
  AlignedBuffer arena_;
  onednn::Addresses addresses_;
  onednn::Lowered lowered_;
  std::vector<Input> inputs_;
};

}  // namespace coil
