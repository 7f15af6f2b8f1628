#include "compiler/graph/digest.hpp"

#include <bit>
#include <xxhash.h>

#include "compiler/source/internal_error.hpp"

namespace coil {
namespace {

struct FieldDigester {
  Digest& digest;
  NamesIn names;

  void operator()(const char*, const Name& name) const {
    if (names == NamesIn::digest) digest.add(std::string_view(name.text));
  }
  void operator()(const char*, const Initializer& initializer) const {
    if (names == NamesIn::nothing) return;
    digest.add(static_cast<std::uint64_t>(initializer.kind));
    digest.add(initializer.limit);
  }
  void operator()(const char*, const Piece& piece) const {
    if (names == NamesIn::nothing) return;
    digest.add(std::string_view(piece.of));
    for (const std::int64_t at : piece.begin) digest.add(at);
    for (const std::int64_t size : piece.size) digest.add(size);
  }
  void operator()(const char*, const Joint& joint) const {
    if (names == NamesIn::nothing) return;
    digest.add(joint.axis);
    for (const Joint::Part& part : joint.parts) {
      digest.add(std::string_view(part.name));
      digest.add(part.size);
    }
  }
  void operator()(const char*, const Body& body) const {
    for (const std::uint64_t half : body.hash) digest.add(half);
  }
  void operator()(const char*, std::int64_t number) const { digest.add(number); }
  void operator()(const char*, double number) const { digest.add(number); }
  void operator()(const char*, bool flag) const { digest.add(std::uint64_t{flag}); }
  void operator()(const char*, Activation f) const { digest.add(static_cast<std::uint64_t>(f)); }
  void operator()(const char*, RecurrentCell c) const { digest.add(static_cast<std::uint64_t>(c)); }
  void operator()(const char*, const Shape& shape) const {
    digest_type(digest, {Element::real, shape});
  }
};

}  // namespace

Digest::Digest() : state_(XXH3_createState()) {
  require(state_ != nullptr, "no memory for a hash");
  XXH3_128bits_reset(state_);
}
Digest::~Digest() { XXH3_freeState(state_); }

void Digest::add(std::uint64_t number) {
  std::uint8_t bytes[8];
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
  XXH3_128bits_update(state_, bytes, sizeof bytes);
}

void Digest::add(double number) { add(std::bit_cast<std::uint64_t>(number)); }

void Digest::add(std::string_view text) {
  add(std::uint64_t{text.size()});
  XXH3_128bits_update(state_, text.data(), text.size());
}

std::array<std::uint64_t, 2> Digest::finish() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(state_);
  return {hash.high64, hash.low64};
}

void digest_type(Digest& digest, const Type& type) {
  digest.add(static_cast<std::uint64_t>(type.element));
  digest.add(std::uint64_t{type.shape.rank()});
  for (std::int64_t dim : type.shape.dims) digest.add(dim);
}

void digest_attributes(Digest& digest, const Attributes& attributes, NamesIn names) {
  digest.add(std::uint64_t{attributes.index()});
  std::visit([&](const auto& a) { a.fields(a, FieldDigester{digest, names}); }, attributes);
}

}  // namespace coil
