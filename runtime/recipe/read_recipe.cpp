#include "runtime/recipe/read_recipe.hpp"

#include <fmt/format.h>

#include "compiler/source/run_error.hpp"

#include "runtime/recipe/schema.hpp"

namespace coil {
namespace {

const MapSchema schemas[] = {
    {"a recipe",
     {"corpus", "batching", "state", "phases", "clip_norm", "weight_decay", "validation",
      "patience", "seed", "precision"}},
    {"corpus", {"lowercase"}},
    {"batching", {"scheme", "batch"}},
    {"state", {"reset"}},
    {"phases", {"optimizer", "learning_rate", "momentum", "epochs"}},
};
const MapSchema& recipe_schema = schemas[0];
const MapSchema& corpus_schema = schemas[1];
const MapSchema& batching_schema = schemas[2];
const MapSchema& state_schema = schemas[3];
const MapSchema& phase_schema = schemas[4];

// Each in the order of its enum.
const std::string schemes[] = {"blocks", "windows", "streams"};
const std::string optimizers[] = {"adam", "sgd"};
const std::string resets[] = {"epoch", "never"};
const std::string precision_words[] = {"f32", "bf16"};

class RecipeReader {
 public:
  RecipeReader(Recipe usual, Diagnostics& diagnostics)
      : recipe_(std::move(usual)), diagnostics_(diagnostics), schema_(schemas, diagnostics) {}

  void read(const YamlNode& root) {
    if (!schema_.check_map(root, recipe_schema, {0, 0})) return;
    map(root, "corpus", corpus_schema, [&](const YamlNode& node) { read_corpus(node); });
    map(root, "batching", batching_schema, [&](const YamlNode& node) { read_batching(node); });
    map(root, "state", state_schema, [&](const YamlNode& node) { read_state(node); });
    if (const YamlEntry* phases = find_entry(root, "phases")) read_phases(*phases);
    number(root, "clip_norm", limits::clip_norm, recipe_.clip_norm);
    number(root, "weight_decay", limits::weight_decay, recipe_.weight_decay);
    number(root, "validation", limits::validation, recipe_.validation);
    number(root, "patience", limits::patience, recipe_.patience);
    number(root, "seed", limits::seed, recipe_.seed);
    choice(root, "precision", precision_words, recipe_.precision);
    if (recipe_.scheme != Scheme::streams) recipe_.reset = Reset::epoch;
    check_together(root);
  }

  const Recipe& recipe() const { return recipe_; }

 private:
  template <typename Read>
  void map(const YamlNode& root, const char* key, const MapSchema& schema, Read read) {
    const YamlEntry* entry = find_entry(root, key);
    if (entry && schema_.check_map(entry->value, schema, entry->key.where)) read(entry->value);
  }

  template <typename Number>
  void number(const YamlNode& map, const char* key, Range<Number> range, Number& target) {
    if (const YamlEntry* entry = find_entry(map, key)) schema_.read(*entry, range, target);
  }

  template <typename Choice>
  void choice(const YamlNode& map, const char* key, std::span<const std::string> words,
              Choice& target) {
    const YamlEntry* entry = find_entry(map, key);
    if (!entry) return;
    if (const auto index = schema_.choice(*entry, words)) target = static_cast<Choice>(*index);
  }

  void read_corpus(const YamlNode& node) {
    bool lowercase = recipe_.letters == LetterCase::lower;
    if (const YamlEntry* entry = find_entry(node, "lowercase")) schema_.read(*entry, lowercase);
    recipe_.letters = lowercase ? LetterCase::lower : LetterCase::as_written;
  }

  void read_batching(const YamlNode& node) {
    choice(node, "scheme", schemes, recipe_.scheme);
    number(node, "batch", limits::batch, recipe_.batch);
  }

  void read_state(const YamlNode& node) { choice(node, "reset", resets, recipe_.reset); }

  void read_phases(const YamlEntry& phases) {
    const YamlNode& list = phases.value;
    if (list.kind != YamlNode::Kind::list || list.items.empty())
      return schema_.refuse(phases,
                            "'phases' is a list of at least one phase, as in "
                            "- {optimizer: adam, learning_rate: 0.001, epochs: 3}");
    if (list.items.size() > limits::most_phases)
      return schema_.refuse(phases, fmt::format("more than {} phases", limits::most_phases));
    recipe_.phases.clear();
    for (const YamlNode& item : list.items) read_phase(item, phases.key.where);
  }

  void read_phase(const YamlNode& node, SourceRange key) {
    if (!schema_.check_map(node, phase_schema, key)) return;
    Phase phase;
    const bool goes_on = !recipe_.phases.empty();
    if (goes_on) phase.optimizer = recipe_.phases.back().optimizer;
    choice(node, "optimizer", optimizers, phase.optimizer);
    if (goes_on && recipe_.phases.back().optimizer == phase.optimizer)
      phase.momentum = recipe_.phases.back().momentum;
    for (const char* wanted : {"learning_rate", "epochs"})
      if (!find_entry(node, wanted))
        diagnostics_.error(node.where, fmt::format("a phase without '{}'", wanted));
    number(node, "learning_rate", limits::learning_rate, phase.learning_rate);
    number(node, "momentum", limits::momentum, phase.momentum);
    number(node, "epochs", limits::epochs, phase.epochs);
    recipe_.phases.push_back(phase);
    const YamlEntry* momentum = find_entry(node, "momentum");
    if (auto why = why_invalid(phase); why && momentum) schema_.refuse(*momentum, *why);
  }

  // What is well written each by itself and does not go together.
  void check_together(const YamlNode& root) {
    if (diagnostics_.has_errors()) return;
    const YamlEntry* state = find_entry(root, "state");
    if (state && recipe_.scheme != Scheme::streams)
      diagnostics_.error(state->key.where,
                         fmt::format("only streams carry a state on; the scheme is {}",
                                     to_string(recipe_.scheme)));
    else if (const auto why = why_invalid(recipe_))
      tell_of(root, *why);
  }

  void tell_of(const YamlNode& root, const std::string& why) {
    const YamlEntry* patience = find_entry(root, "patience");
    diagnostics_.error(patience ? patience->key.where : root.where, why);
  }

  Recipe recipe_;
  Diagnostics& diagnostics_;
  SchemaReader schema_;
};

}  // namespace

std::optional<Recipe> read_recipe(const SourceFile& file, const Recipe& usual,
                                  Diagnostics& diagnostics) {
  const auto root = parse_yaml(file, diagnostics);
  if (!root) return std::nullopt;
  RecipeReader reader(usual, diagnostics);
  reader.read(*root);
  if (diagnostics.has_errors()) return std::nullopt;
  return reader.recipe();
}

Recipe recipe_from_text(const std::string& text, const std::string& origin) {
  const SourceFile file(origin, text);
  Diagnostics diagnostics(file);
  if (auto recipe = read_recipe(file, Recipe{}, diagnostics)) return std::move(*recipe);
  const Diagnostic& first = diagnostics.all().at(0);
  const std::uint32_t line = first.where.is_somewhere() ? file.locate(first.where.begin).line : 1;
  fail(ExitCode::bad_artifact, "{}, line {}: {}", origin, line, first.message);
}

}  // namespace coil
