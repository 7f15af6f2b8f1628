#include "runtime/model/metadata.hpp"

#include <cmath>
#include <limits>

#include "runtime/model/metadata_json.hpp"

namespace coil {
namespace {

using Json = nlohmann::ordered_json;

// Small enough that looking for a key among all keys, as each insertion does, stays quick.
constexpr std::size_t largest_fields = std::size_t{64} << 10;

class Object {
 public:
  Object(const Json& json, const std::string& path, const char* key)
      : json_(json), path_(path), key_(key) {}

  std::int64_t whole(const char* name, std::uint64_t largest) const {
    const Json& field = at(name);
    if (!field.is_number_unsigned() || field.get<std::uint64_t>() > largest) refuse(name);
    return field.get<std::int64_t>();
  }
  // One that is not known yet is null.
  double loss(const char* name) const {
    const Json& field = at(name);
    if (field.is_null()) return std::nan("");
    if (!field.is_number()) refuse(name);
    const double value = field.get<double>();
    if (!std::isfinite(value) || value < 0) refuse(name);
    return value;
  }
  std::string text(const char* name) const {
    if (!at(name).is_string()) refuse(name);
    return at(name).get<std::string>();
  }

 private:
  const Json& at(const char* name) const {
    const auto found = json_.find(name);
    if (found == json_.end()) refuse(name);
    return *found;
  }
  [[noreturn]] void refuse(const char* name) const {
    fail(ExitCode::bad_artifact, "{}: '{}' of {} is missing or not what it can be", path_, name,
         key_);
  }

  const Json& json_;
  const std::string& path_;
  const char* key_;
};

// The shortest text that reads back as the same double.
Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Optimizer optimizer_named(const std::string& name, const std::string& path) {
  if (const auto optimizer = find_optimizer(name)) return *optimizer;
  fail(ExitCode::bad_artifact, "{}: 'optimizer' of {} is none", path, training_key);
}

Lowering lowering_named(const std::string& name, const std::string& path) {
  if (const auto lowering = find_lowering(name)) return *lowering;
  fail(ExitCode::bad_artifact, "{}: 'lowering' of {} is none", path, training_key);
}

// What each number by itself may be and all together cannot.
void check(const Training& training, const std::string& path) {
  constexpr std::size_t hash_digits = 32;
  const bool is_hash =
      training.text_hash.size() == hash_digits &&
      training.text_hash.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!is_hash) fail(ExitCode::bad_artifact, "{}: 'text_hash' of {} is none", path, training_key);
  const bool counts_fit = training.step <= training.steps && training.updates <= training.steps &&
                          training.epochs_since_best <= training.epochs;
  if (!counts_fit || std::isnan(training.loss_sum))
    fail(ExitCode::bad_artifact, "{}: the counts of {} do not fit together", path, training_key);
}

ParameterValue value_of(const Json& json, const std::string& path) {
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (json.is_number()) return json.get<double>();
  if (json.is_string()) return json.get<std::string>();
  fail(ExitCode::bad_artifact, "{}: a value of {} is neither number nor name", path,
       parameters_key);
}

}  // namespace

std::string parameters_to_json(const std::vector<EffectiveParameter>& parameters) {
  Json json = Json::object();
  for (const EffectiveParameter& parameter : parameters)
    std::visit([&](const auto& value) { json[parameter.name] = value; }, parameter.value);
  return json.dump();
}

std::string training_to_json(const Training& training) {
  Json json;
  json["epochs"] = training.epochs;
  json["steps"] = training.steps;
  json["loss"] = number_or_null(training.loss);
  json["validation_loss"] = number_or_null(training.validation_loss);
  json["step"] = training.step;
  json["loss_sum"] = training.loss_sum;
  json["optimizer"] = to_string(training.optimizer);
  json["updates"] = training.updates;
  json["first_loss"] = number_or_null(training.first_loss);
  json["best_validation"] = number_or_null(training.best_validation);
  json["epochs_since_best"] = training.epochs_since_best;
  json["characters"] = training.characters;
  json["text_hash"] = training.text_hash;
  if (training.lowering) json["lowering"] = to_string(*training.lowering);
  return json.dump();
}

std::vector<EffectiveParameter> parameters_from_json(const std::string& json,
                                                     const std::string& path) {
  const auto parsed = parse_metadata<Json>(json, path, parameters_key, largest_fields);
  std::vector<EffectiveParameter> parameters;
  for (const auto& [name, value] : parsed.items())
    parameters.push_back({name, value_of(value, path)});
  return parameters;
}

Training training_from_json(const std::string& json, const std::string& path) {
  const auto parsed = parse_metadata<Json>(json, path, training_key, largest_fields);
  const Object object(parsed, path, training_key);
  // Counters go on from here: far from where they would wrap, and exact as a double.
  constexpr std::uint64_t most_epochs = std::numeric_limits<std::int32_t>::max();
  constexpr std::uint64_t most = std::uint64_t{1} << 53;
  Training training;
  training.epochs = object.whole("epochs", most_epochs);
  training.steps = object.whole("steps", most);
  training.loss = object.loss("loss");
  training.validation_loss = object.loss("validation_loss");
  training.step = object.whole("step", most);
  training.loss_sum = object.loss("loss_sum");
  training.optimizer = optimizer_named(object.text("optimizer"), path);
  training.updates = object.whole("updates", most);
  training.first_loss = object.loss("first_loss");
  training.best_validation = object.loss("best_validation");
  training.epochs_since_best = object.whole("epochs_since_best", most_epochs);
  training.characters = object.whole("characters", most);
  training.text_hash = object.text("text_hash");
  if (parsed.contains("lowering"))
    training.lowering = lowering_named(object.text("lowering"), path);
  check(training, path);
  return training;
}

}  // namespace coil
