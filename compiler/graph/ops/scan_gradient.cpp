// The gradient of a scan is a scan the other way round. With h' = body(x, h, k) and y = body(x, h, k):
//
//   forwards    (x[t].., h_t.., k..) -> h_t+1.., y[t]..            and, recorded, what else y and h' came from
//   backwards   (dy[t].., recorded[t].., dh_t+1.., k..) -> dh_t.., dx[t].., factors[t]..
//
// What a captured k gets is not carried along where it is a sum of products (or a plain sum) over rows: the
// factors are yielded, and one product over the rows of all steps gives the sum:
//   sum over t of a[t]' @ g[t]  =  A' @ G      a, g: [batch, ..]   A, G: [batch, steps, ..]

#include <map>
#include <set>

#include "compiler/graph/backward.hpp"
#include "compiler/graph/op_traits.hpp"
#include "compiler/graph/ops/common.hpp"
#include "compiler/graph/ops/records.hpp"
#include "compiler/graph/rewriter.hpp"
#include "compiler/source/internal_error.hpp"

namespace coil::records {
namespace {

using Gradients = std::vector<std::optional<Value>>;

bool is_batched(const Type& type) { return type.shape.is_batched(); }

class ScanGradient {
 public:
  explicit ScanGradient(const GradientRequest& request)
      : request_(request),
        node_(request.graph.node(request.node)),
        scan_(std::get<ScanAttributes>(node_.attributes)),
        body_(*scan_.body.graph),
        copy_(body_) {}

  Gradients run() {
    differentiate_body();
    plan_outputs();
    find_given();
    const bool is_empty = next_.empty() && yields_.empty();
    const NodeId backwards = is_empty ? request_.node : build_scan();
    return gradients_of_operands(backwards);
  }

 private:
  std::size_t sequences() const { return static_cast<std::size_t>(scan_.sequences); }
  std::size_t carries() const { return static_cast<std::size_t>(scan_.carries); }
  Builder& work() { return copy_.build(); }
  const Graph& graph() { return copy_.build().graph(); }

  // ---- The body's copy, with the gradients of its nodes behind it.

  void differentiate_body() {
    for (NodeId id = 0; id < body_.size(); ++id) copy_.keep(id);
    forward_ = static_cast<NodeId>(graph().size());
    inputs_.resize(node_.operands.size());
    std::vector<bool> real(forward_, false);
    for (NodeId id = 0; id < forward_; ++id)
      if (const auto* input = std::get_if<InputAttributes>(&graph().node(id).attributes)) {
        inputs_[static_cast<std::size_t>(input->position)] = {id, 0};
        real[id] = graph().node(id).types[0].element == Element::real;
      }
    for (std::size_t s = 0; s < sequences(); ++s) outside_.emplace(inputs_[s], node_.operands[s]);
    for (std::size_t i = carries(); i < body_.outputs.size(); ++i)
      outside_.emplace(copy_.mapped(body_.outputs[i].value),
                       Value{request_.node, static_cast<std::uint32_t>(i)});
    backward_.emplace(work(), dependents(graph(), std::move(real)));
    for (std::size_t i = 0; i < body_.outputs.size(); ++i) seed(i);
    backward_->run();
  }

  // The gradient of output i: carried back to it, or an element of its sequence's.
  void seed(std::size_t i) {
    if (i >= carries() && !request_.result_gradients[i]) return;
    const Value output = copy_.mapped(body_.outputs[i].value);
    const Value given = new_input(work().type(output));
    if (i < carries())
      carried_.push_back(given);
    else
      outside_.emplace(given, *request_.result_gradients[i]);
    backward_->add(output, given);
  }

  // Unlike any of the body's, whose positions count from 0.
  Value new_input(const Type& type) {
    return work().leaf(Op::input, InputAttributes{{"new"}, --new_inputs_, 0}, type);
  }

  // ---- What the backward body computes.

  struct Term {  // of a capture's gradient, by what it is outside
    Op op;
    std::vector<Value> factors;
  };

  void plan_outputs() {
    for (std::size_t c = 0; c < carries(); ++c) next_.push_back(total(inputs_[sequences() + c]));
    for (std::size_t s = 0; s < sequences(); ++s)
      if (const auto sum = backward_->gradient(inputs_[s])) {
        by_sequence_.emplace(s, *sum);
        yield(*sum);
      }
    for (std::size_t p = sequences() + carries(); p < inputs_.size(); ++p) plan_capture(p);
  }

  Value total(Value of) {
    const auto sum = backward_->gradient(of);
    return sum ? *sum : work().constant(0, Shape(work().type(of).shape));
  }

  void plan_capture(std::size_t p) {
    std::optional<Value> rest;
    for (const Value part : backward_->parts(inputs_[p])) {
      if (auto term = factored(part)) {
        for (const Value factor : term->factors) yield(factor);
        terms_[p].push_back(std::move(*term));
      } else {
        rest = rest ? work().add(Op::add, {*rest, part}) : part;
      }
    }
    if (!rest) return;
    const Value sum = new_input(Type(work().type(*rest)));
    summed_.push_back(p);
    carried_.push_back(sum);
    next_.push_back(work().add(Op::add, {sum, *rest}));
  }

  // A part of a capture's gradient that sums over rows.
  std::optional<Term> factored(Value part) {
    const Node& node = graph().node(part.node);
    if (part.node < forward_ || is_batched(node.types[0])) return std::nullopt;
    const auto* product = std::get_if<MatmulAttributes>(&node.attributes);
    const bool sums =
        (product && product->transpose_a) || node.op == Op::sum_to || node.op == Op::scatter_add;
    if (!sums) return std::nullopt;
    for (const Value factor : node.operands)
      if (!is_batched(graph().type(factor)) || !outside_fits(factor)) return std::nullopt;
    return Term{node.op, node.operands};
  }

  // Whether all steps' values of it are a value that exists, or that can be yielded.
  bool outside_fits(Value value) {
    const Type& type = work().type(value);
    if (type.element != Element::real) return outside(value).has_value();
    return !why_invalid(shape_of_sequence(type.shape, scan_.steps));
  }

  // The sequence outside whose elements are this value: an operand, something recorded, a gradient.
  std::optional<Value> outside(Value value) {
    const auto found = outside_.find(value);
    return found == outside_.end() ? std::nullopt : std::optional(found->second);
  }

  void yield(Value value) {
    if (!outside(value) && yielded_.emplace(value, yields_.size()).second) yields_.push_back(value);
  }

  // ---- What it is given: elements of sequences, carried gradients, captures.

  void find_given() {
    std::set<Value> needed(next_.begin(), next_.end());
    needed.insert(yields_.begin(), yields_.end());
    // From behind: what a value is computed of stands before it.
    while (!needed.empty()) {
      const Value value = *needed.rbegin();
      needed.erase(value);
      if (const auto sequence = outside(value)) {
        elements_.emplace(value, *sequence);
        continue;
      }
      if (graph().node(value.node).op == Op::input) {
        take_input(value);
        continue;
      }
      computed_.insert(value.node);
      for (const Value operand : graph().node(value.node).operands) needed.insert(operand);
    }
  }

  void take_input(Value value) {
    if (value.node >= forward_) return;  // carried back
    const auto& attributes = graph().node(value.node).attributes;
    const auto p = static_cast<std::size_t>(std::get<InputAttributes>(attributes).position);
    require(p >= sequences() + carries(), "a scan is recorded before it is differentiated");
    captured_.emplace(value, node_.operands[p]);
  }

  // ---- The backward scan.

  NodeId build_scan() {
    Graph backwards;
    Builder build(backwards);
    std::map<Value, Value> placed;
    std::vector<Value> operands;
    std::int64_t position = 0;
    const auto give = [&](Value value, Value operand) {
      const Node& origin = graph().node(value.node);
      InputAttributes input{{fmt::format("x{}", position)}, position, 0};
      if (const auto* old = std::get_if<InputAttributes>(&origin.attributes))
        input.bound = old->bound;
      ++position;
      build.at(origin.place);
      placed[value] = build.leaf(Op::input, std::move(input), graph().type(value));
      operands.push_back(operand);
    };
    for (const auto& [value, sequence] : elements_) give(value, sequence);
    for (std::size_t i = 0; i < carried_.size(); ++i) give(carried_[i], first_gradient(i));
    for (const auto& [value, capture] : captured_) give(value, capture);
    place_nodes(build, placed);

    const auto output = [&](Value value) {
      backwards.outputs.push_back(
          {fmt::format("y{}", backwards.outputs.size()), placed.at(value), OutputKind::result});
    };
    for (const Value value : next_) output(value);
    for (const Value value : yields_) output(value);
    const ScanAttributes attributes{scan_.steps, std::ssize(elements_), std::ssize(carried_),
                                    !scan_.reverse, make_body(std::move(backwards))};
    return request_.build.node(Op::scan, attributes, operands);
  }

  // What is carried back starts from the gradient of the last carried value; sums start from zero.
  Value first_gradient(std::size_t i) {
    if (i < carries() && request_.result_gradients[i]) return *request_.result_gradients[i];
    return request_.build.constant(0, work().type(carried_[i]).shape);
  }

  // In the order of the copy: constants, what was not recorded, gradients.
  void place_nodes(Builder& build, std::map<Value, Value>& placed) {
    for (const NodeId id : computed_) {
      const Node& node = graph().node(id);
      build.at(node.place);
      std::vector<Value> operands;
      for (const Value operand : node.operands) operands.push_back(placed.at(operand));
      const NodeId made = node.op == Op::constant
                              ? build.leaf(node.op, node.attributes, node.types[0]).node
                              : build.node(node.op, node.attributes, operands);
      for (std::uint32_t i = 0; i < node.types.size(); ++i)
        placed.emplace(Value{id, i}, Value{made, i});
    }
  }

  // ---- The gradients outside.

  Gradients gradients_of_operands(NodeId backwards) {
    const auto carried = [&](std::size_t i) {
      return Value{backwards, static_cast<std::uint32_t>(i)};
    };
    const auto sequence = [&](Value value) {
      if (const auto known = outside(value)) return *known;
      return carried(next_.size() + yielded_.at(value));
    };
    Gradients gradients(node_.operands.size());
    for (const auto& [s, value] : by_sequence_) gradients[s] = sequence(value);
    for (std::size_t c = 0; c < carries(); ++c) gradients[sequences() + c] = carried(c);
    for (std::size_t i = 0; i < summed_.size(); ++i) gradients[summed_[i]] = carried(carries() + i);
    for (const auto& [p, terms] : terms_)
      for (const Term& term : terms) {
        std::vector<Value> factors;
        for (const Value factor : term.factors) factors.push_back(sequence(factor));
        const Value sum =
            sum_of_steps(term.op, factors, Shape(shape_of(request_, node_.operands[p])));
        gradients[p] = gradients[p] ? request_.build.add(Op::add, {*gradients[p], sum}) : sum;
      }
    return gradients;
  }

  Value sum_of_steps(Op op, const std::vector<Value>& factors, Shape shape) {
    if (op == Op::matmul) return request_.build.add(op, factors, MatmulAttributes{true, false});
    return request_.build.add(op, factors, ShapeAttributes{std::move(shape)});
  }

  const GradientRequest& request_;
  const Node node_;  // the request's graph grows
  const ScanAttributes& scan_;
  const Graph& body_;
  Rewriter copy_;
  NodeId forward_ = 0;         // nodes of the copy before the gradients
  std::vector<Value> inputs_;  // of the copy, by position
  std::optional<Backward> backward_;
  std::map<Value, Value> outside_;  // the sequences whose elements values of the copy are
  std::int64_t new_inputs_ = 0;
  std::vector<Value> carried_, next_;               // carried gradients, then sums for captures
  std::map<std::size_t, Value> by_sequence_;        // the gradient of a sequence's element
  std::map<std::size_t, std::vector<Term>> terms_;  // by capture
  std::vector<std::size_t> summed_;                 // captures whose sums are carried
  std::vector<Value> yields_;
  std::map<Value, std::size_t> yielded_;
  std::map<Value, Value> elements_, captured_;  // what the backward body is given, and its operand
  std::set<NodeId> computed_;
};

}  // namespace

Gradients gradient_of_scan(const GradientRequest& request) { return ScanGradient(request).run(); }

}  // namespace coil::records
