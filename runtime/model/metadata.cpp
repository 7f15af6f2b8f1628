#include "runtime/model/metadata.hpp"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "compiler/source/run_error.hpp"

namespace coil {
namespace {

using Json = nlohmann::ordered_json;

// The artifact's checksum has been checked, but anyone can compute one: this may be anything.
Json parse_json(const std::string& text, const std::string& path, const char* key) {
  // Small enough that looking for a key among all keys, as each insertion does, stays quick.
  constexpr std::size_t largest_json = std::size_t{64} << 10;
  if (text.size() > largest_json)
    fail(ExitCode::bad_artifact, "{}: {} has {} bytes, more than {}", path, key, text.size(),
         largest_json);
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) fail(ExitCode::bad_artifact, "{}: {} is not JSON", path, key);
  return json;
}

class Object {
 public:
  Object(const Json& json, const std::string& path, const char* key)
      : json_(json), path_(path), key_(key) {
    if (!json.is_object()) fail(ExitCode::bad_artifact, "{}: {} is not an object", path, key);
  }

  std::uint64_t whole(const char* name, std::uint64_t largest) const {
    const Json& field = at(name);
    if (!field.is_number_unsigned() || field.get<std::uint64_t>() > largest) refuse(name);
    return field.get<std::uint64_t>();
  }
  // A loss that is not known yet is null.
  double real(const char* name) const {
    const Json& field = at(name);
    if (field.is_null()) return std::nan("");
    if (!field.is_number()) refuse(name);
    return field.get<double>();
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
    fail(ExitCode::bad_artifact, "{}: '{}' of {} is missing or of the wrong kind", path_, name,
         key_);
  }

  const Json& json_;
  const std::string& path_;
  const char* key_;
};

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
  json["scheme"] = training.scheme;
  json["batch"] = training.batch;
  json["learning_rate"] = training.learning_rate;
  json["seed"] = training.seed;
  json["epochs"] = training.epochs;
  json["steps"] = training.steps;
  json["loss"] = std::isfinite(training.loss) ? Json(training.loss) : Json(nullptr);
  return json.dump();
}

std::vector<EffectiveParameter> parameters_from_json(const std::string& json,
                                                     const std::string& path) {
  const Json parsed = parse_json(json, path, parameters_key);
  if (!parsed.is_object())
    fail(ExitCode::bad_artifact, "{}: {} is not an object", path, parameters_key);
  std::vector<EffectiveParameter> parameters;
  for (const auto& [name, value] : parsed.items())
    parameters.push_back({name, value_of(value, path)});
  return parameters;
}

Training training_from_json(const std::string& json, const std::string& path) {
  const Json parsed = parse_json(json, path, training_key);
  const Object object(parsed, path, training_key);
  // Counters go on from here: far from where they would wrap, and steps exact as a double.
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  constexpr std::uint64_t most_epochs = std::numeric_limits<std::int32_t>::max();
  constexpr std::uint64_t most_steps = std::uint64_t{1} << 53;
  Training training;
  training.scheme = object.text("scheme");
  training.batch = static_cast<std::int64_t>(object.whole("batch", most));
  training.learning_rate = object.real("learning_rate");
  training.seed = object.whole("seed", ~std::uint64_t{0});
  training.epochs = static_cast<std::int64_t>(object.whole("epochs", most_epochs));
  training.steps = static_cast<std::int64_t>(object.whole("steps", most_steps));
  training.loss = object.real("loss");
  return training;
}

}  // namespace coil
