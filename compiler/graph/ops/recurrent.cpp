// A well-known cell over a whole sequence, and its gradient: back through all steps. Attributes.hpp has the equations
// and the order of operands and results.

#include "compiler/graph/ops/recurrent.hpp"

#include <algorithm>

#include "compiler/graph/ops/common.hpp"
#include "compiler/graph/ops/records.hpp"
#include "compiler/graph/ops/recurrent_row.hpp"

namespace coil::records {
namespace {

using Gradients = std::vector<std::optional<Value>>;

// Vanilla's only; no relu, which libraries compute so that a NaN becomes zero.
std::string why_no_activation(const RecurrentAttributes& attributes) {
  const bool is_vanilla = attributes.cell == RecurrentCell::vanilla;
  const bool fits = is_vanilla ? attributes.activation == Activation::tanh ||
                                     attributes.activation == Activation::sigmoid
                               : attributes.activation == Activation::none;
  if (fits) return {};
  return fmt::format("a {} cell with activation {}", to_string(attributes.cell),
                     to_string(attributes.activation));
}

Inferred infer_recurrent(std::span<const Type> x, const Attributes& attributes) {
  const auto& recurrent = std::get<RecurrentAttributes>(attributes);
  const RecurrentPlaces places(recurrent.cell);
  if (std::string why = why_no_activation(recurrent); !why.empty()) return refuses("{}", why);
  if (recurrent.rounded && !places.multiplies_h_only)
    return refuses("a {} cell carries h on, which is not to be rounded", to_string(recurrent.cell));
  if (x.size() != places.operands)
    return refuses("a {} cell takes {} operands, not {}", to_string(recurrent.cell),
                   places.operands, x.size());
  const Shape &src = x[places.src].shape, &h = x[places.h].shape;
  if (src.rank() != 3 || !src.is_batched())
    return refuses("{} is no sequence of rows", to_string(x[places.src]));
  if (h.rank() != 2 || !h.is_batched())
    return refuses("{} is no row to start from", to_string(x[places.h]));
  const std::int64_t units = h.last(), columns = places.gates * units;
  std::vector<Type> wanted{real(src), real(h)};
  if (places.has_c) wanted.push_back(real(h));
  for (const Shape& shape :
       {Shape{{src.last(), columns}}, Shape{{units, columns}}, Shape{{columns}}})
    wanted.push_back(real(shape));
  if (places.has_recurrent_bias) wanted.push_back(real({{units}}));
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (recurrent.rounded && places.is_multiplied(i)) wanted[i].element = Element::bf16;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (x[i] != wanted[i])
      return refuses("operand {} is {}, not {}", i, to_string(wanted[i]), to_string(x[i]));
  const Shape sequence{{batch_dim, src.dims[1], units}};
  if (auto why = why_invalid(sequence)) return refuses("{}", *why);
  Inferred results{{real(sequence), real(h)}, {}};
  if (places.has_c) results.types.push_back(real(h));
  return results;
}

// A batch of rows through the cell; the arrays are those of the forward operands.
class Batch {
 public:
  Batch(const Attributes& attributes, std::span<const Array* const> x)
      : attributes_(std::get<RecurrentAttributes>(attributes)),
        places_(attributes_.cell),
        x_(x),
        rows_(size(places_.src, 0)),
        steps_(size(places_.src, 1)),
        units_(size(places_.h, 1)) {}

  void run(std::span<Array> y) const {
    for (std::size_t n = 0; n < rows_; ++n) {
      const auto steps = forwards(n);
      for (std::size_t t = 0; t < steps_; ++t)
        std::ranges::copy(steps[t].next_h, row(y[places_.sequence], n * steps_ + t).begin());
      std::ranges::copy(steps.back().next_h, row(y[places_.last_h], n).begin());
      if (places_.has_c) std::ranges::copy(steps.back().next_c, row(y[places_.last_c], n).begin());
    }
  }

  // From the gradients of the results to those of the operands.
  void run_back(std::span<const Array* const> dy, std::span<Array> dx) const {
    const RecurrentWeights<double> to{dx[places_.kernel].values,
                                      dx[places_.recurrent_kernel].values, dx[places_.bias].values,
                                      recurrent_bias(dx)};
    for (std::size_t n = 0; n < rows_; ++n) {
      const auto steps = forwards(n);
      std::vector<double> dh = copy_of(*dy[places_.last_h], n), dc;
      if (places_.has_c) dc = copy_of(*dy[places_.last_c], n);
      for (std::size_t t = steps_; t-- > 0;) {
        const auto given = copy_of(*dy[places_.sequence], n * steps_ + t);
        std::ranges::transform(dh, given, dh.begin(), std::plus());
        const auto by_x = cell().step_back(steps[t], dh, dc, to);
        std::ranges::copy(by_x, row(dx[places_.src], n * steps_ + t).begin());
      }
      std::ranges::copy(dh, row(dx[places_.h], n).begin());
      if (places_.has_c) std::ranges::copy(dc, row(dx[places_.c], n).begin());
    }
  }

 private:
  std::size_t size(std::size_t i, std::size_t dim) const {
    return static_cast<std::size_t>(x_[i]->dims[dim]);
  }
  RecurrentRow cell() const {
    return {
        attributes_,
        units_,
        {x_[places_.kernel]->values, x_[places_.recurrent_kernel]->values, x_[places_.bias]->values,
         places_.has_recurrent_bias ? std::span(x_[places_.recurrent_bias]->values)
                                    : std::span<const double>{}}};
  }
  std::span<double> recurrent_bias(std::span<Array> dx) const {
    return places_.has_recurrent_bias ? std::span(dx[places_.recurrent_bias].values)
                                      : std::span<double>{};
  }

  static std::span<double> row(Array& array, std::size_t n) {
    const auto wide = static_cast<std::size_t>(width(array));
    return std::span(array.values).subspan(n * wide, wide);
  }
  static std::vector<double> copy_of(const Array& array, std::size_t n) {
    const auto wide = static_cast<std::size_t>(width(array));
    const auto part = std::span(array.values).subspan(n * wide, wide);
    return {part.begin(), part.end()};
  }

  std::vector<RecurrentStep> forwards(std::size_t n) const {
    std::vector<double> h = copy_of(*x_[places_.h], n), c;
    if (places_.has_c) c = copy_of(*x_[places_.c], n);
    std::vector<RecurrentStep> steps;
    for (std::size_t t = 0; t < steps_; ++t) {
      steps.push_back(cell().step(copy_of(*x_[places_.src], n * steps_ + t), h, c));
      h = steps.back().next_h;
      c = steps.back().next_c;
    }
    return steps;
  }

  const RecurrentAttributes& attributes_;
  RecurrentPlaces places_;
  std::span<const Array* const> x_;
  std::size_t rows_, steps_, units_;
};

void evaluate_recurrent(const Attributes& attributes, std::span<const Array* const> x,
                        std::span<Array> y) {
  Batch(attributes, x).run(y);
}

// Gradients of results that nobody asks for are zeros.
Gradients gradient_of_recurrent(const GradientRequest& r) {
  const Node& node = r.graph.node(r.node);
  const auto attributes = std::get<RecurrentAttributes>(node.attributes);
  const RecurrentPlaces places(attributes.cell);
  std::vector<Value> operands = node.operands;
  for (std::uint32_t i = 0; i < places.results; ++i) operands.push_back(result(r, i));
  for (std::uint32_t i = 0; i < places.results; ++i)
    operands.push_back(r.result_gradients[i] ? *r.result_gradients[i]
                                             : r.build.constant(0, shape_of(r, result(r, i))));
  const NodeId backwards = r.build.node(Op::recurrent_grad, attributes, std::move(operands));
  Gradients gradients;
  for (std::uint32_t i = 0; i < places.operands; ++i) gradients.push_back(Value{backwards, i});
  return gradients;
}

Inferred infer_recurrent_grad(std::span<const Type> x, const Attributes& attributes) {
  const RecurrentPlaces places(std::get<RecurrentAttributes>(attributes).cell);
  const std::size_t operands = places.gradients() + places.results;
  if (x.size() != operands) return refuses("takes {} operands, not {}", operands, x.size());
  const Inferred forward = infer_recurrent(x.first(places.operands), attributes);
  if (!forward.error.empty()) return forward;
  for (std::size_t i = places.operands; i < x.size(); ++i) {
    const Type& wanted = forward.types[(i - places.operands) % places.results];
    if (x[i] != wanted)
      return refuses("operand {} is {}, not {}", i, to_string(wanted), to_string(x[i]));
  }
  Inferred gradients;
  for (const Type& operand : x.first(places.operands))
    gradients.types.push_back(real(operand.shape));
  return gradients;
}

void evaluate_recurrent_grad(const Attributes& attributes, std::span<const Array* const> x,
                             std::span<Array> y) {
  const RecurrentPlaces places(std::get<RecurrentAttributes>(attributes).cell);
  Batch(attributes, x.first(places.operands)).run_back(x.subspan(places.gradients()), y);
}

}  // namespace

const OpRecord recurrent = {.name = "recurrent",
                            .arity = Arity{5, 6},
                            .attributes = attribute_kind<RecurrentAttributes>(),
                            .trait = Trait::none,
                            .infer = infer_recurrent,
                            .gradient = gradient_of_recurrent,
                            .evaluate = evaluate_recurrent,
                            .may_overwrite = overwrites_nothing};

const OpRecord recurrent_grad = {.name = "recurrent_grad",
                                 .arity = Arity{9, 12},
                                 .attributes = attribute_kind<RecurrentAttributes>(),
                                 .trait = Trait::none,
                                 .infer = infer_recurrent_grad,
                                 .gradient = no_gradient,
                                 .evaluate = evaluate_recurrent_grad,
                                 .may_overwrite = overwrites_nothing};

}  // namespace coil::records
