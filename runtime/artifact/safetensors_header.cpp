#include "runtime/artifact/safetensors_header.hpp"

#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "compiler/source/run_error.hpp"

#include "runtime/artifact/quote.hpp"

namespace coil {

namespace {

constexpr std::uint64_t largest_size = std::numeric_limits<std::int64_t>::max();

std::optional<StoredType> type_named(std::string_view name) {
  if (name == "F32") return StoredType::f32;
  if (name == "BF16") return StoredType::bf16;
  if (name == "I32") return StoredType::i32;
  if (name == "I64") return StoredType::i64;
  return std::nullopt;
}

// A state machine over the parser's events. It refuses the first event that the form does not
// have, so JSON deeper than the form is never followed.
class HeaderReader : public nlohmann::json::json_sax_t {
 public:
  HeaderReader(const std::string& path, const TensorFileLimits& limits)
      : path_(path), limits_(limits) {}

  TensorHeader take() {
    refuse_types();
    return std::move(header_);
  }

  bool start_object(std::size_t) override {
    if (place_ == Place::start) return go(Place::top);
    if (place_ == Place::metadata_due) return go(Place::metadata);
    if (place_ == Place::tensor_due) return go(Place::tensor);
    return unexpected("an object");
  }

  bool end_object() override {
    if (place_ == Place::tensor) finish_tensor();
    return go(place_ == Place::top ? Place::done : Place::top);
  }

  bool key(std::string& name) override {
    if (place_ == Place::top) return top_key(name);
    if (place_ == Place::metadata) return metadata_key(name);
    return field_key(name);
  }

  bool string(std::string& value) override {
    if (place_ == Place::metadata_value_due) return metadata_value(value);
    if (place_ == Place::type_due) return type_value(value);
    return unexpected("a string");
  }

  bool start_array(std::size_t) override {
    if (place_ == Place::shape_due) return go(Place::shape);
    if (place_ == Place::offsets_due) return go(Place::offsets);
    return unexpected("an array");
  }

  bool end_array() override {
    if (place_ == Place::offsets && offsets_.size() != 2) {
      refuse(where() + fmt::format("data_offsets has {} numbers, not 2", offsets_.size()));
    }
    return go(Place::tensor);
  }

  bool number_unsigned(std::uint64_t value) override {
    if (place_ == Place::shape) return size_value(value);
    if (place_ == Place::offsets) return offset_value(value);
    return unexpected("a number");
  }

  bool number_integer(std::int64_t value) override {
    return unexpected(fmt::format("the number {}", value));
  }
  bool number_float(double, const std::string& text) override {
    return unexpected("the number " + quote(text));
  }
  bool boolean(bool) override { return unexpected("a truth value"); }
  bool null() override { return unexpected("null"); }
  bool binary(nlohmann::json::binary_t&) override { return unexpected("binary data"); }

  bool parse_error(std::size_t position, const std::string& token,
                   const nlohmann::json::exception&) override {
    refuse(fmt::format("its header is no JSON at byte {}, near {}", 7 + position, quote(token)));
  }

 private:
  enum class Place {
    start,
    top,
    done,
    metadata_due,
    metadata,
    metadata_value_due,
    tensor_due,
    tensor,
    type_due,
    shape_due,
    shape,
    offsets_due,
    offsets
  };

  bool go(Place next) {
    place_ = next;
    return true;
  }

  bool top_key(const std::string& name) {
    check_name(name, "tensor name");
    if (!top_names_.insert(name).second)
      refuse(fmt::format("the name {} stands twice", quote(name)));
    if (name == "__metadata__") return go(Place::metadata_due);
    if (header_.tensors.size() >= limits_.tensors) {
      refuse(fmt::format("it has more than {} tensors", limits_.tensors));
    }
    header_.tensors.push_back({.name = name, .type = {}, .shape = {}, .begin = 0, .end = 0});
    fields_.clear();
    offsets_.clear();
    return go(Place::tensor_due);
  }

  bool metadata_key(const std::string& name) {
    check_name(name, "metadata key");
    if (header_.metadata.contains(name)) {
      refuse(fmt::format("the metadata key {} stands twice", quote(name)));
    }
    if (header_.metadata.size() >= limits_.metadata_entries) {
      refuse(fmt::format("it has more than {} metadata entries", limits_.metadata_entries));
    }
    metadata_key_ = name;
    return go(Place::metadata_value_due);
  }

  bool metadata_value(std::string& value) {
    if (value.size() > limits_.metadata_value_bytes) {
      refuse(fmt::format("the metadata value of {} has {} bytes, more than {}",
                         quote(metadata_key_), value.size(), limits_.metadata_value_bytes));
    }
    header_.metadata.emplace(metadata_key_, std::move(value));
    return go(Place::metadata);
  }

  bool field_key(const std::string& name) {
    if (!fields_.insert(name).second) refuse(where() + quote(name) + " stands twice");
    if (name == "dtype") return go(Place::type_due);
    if (name == "shape") return go(Place::shape_due);
    if (name == "data_offsets") return go(Place::offsets_due);
    refuse(where() + "unknown key " + quote(name));
  }

  bool type_value(const std::string& name) {
    const auto type = type_named(name);
    // Each tensor of such a type is named, so that all can be converted at once.
    if (!type) wrong_types_.push_back(tensor() + ": type " + quote(name) + " cannot be read");
    header_.tensors.back().type = type.value_or(StoredType::f32);
    return go(Place::tensor);
  }

  void refuse_types() {
    if (wrong_types_.empty()) return;
    constexpr std::size_t most = 64;
    if (wrong_types_.size() > most) {
      const std::size_t more = wrong_types_.size() - most;
      wrong_types_.resize(most);
      wrong_types_.push_back(fmt::format("and {} more", more));
    }
    refuse(fmt::format("{}; only F32, BF16, I32 and I64 can: convert to F32",
                       fmt::join(wrong_types_, "; ")));
  }

  bool size_value(std::uint64_t value) {
    auto& shape = header_.tensors.back().shape;
    if (shape.size() >= limits_.rank) {
      refuse(where() + fmt::format("its shape has more than {} sizes", limits_.rank));
    }
    if (value > largest_size) refuse(where() + fmt::format("the size {} is too large", value));
    shape.push_back(static_cast<std::int64_t>(value));
    return true;
  }

  bool offset_value(std::uint64_t value) {
    if (offsets_.size() >= 2) refuse(where() + "data_offsets has more than 2 numbers");
    offsets_.push_back(value);
    return true;
  }

  void finish_tensor() {
    for (const char* field : {"dtype", "shape", "data_offsets"}) {
      if (!fields_.contains(field)) refuse(where() + fmt::format("it lacks '{}'", field));
    }
    header_.tensors.back().begin = offsets_[0];
    header_.tensors.back().end = offsets_[1];
  }

  void check_name(const std::string& name, std::string_view kind) const {
    if (name.size() > limits_.name_bytes) {
      refuse(fmt::format("the {} {} has {} bytes, more than {}", kind, quote(name), name.size(),
                         limits_.name_bytes));
    }
  }

  const char* expected() const {
    switch (place_) {
      case Place::metadata_due:
        return "an object of strings";
      case Place::metadata_value_due:
      case Place::type_due:
        return "a string";
      case Place::tensor_due:
        return "an object with dtype, shape and data_offsets";
      case Place::shape_due:
      case Place::offsets_due:
        return "an array of unsigned integers";
      case Place::shape:
      case Place::offsets:
        return "an unsigned integer";
      case Place::start:
        return "an object";
      case Place::top:
      case Place::metadata:
      case Place::tensor:
      case Place::done:
        break;
    }
    return "nothing";
  }

  bool unexpected(const std::string& found) const {
    refuse(where() + fmt::format("{} stands where {} is due", found, expected()));
  }

  // "tensor 'mix.kernel', shape: ", as far as the place is known.
  std::string where() const {
    switch (place_) {
      case Place::start:
      case Place::top:
      case Place::done:
        return "";
      case Place::metadata_due:
      case Place::metadata:
        return "__metadata__: ";
      case Place::metadata_value_due:
        return "metadata key " + quote(metadata_key_) + ": ";
      case Place::tensor_due:
      case Place::tensor:
        return tensor() + ": ";
      case Place::type_due:
        return tensor() + ", dtype: ";
      case Place::shape_due:
      case Place::shape:
        return tensor() + ", shape: ";
      case Place::offsets_due:
      case Place::offsets:
        return tensor() + ", data_offsets: ";
    }
    return "";
  }

  std::string tensor() const { return "tensor " + quote(header_.tensors.back().name); }

  [[noreturn]] void refuse(const std::string& problem) const { refuse_tensor_file(path_, problem); }

  const std::string& path_;
  const TensorFileLimits& limits_;
  TensorHeader header_;
  Place place_ = Place::start;
  std::set<std::string> top_names_;
  std::set<std::string> fields_;  // of the tensor being read
  std::vector<std::uint64_t> offsets_;
  std::string metadata_key_;
  std::vector<std::string> wrong_types_;
};

}  // namespace

void refuse_tensor_file(const std::string& path, const std::string& problem) {
  fail(ExitCode::bad_artifact, "{}: not a valid safetensors file: {}", show_path(path), problem);
}

TensorHeader read_tensor_header(std::string_view json, const std::string& path,
                                const TensorFileLimits& limits) {
  HeaderReader reader(path, limits);
  nlohmann::json::sax_parse(json.begin(), json.end(), &reader);
  return reader.take();
}

}  // namespace coil
