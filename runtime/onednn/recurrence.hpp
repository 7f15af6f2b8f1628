#pragma once

// What lowering a recurrence, and its gradient, needs to know.
//
// The batch is divided by rows, as its size alone decides, and one thread runs a part of it through all steps: no
// thread waits for another between two steps, and the bits are the same for any number of threads. A batch of one part
// is run by all threads where oneDNN's products have the same bits for any number of them, which is so with AVX-512.
//
// A recurrence whose products are rounded is computed in bf16, where the machine multiplies such numbers. Where it does
// not, the same rounded operands are multiplied in f32, and h keeps all its bits between steps. A step tells what was
// asked for, so that a run can insist on it.

#include "compiler/graph/ops/recurrent.hpp"

#include "runtime/onednn/lowering.hpp"
#include "runtime/onednn/side_by_side.hpp"

namespace coil::onednn {

// A part of the batch, as primitives run it.
struct RecurrentPart {
  std::vector<std::pair<float*, std::size_t>> zeroed = {};  // what is added to
  dnnl::primitive primitive;
  Arguments arguments;

  void run() const;
};

// Collects the arguments of a primitive. Each lies as the primitive wants it: what oneDNN is given otherwise it reads
// all the same, and computes something else.
class Binder {
 public:
  explicit Binder(const dnnl::primitive_desc& descriptor) : descriptor_(descriptor) {}

  void bind(int argument, const memory::desc& lies_as, void* data) {
    bind(argument, memory(lies_as, engine(), data));
  }
  void bind(int argument, const memory& value);
  memory::desc wanted(int argument) const {
    return descriptor_.query_md(dnnl::query::exec_arg_md, argument);
  }
  Arguments finish() { return std::move(arguments_); }

 private:
  const dnnl::primitive_desc& descriptor_;
  Arguments arguments_;
};

// A node of either op.
class Recurrence {
 public:
  Recurrence(const NodeView& view, Workshop& shop);

  const RecurrentPlaces& places() const { return places_; }
  std::int64_t units() const { return units_; }
  bool is_rounded() const { return attributes_.rounded; }  // as it is computed

  std::int64_t parts() const;
  std::int64_t first_row(std::int64_t part) const;
  RecurrentDescription description(std::int64_t part) const;

  // Makes what the parts are to run. What is to run on one thread has to be made so; a copy of weights is not.
  template <typename Make>
  auto made(const Make& make) const {
    if (is_whole()) return make();
    const Threads one(1);
    return make();
  }
  // Runs them.
  std::function<void()> run_of(std::vector<RecurrentPart> parts) const;
  // What the step tells of itself, without what it runs.
  Step told(const dnnl::primitive_desc& descriptor) const;

  // The biases of an operation, which oneDNN wants one behind the other.
  float* biases();
  // The rows of a part, of what begins at `all`; those of a part lie as `lies_as`.
  void bind_rows(Binder& binder, int argument, const memory::desc& lies_as, void* all,
                 std::int64_t part) const;
  // What both directions are given.
  void bind_operands(Binder& binder, std::int64_t part, float* biases);
  memory scratchpad(const dnnl::primitive_desc& descriptor);

 private:
  bool is_whole() const;
  // Where operand `i` lies, in the type that it is computed in.
  void* operand(std::size_t i);
  void bind_kernel(Binder& binder, int argument, std::size_t operand, const memory::desc& from);

  const NodeView& view_;
  Workshop& shop_;
  RecurrentAttributes attributes_;
  std::string_view asked_;
  RecurrentPlaces places_;
  std::int64_t steps_, inputs_, units_;
};

}  // namespace coil::onednn
