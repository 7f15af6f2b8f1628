#pragma once

// A .coil file: a safetensors file whose metadata also holds
//   coil.format    "1"
//   coil.checksum  XXH3 (128 bits, 32 hex digits) of the whole file with these digits as '0'
// so that any safetensors reader opens it and any changed byte is found.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/artifact/atomic_file.hpp"
#include "runtime/artifact/safetensors.hpp"
#include "runtime/artifact/tensor.hpp"

namespace coil {

// What an artifact holds. The metadata (graph, vocabulary, recipe, progress: "coil.graph", ...) is
// opaque here and is without coil.format and coil.checksum, which belong to the file.
struct Artifact {
  std::map<std::string, std::string> metadata;
  std::vector<Tensor> tensors;

  bool operator==(const Artifact&) const = default;
};

// Equal artifacts give equal bytes. InternalError where encode() in safetensors.hpp has one, or
// where the metadata claims one of the two keys of the file.
std::string encode_artifact(const Artifact& artifact);

// RunError (bad_artifact) names `path` and what is wrong: not such a file, another format version,
// changed since it was written. Tensors that `wants` says no to are left out.
Artifact decode_artifact(std::string_view bytes, const std::string& path,
                         TensorFilter wants = nullptr);
Artifact decode_artifact(ByteSource& bytes, const std::string& path, TensorFilter wants = nullptr);

// Through write_atomically() in atomic_file.hpp: RunError (io), and the old file stays.
void save_artifact(const std::string& path, const Artifact& artifact, Keep keep = Keep::nothing);

// RunError: io where the file cannot be read or is past 8 GiB, else as decode_artifact().
Artifact load_artifact(const std::string& path, TensorFilter wants = nullptr);

}  // namespace coil
