#pragma once

// Feeding graphs to a hash: a running XXH3, and what it takes of attributes and types.

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "compiler/graph/attributes.hpp"

struct XXH3_state_s;

namespace coil {

class Digest {
 public:
  Digest();
  ~Digest();
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;

  void add(std::uint64_t number);
  void add(std::int64_t number) { add(static_cast<std::uint64_t>(number)); }
  void add(std::uint32_t number) { add(std::uint64_t{number}); }
  void add(double number);  // 0 and -0 differ
  void add(std::string_view text);
  std::array<std::uint64_t, 2> finish() const;

 private:
  XXH3_state_s* state_;
};

// Whether names (and initial values) count.
enum class NamesIn { digest, nothing };

void digest_type(Digest& digest, const Type& type);
void digest_attributes(Digest& digest, const Attributes& attributes, NamesIn names);

}  // namespace coil
