#pragma once

// Rows of per-step values: elements, applying something to every step, and collecting.

#include <functional>
#include <span>

#include "compiler/semantics/context.hpp"

namespace coil::semantics {

// The value at a step that the sequence has.
Value element(Context& context, const Sequence& sequence, std::int64_t step);

// What the value is of all steps: [batch, steps, ..].
Value as_one_value(Context& context, const Sequence& sequence, SourceRange where);

// [batch, steps, ..] of a sequence, and a value's own.
Shape shape_of(Context& context, const Meaning& meaning);

// Steps begin .. end of the sequence, not empty.
SequencePtr part_of(const Sequence& sequence, std::int64_t begin, std::int64_t end);

// Something that works on values, for `per_step`: its name in messages, the nodes it makes, its place.
struct Stepwise {
  std::string what;
  std::int64_t nodes = 1;
  SourceRange where;
};
// `once` of the arguments; where there are sequences among them, of each step's, giving a sequence. The
// others are the same at each step. Reports sequences of different lengths. `once` sees no sequence and
// gives a value, parts or poison.
Meaning per_step(Context& context, const Stepwise& work, std::span<const Meaning> arguments,
                 const std::function<Meaning(std::span<const Meaning>)>& once);

// `y[step] = value`. Reports an element given twice; false, and a report, for one of another type than the
// others.
bool collect(Context& context, Collection& into, std::int64_t step, const Meaning& value,
             SourceRange where);

// A collection as the sequence it has become; poison, and a report at `where`, where elements are missing.
Meaning completed(Context& context, const Meaning& collection, SourceRange where);

// The value as one with a batch: repeated for each row where it has none.
Value as_batched(Context& context, Value value);

}  // namespace coil::semantics
