#include "runtime/evaluate/evaluator.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "compiler/passes/attach_loss.hpp"
#include "compiler/passes/eliminate_dead.hpp"
#include "compiler/source/internal_error.hpp"
#include "compiler/source/run_error.hpp"

#include "runtime/train/check_run.hpp"
#include "runtime/train/text_feed.hpp"

namespace coil {
namespace {

constexpr const char* logits_name = "logits";

TextFace measurable_face(const Model& model) {
  if (!model.has_weights || !model.vocabulary)
    fail(ExitCode::bad_artifact,
         "model {} has not been trained; `coil train` gives it weights and a vocabulary",
         model.graph.name);
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

std::int64_t batch_for(std::size_t characters, const TextFace& face,
                       const EvaluateOptions& options) {
  if (options.batch < 1)
    fail(ExitCode::usage, "a batch of {} samples measures nothing", options.batch);
  if (options.scheme != Scheme::streams) return options.batch;
  const auto windows =
      static_cast<std::int64_t>(characters == 0 ? 0 : (characters - 1) / face.window.size());
  return std::clamp<std::int64_t>(windows, 1, options.batch);
}

SampleOptions sample_options(std::size_t characters, const TextFace& face,
                             const EvaluateOptions& options) {
  return {static_cast<int>(face.window.size()),
          static_cast<int>(batch_for(characters, face, options)),
          face.predictions == 1 ? Targets::last : Targets::every};
}

// -log softmax(logits)[target].
double loss_of(std::span<const float> logits, std::size_t target) {
  const double largest = *std::ranges::max_element(logits);
  double sum = 0;
  for (const float z : logits) sum += std::exp(double{z} - largest);
  return std::log(sum) + largest - double{logits[target]};
}

}  // namespace

double Evaluation::perplexity() const { return std::exp(loss()); }
double Evaluation::bits_per_character() const { return loss() / std::numbers::ln2; }

Evaluator::Evaluator(Model& model, std::string_view text, const std::string& name,
                     const EvaluateOptions& options, UnknownPolicy unknown)
    : face_(measurable_face(model)),
      text_(model.vocabulary->encode(text, name, unknown)),
      samples_(text_, options.scheme, sample_options(text_.size(), face_, options), name),
      executable_(logits_graph(model.graph), Entry::predict, model.store, options.threads) {
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
  const bool carries = samples_.scheme() == Scheme::streams;
  if (carries) executable_.at(static_cast<std::int64_t>(samples_.batch())).reset_states();
  Evaluation evaluation;
  std::vector<std::uint32_t> chosen;
  for (std::size_t begin = 0; begin < samples_.size(); begin += samples_.batch()) {
    chosen.resize(std::min(samples_.batch(), samples_.size() - begin));
    std::iota(chosen.begin(), chosen.end(), static_cast<std::uint32_t>(begin));
    samples_.fill(chosen, batch_);
    Program& program = executable_.at(static_cast<std::int64_t>(chosen.size()));
    if (!carries) program.reset_states();
    feed_characters(program, face_, batch_);
    program.run();
    count(program, evaluation);
    if (!after_batch(static_cast<std::int64_t>(begin + chosen.size()), evaluation)) break;
  }
  return evaluation;
}

}  // namespace coil
