#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/passes/precision.hpp"
#include "compiler/plan/plan.hpp"

#include "runtime/execute/part.hpp"
#include "runtime/execute/store.hpp"
#include "runtime/execute/way.hpp"

namespace coil {

// An entry lowered for one batch size: memory laid out, primitives created, weights packed. Feed the
// inputs, run, read the outputs; none of the three allocates. States with a batch are the program's own: zero
// at first, they go from run to run as the updates say.
class Program {
 public:
  // `store` must hold the entry's other leaves, and outlive the program, as must `packed`. RunError (usage), with
  // the batch and the bytes, where the machine has not the memory.
  // `precision` is what the plan's graph was derived for: what is computed in another type says so. With rows apart,
  // each thread has a part of the batch; InternalError where rows meet (compiler/plan/rows.hpp), or are fewer.
  Program(Plan plan, Store& store, onednn::PackedWeights& packed, int threads,
          Precision precision = Precision::f32, Rows rows = Rows::together);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  std::int64_t batch() const { return plan_->batch; }
  const Plan& plan() const { return *plan_; }
  Rows rows() const { return parts_.size() > 1 ? Rows::apart : Rows::together; }
  // All steps, and those of them that run() runs: the others, before them, are those of prepare(). Where rows are
  // apart, those of the first part.
  const std::vector<onednn::Step>& steps() const { return parts_[0]->steps(); }
  std::span<const onednn::Step> repeated_steps() const { return parts_[0]->repeated_steps(); }

  // Where a caller writes an input. An unknown name or the wrong element kind is an InternalError.
  std::span<std::int32_t> index_input(std::string_view name);
  std::span<float> real_input(std::string_view name);

  // A state with a batch, to read or to set: row n is that of row n of the inputs. InternalError where there
  // is none of that name.
  std::span<float> state(std::string_view name);
  void reset_states();  // to zero

  // Has its leaves in the store again where they have gone into joints, or home: run() and prepare() begin with it.
  void ask_for_leaves();

  // Computes anew what only depends on weights, after somebody else has changed them.
  void prepare();

  // Indices outside their bound are an InternalError: no kernel reads past a table. Weights that were packed, and what
  // was prepared, are those of the last Executable::at() after Store::touch().
  void run();
  // The same, with the seconds that each of repeated_steps() took.
  void run_timed(std::span<double> seconds);

  // Whether the optimizer wrote a weight that is not finite in the last run.
  bool broke_weights() const;

  // An output of the last run: the result of that name, else the gradient, else the update.
  std::span<const float> output(std::string_view name) const;
  // The same of one that is bf16, each the upper half of a float.
  std::span<const std::uint16_t> rounded_output(std::string_view name) const;
  // And of one that is int8.
  std::span<const std::int8_t> small_output(std::string_view name) const;

 private:
  struct Input {
    std::string name;
    Type type;
    std::int64_t bound = 0;
    void* data = nullptr;
    std::size_t size = 0;  // elements
  };
  struct State {
    std::string name;
    NodeId leaf = 0;
    AlignedBuffer buffer;
    std::span<float> values() const {
      return {static_cast<float*>(buffer.data()), buffer.bytes() / sizeof(float)};
    }
  };
  static std::vector<State> make_states(const Plan& plan);
  void make_whole(int threads, onednn::PackedWeights& packed, Precision precision);
  void make_parts(int threads, onednn::PackedWeights& packed, Precision precision);
  struct Lying {
    const void* data;
    std::size_t size;
  };
  Lying output_named(std::string_view name, Element element) const;
  const Input& input_named(std::string_view name, Element element) const;
  void find_inputs();
  void check_indices() const;

  std::shared_ptr<const Plan> plan_;  // of all rows
  int threads_ = 1;
  Store& store_;
  std::vector<State> states_;
  std::vector<AlignedBuffer> given_;  // what rows that are apart have together: inputs and results
  onednn::Addresses faces_;           // of inputs, states and outputs, of all rows
  std::uint64_t arrangement_ = 0;     // of the store when it was last asked
  std::vector<std::unique_ptr<Part>> parts_;
  std::vector<Input> inputs_;
};

}  // namespace coil
