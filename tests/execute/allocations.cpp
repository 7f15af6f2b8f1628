// What a run allocates: nothing of ours. oneDNN takes a few small blocks for the arguments of each call.

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <new>

#include "compiler/passes/attach_loss.hpp"

#include "tests/execute/run_graph.hpp"
#include "tests/support/random_graph.hpp"
#include "tests/support/sketch.hpp"

namespace {

std::atomic<std::size_t> allocations{0};
std::atomic<std::size_t> allocated_bytes{0};

}  // namespace

void* operator new(std::size_t bytes) {
  ++allocations;
  allocated_bytes += bytes;
  if (void* memory = std::malloc(bytes == 0 ? 1 : bytes)) return memory;
  throw std::bad_alloc();
}
// Else AddressSanitizer has its own of this one, and objects to the delete below.
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  ++allocations;
  allocated_bytes += bytes;
  return std::malloc(bytes == 0 ? 1 : bytes);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace coil::test {
namespace {

struct Counted {
  std::size_t times = 0, bytes = 0;
};

template <typename Action>
Counted count_allocations(const Action& action) {
  const Counted before{allocations, allocated_bytes};
  action();
  return {allocations - before.times, allocated_bytes - before.bytes};
}

std::size_t library_steps(const Program& program) {
  std::size_t steps = 0;
  for (const onednn::Step& step : program.steps())
    steps += step.implementation.starts_with("coil:") ? 0 : 1;
  return steps;
}

}  // namespace

TEST_CASE("the counter counts") {
  static int* volatile seen;  // so that the compiler cannot leave the pair out
  const Counted counted = count_allocations([] {
    seen = new int(3);
    delete seen;
  });
  CHECK(counted.times == 1);
  CHECK(counted.bytes == sizeof(int));
}

TEST_CASE("feeding, running kernels of ours and reading allocate nothing") {
  Sketch sketch;
  const Value x = sketch.input({{batch_dim, 300}}, "a_name_too_long_to_be_kept_inside_a_string");
  const Value i = sketch.index({{batch_dim}}, 9, "i");
  const Value row = sketch.add(Op::gather, {sketch.weight({{9, 300}}), i});
  const Value y = sketch.add(Op::mul, {sketch.add(Op::tanh, {x}), sketch.add(Op::add, {row, x})});
  sketch.output(sketch.add(Op::softmax, {y}), "y");
  const Graph graph = sketch.finish();
  Store store;
  store.add_leaves_of(graph);
  onednn::PackedWeights packed;
  Program program(make_plan(graph, 500), store, packed, 2);
  program.run();
  REQUIRE(library_steps(program) == 0);
  float seen = 0;
  const Counted counted = count_allocations([&] {
    program.real_input("a_name_too_long_to_be_kept_inside_a_string")[0] = 1;
    program.index_input("i")[0] = 2;
    program.run();
    seen = program.output("y")[0];
  });
  CHECK(seen > 0);
  CHECK(counted.times == 0);
}

TEST_CASE("a train step allocates what oneDNN's calls do, and creates no primitive") {
  Store store;
  Executable executable(char3_graph(), Entry::train_step, store, 2);
  Program& program = executable.at(64);
  program.real_input(update_number_name)[0] = 1;
  program.run();
  const Counted counted = count_allocations([&] {
    program.real_input(update_number_name)[0] = 2;
    executable.at(64).run();
  });
  // A list of arguments and a map of them, each entry a block; a primitive's creation takes hundreds.
  CHECK(counted.times <= 16 * library_steps(program));
  CHECK(counted.bytes <= 4096 * library_steps(program));
}

}  // namespace coil::test
