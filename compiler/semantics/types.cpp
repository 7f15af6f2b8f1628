#include "compiler/semantics/types.hpp"

#include <fmt/format.h>

#include "compiler/semantics/expressions.hpp"
#include "compiler/semantics/values.hpp"

namespace coil::semantics {
namespace {

class TypeReader {
 public:
  explicit TypeReader(Context& context) : context_(context) {}

  std::optional<DeclaredType> operator()(const ast::IndexType& index) {
    const auto bound = size(*index.size, "the number of values of an index");
    if (!bound) return std::nullopt;
    return DeclaredType{{Element::index, {}}, *bound};
  }

  std::optional<DeclaredType> operator()(const ast::RealType& real) {
    Shape shape;
    for (const ast::ExpressionPtr& expression : real.sizes) {
      if (const auto one = size(*expression, "a size")) shape.dims.push_back(*one);
    }
    if (shape.rank() != real.sizes.size()) return std::nullopt;
    return DeclaredType{{Element::real, shape}};
  }

 private:
  std::optional<std::int64_t> size(const ast::Expression& expression, const std::string& what) {
    return as_size(context_, meaning_of(context_, expression), what);
  }

  Context& context_;
};

}  // namespace

Shape join(const Shape& front, const Shape& back) {
  Shape shape = front;
  shape.dims.insert(shape.dims.end(), back.dims.begin(), back.dims.end());
  return shape;
}

std::optional<DeclaredType> read_type(Context& context, const ast::ValueType& type,
                                      const std::string& what, const Shape& front) {
  auto declared = std::visit(TypeReader(context), type.type);
  if (!declared) return std::nullopt;
  const auto why = why_too_large(join(front, declared->type.shape));
  if (!why) return declared;
  context.diagnostics.error(type.where, fmt::format("{} would be too large: {}", what, *why));
  return std::nullopt;
}

std::optional<Shape> read_real_type(Context& context, const ast::ValueType& type,
                                    const std::string& what, const Shape& front) {
  const auto declared = read_type(context, type, what, front);
  if (!declared) return std::nullopt;
  if (declared->type.element == Element::real) return declared->type.shape;
  context.diagnostics.error(
      type.where, fmt::format("{} holds real numbers; write real[size, ...] for its type", what));
  return std::nullopt;
}

}  // namespace coil::semantics
