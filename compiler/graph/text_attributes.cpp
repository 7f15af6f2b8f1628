// The attributes of a node from its text: one method a kind of field, as the writer has.

#include "compiler/graph/op_record.hpp"
#include "compiler/graph/text_reader.hpp"

namespace coil {
namespace {

template <typename E, std::size_t N>
E parse_enum(const TextReader& field, const E (&all)[N]) {
  for (const E value : all)
    if (field.text() == to_string(value)) return value;
  field.refuse("'{}' is not known here", field.text());
}

Initializer read_initializer(const TextReader& field) {
  using enum InitializerKind;
  const std::string word = field.text();
  if (!word.starts_with("uniform "))
    return {parse_enum(field, {zeros, ones, glorot_uniform, orthogonal, lstm_bias}), 0};
  Initializer initializer{uniform, 0};
  const char* end = word.data() + word.size();
  const auto at = std::from_chars(word.data() + 8, end, initializer.limit);
  if (at.ec != std::errc{} || at.ptr != end || !(initializer.limit > 0 && initializer.limit < 1e6))
    field.refuse("'{}' is no initializer", word);
  return initializer;
}

Piece read_piece(const TextReader& field) {
  field.check_keys({"of", "whole", "begin", "size"});
  Piece piece{field.at("of").text(), field.at("whole").shape(), field.at("begin").numbers(),
              field.at("size").numbers()};
  if (piece.of.empty()) field.refuse("a piece of nothing");
  return piece;
}

Joint read_joint(const TextReader& field) {
  field.check_keys({"axis", "parts"});
  Joint joint{field.at("axis").number<std::int64_t>(), {}};
  for (const TextReader& part : field.at("parts").items()) {
    part.check_keys({"name", "size"});
    joint.parts.push_back({part.at("name").text(), part.at("size").number<std::int64_t>()});
  }
  if (joint.parts.empty()) field.refuse("a joint of nothing");
  return joint;
}

struct FieldReader {
  const TextReader& node;
  std::set<std::string>& keys;

  void operator()(const char* key, Name& name) const { name.text = get(key).text(); }
  void operator()(const char* key, std::int64_t& number) const {
    if (has(key)) number = node.at(key).number<std::int64_t>();
  }
  void operator()(const char* key, double& number) const { number = get(key).number<double>(); }
  void operator()(const char* key, Shape& shape) const { shape = get(key).shape(); }
  void operator()(const char* key, Piece& piece) const {
    if (has(key)) piece = read_piece(node.at(key));
  }
  void operator()(const char* key, Joint& joint) const {
    if (has(key)) joint = read_joint(node.at(key));
  }
  void operator()(const char*, Body&) const {}  // stands in a block of its own
  void operator()(const char* key, bool& flag) const {
    if (!has(key)) return;
    if (node.at(key).text() != "true") node.at(key).refuse("expected true");
    flag = true;
  }
  void operator()(const char* key, Activation& activation) const {
    using enum Activation;
    if (has(key)) activation = parse_enum(node.at(key), {relu, tanh, sigmoid, hard_sigmoid});
  }
  void operator()(const char* key, RecurrentCell& cell) const {
    using enum RecurrentCell;
    cell = parse_enum(get(key), {vanilla, lstm, gru, gru_reset_after});
  }
  void operator()(const char* key, Initializer& initializer) const {
    initializer = read_initializer(get(key));
  }

  bool has(const char* key) const {
    keys.insert(key);
    return node.has(key);
  }
  TextReader get(const char* key) const {
    keys.insert(key);
    return node.at(key);
  }
};

// The alternative of Attributes an op carries, at its defaults. The writer leaves out zeros, whatever the
// default: numbers start from zero here.
template <std::size_t I = 0>
Attributes default_attributes(std::size_t kind) {
  if constexpr (I + 1 < std::variant_size_v<Attributes>)
    if (kind != I) return default_attributes<I + 1>(kind);
  return Attributes(std::in_place_index<I>);
}

struct NumbersToZero {
  void operator()(const char*, std::int64_t& number) const { number = 0; }
  void operator()(const char*, auto&) const {}
};

}  // namespace

Attributes read_attributes(const TextReader& node, Op op, std::set<std::string>& keys) {
  Attributes attributes = default_attributes(record(op).attributes.value);
  std::visit(
      [&](auto& a) {
        a.fields(a, NumbersToZero{});
        a.fields(a, FieldReader{node, keys});
      },
      attributes);
  return attributes;
}

}  // namespace coil
