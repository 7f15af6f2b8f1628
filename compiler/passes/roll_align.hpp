#pragma once

#include "compiler/passes/roll_step.hpp"
#include "compiler/passes/simplifier.hpp"

namespace coil::rolling {

// Where a step ends is not written in a flat graph. Of a memory that a step reads before it renews it,
//
//   h_t = g(h_{t-1}, a_{t-1}, x_t)    a_t = k(h_t, a_{t-1}, x_t)    of which only h_n is used,
//
// nobody computes a_n, and so the last step that is left is b, h with b_t = a_{t-1}:
//
//   b_t = k(h_{t-1}, b_{t-1}, x_{t-1})    h_t = g(h_{t-1}, b_t, x_t)
//
// a step that the first one does not fit, since b_1 is a_0 and k of nothing. This gives the first pair of
// equations back: the pattern whose `late` carries (by number) are renewed for the step after. What nobody
// computes is built into the graph. Nothing where the steps do not allow that: something else of the step
// needs what would be renewed early, or a sequence has no element left.
std::optional<Pattern> renew_late(Simplifier& simplify, const Recurrence& found,
                                  const std::vector<bool>& late);

// The element that follows two neighbouring ones: c[t + 1] after c[t - 1], c[t]; the input after two inputs that
// stand side by side. Nothing where there is none.
std::optional<Value> next_element(Simplifier& simplify, Value before, Value last);

}  // namespace coil::rolling
