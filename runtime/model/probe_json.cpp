#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "compiler/source/run_error.hpp"

#include "runtime/artifact/quote.hpp"
#include "runtime/model/metadata.hpp"
#include "runtime/model/probe.hpp"
#include "runtime/model/probe_form.hpp"

namespace coil {
namespace {

using SortedJson = nlohmann::json;  // keys sorted

// Twice most_probe_numbers of the longest numbers.
constexpr std::size_t largest_json = std::size_t{8} << 20;

class Reader {
 public:
  Reader(const std::string& text, const std::string& path) : path_(path) {
    if (text.size() > largest_json)
      refuse(fmt::format("has {} bytes, more than {}", text.size(), largest_json));
    json_ = SortedJson::parse(text, nullptr, false);
    if (!json_.is_object()) refuse("is no JSON object");
    if (json_.size() != 4) refuse("has other fields than inputs, states, outputs and states_after");
  }

  [[noreturn]] void refuse(const std::string& problem) const {
    fail(ExitCode::bad_artifact, "{}: {} {}", show_path(path_), probe_key, problem);
  }

  // `count` gives the numbers that each has.
  template <typename Count>
  Probe::Numbers numbers(const char* section, const std::vector<ProbeField>& fields,
                         const Count& count) const {
    const auto found = json_.find(section);
    if (found == json_.end() || !found->is_object())
      refuse(fmt::format("lacks the object '{}'", section));
    Probe::Numbers all;
    for (const ProbeField& field : fields) {
      const auto list = found->find(field.name);
      if (list == found->end())
        refuse(fmt::format("is of another model: its {} lack {}", section, quote(field.name)));
      all[field.name] = values(section, field, count(field), *list);
    }
    for (const auto& [name, list] : found->items())
      if (!all.contains(name))
        refuse(fmt::format("is of another model: this one has no {} among its {}", quote(name),
                           section));
    return all;
  }

 private:
  std::vector<double> values(const char* section, const ProbeField& field, std::size_t count,
                             const SortedJson& list) const {
    if (!list.is_array() || list.size() != count)
      refuse(fmt::format("is of another model: {} of its {} has {} numbers, and {} are needed",
                         quote(field.name), section, list.is_array() ? list.size() : 0, count));
    std::vector<double> values;
    for (const SortedJson& each : list) {
      if (!each.is_number() || !is_allowed(field, each.get<double>()))
        refuse(fmt::format("holds what {} of its {} cannot be", quote(field.name), section));
      values.push_back(each.get<double>());
    }
    return values;
  }

  static bool is_allowed(const ProbeField& field, double x) {
    if (field.bound > 0)
      return x >= 0 && x < static_cast<double>(field.bound) && x == std::floor(x);
    return std::abs(x) <= std::numeric_limits<float>::max();
  }

  SortedJson json_;
  const std::string& path_;
};

// Floats exactly, indices as whole numbers.
SortedJson json_of(const Probe::Numbers& numbers) {
  SortedJson json = SortedJson::object();
  for (const auto& [name, values] : numbers) {
    SortedJson& list = json[name] = SortedJson::array();
    for (const double x : values) {
      const bool is_whole = x == std::floor(x) && std::abs(x) < 1e9 && !std::signbit(x);
      list.push_back(is_whole ? SortedJson(static_cast<std::int64_t>(x)) : SortedJson(x));
    }
  }
  return json;
}

}  // namespace

std::string probe_to_json(const Probe& probe) {
  const SortedJson json = {{"inputs", json_of(probe.inputs)},
                           {"states", json_of(probe.states)},
                           {"outputs", json_of(probe.outputs)},
                           {"states_after", json_of(probe.states_after)}};
  return json.dump();
}

Probe probe_from_json(const std::string& json, const std::string& path, const Graph& graph) {
  const Reader reader(json, path);
  const auto form = probe_form(graph);
  if (!form) reader.refuse("is there, and the model is too large for one");
  const auto all = [](const ProbeField& field) { return field.all; };
  const auto kept = [](const ProbeField& field) { return field.kept(); };
  return {reader.numbers("inputs", form->inputs, all), reader.numbers("states", form->states, all),
          reader.numbers("outputs", form->outputs, kept),
          reader.numbers("states_after", form->states, kept)};
}

}  // namespace coil
