#include "runtime/evaluate/evaluator.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "compiler/passes/attach_loss.hpp"
#include "compiler/passes/eliminate_dead.hpp"
#include "compiler/source/internal_error.hpp"
#include "compiler/source/run_error.hpp"

#include "runtime/train/check_run.hpp"
#include "runtime/train/in_order.hpp"
#include "runtime/train/text_feed.hpp"
#include "runtime/train/trainer.hpp"

namespace coil {
namespace {

constexpr const char* logits_name = "logits";

TextFace measurable_face(const Model& model) {
  require_trained(model);
  std::string why;
  const auto face = text_face(model.graph, &why);
  if (!face)
    fail(ExitCode::bad_artifact, "model {} does not predict text: {}", model.graph.name, why);
  if (auto untrainable = why_untrainable(model.graph))
    fail(ExitCode::bad_artifact, "a loss is that of what can be trained, and {}", *untrainable);
  return *face;
}

// What the model's probability is the softmax of: a probability that underflows has a logarithm all the same.
Graph logits_graph(const Graph& model) {
  Graph graph = attach_loss(model);
  for (Output& output : graph.outputs) {
    if (output.kind != OutputKind::result) continue;
    const Node& loss = graph.node(output.value.node);
    require(loss.op == Op::cross_entropy, "the loss is a cross entropy");
    output = {logits_name, loss.operands[0], OutputKind::result};
  }
  return eliminate_dead(graph);
}

SampleOptions sample_options(std::size_t characters, const TextFace& face,
                             const EvaluateOptions& options) {
  if (options.batch < 1)
    fail(ExitCode::usage, "a batch of {} samples measures nothing", options.batch);
  return in_order_options(characters, face, options.scheme, options.batch);
}

// -log softmax(logits)[target].
double loss_of(std::span<const float> logits, std::size_t target) {
  const double largest = *std::ranges::max_element(logits);
  double sum = 0;
  for (const float z : logits) sum += std::exp(double{z} - largest);
  return std::log(sum) + largest - double{logits[target]};
}

}  // namespace

EvaluateOptions usual_evaluation(const Model& model, std::optional<Scheme> scheme) {
  EvaluateOptions options;
  const Scheme usual = model.training ? model.training->recipe.scheme : usual_scheme(model);
  options.scheme = scheme.value_or(usual);
  if (options.scheme == Scheme::streams) options.batch = 64;
  return options;
}

double Evaluation::perplexity() const { return std::exp(loss()); }
double Evaluation::bits_per_character() const { return loss() / std::numbers::ln2; }

Evaluator::Evaluator(Model& model, std::string_view text, const std::string& name,
                     const EvaluateOptions& options, UnknownPolicy unknown)
    : face_(measurable_face(model)),
      text_(model.vocabulary->encode(text, name, unknown)),
      samples_(text_, options.scheme, sample_options(text_.size(), face_, options), name),
      executable_(logits_graph(model.graph), Entry::predict, model.store, options.execution,
                  static_cast<std::int64_t>(samples_.batch())) {
  check_targets(model, face_, samples_, 0, text_.size(), name);
}

void Evaluator::count(Program& program, Evaluation& evaluation) const {
  const auto logits = program.output(logits_name);
  for (std::size_t i = 0; i < batch_.targets.size(); ++i) {
    const auto row = logits.subspan(i * face_.classes, face_.classes);
    const auto target = static_cast<std::size_t>(batch_.targets[i]);
    for (const float z : row)
      if (!std::isfinite(z))
        fail(ExitCode::bad_artifact, "model {} predicts {}: its weights are broken",
             executable_.graph().name, z);
    evaluation.loss_sum += loss_of(row, target);
    const auto likeliest = std::ranges::max_element(row) - row.begin();
    evaluation.correct += likeliest == static_cast<std::ptrdiff_t>(target);
    ++evaluation.predictions;
  }
}

Evaluation Evaluator::run(const std::function<bool(std::int64_t, const Evaluation&)>& after_batch) {
  Evaluation evaluation;
  run_in_order(
      samples_, executable_, batch_,
      {[&](Program& program, const Batch& batch) { feed_characters(program, face_, batch); },
       [&](Program& program, std::size_t done) {
         count(program, evaluation);
         if (on_run) on_run(program);
         return after_batch(static_cast<std::int64_t>(done), evaluation);
       }});
  return evaluation;
}

}  // namespace coil
