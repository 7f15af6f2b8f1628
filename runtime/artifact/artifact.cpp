#include "runtime/artifact/artifact.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <xxhash.h>

#include "compiler/source/internal_error.hpp"
#include "compiler/source/load.hpp"
#include "compiler/source/run_error.hpp"

#include "runtime/artifact/little_endian.hpp"
#include "runtime/artifact/quote.hpp"
#include "runtime/artifact/safetensors.hpp"

namespace coil {

namespace {

constexpr std::size_t largest_artifact_bytes = std::size_t{8} << 30;
constexpr unsigned format_version = 1;
constexpr const char* format_key = "coil.format";
constexpr const char* checksum_key = "coil.checksum";
constexpr std::size_t digits = 32;

const std::string no_checksum(digits, '0');

// Where the checksum's digits stand. The key is found by its text: in a valid header a quote that no
// backslash precedes delimits a string, so the first such place is the key itself.
std::optional<std::size_t> find_checksum(std::string_view bytes) {
  constexpr std::string_view key = "\"coil.checksum\":\"";
  for (std::size_t at = bytes.find(key); at != bytes.npos; at = bytes.find(key, at + 1)) {
    const std::size_t value = at + key.size();
    const bool escaped = at > 0 && bytes[at - 1] == '\\';
    if (!escaped && bytes.size() - value >= digits) return value;
  }
  return std::nullopt;
}

// The checksum of `bytes` as if the digits at `at` were all '0'.
std::string checksum_of(std::string_view bytes, std::size_t at) {
  XXH3_state_t* state = XXH3_createState();
  require(state != nullptr, "a checksum state can be made");
  XXH3_128bits_reset(state);
  XXH3_128bits_update(state, bytes.data(), at);
  XXH3_128bits_update(state, no_checksum.data(), digits);
  XXH3_128bits_update(state, bytes.data() + at + digits, bytes.size() - at - digits);
  const XXH128_hash_t hash = XXH3_128bits_digest(state);
  XXH3_freeState(state);
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

// Tells a .coil file, perhaps a damaged one, from something else altogether.
void check_first_bytes(std::string_view bytes, const std::string& path) {
  constexpr std::size_t header_start = 8;
  const bool is_one = bytes.size() > header_start && bytes[header_start] == '{' &&
                      load_little<std::uint64_t>(bytes) <= TensorFileLimits{}.header_bytes;
  if (is_one) return;
  fail(ExitCode::bad_artifact,
       "{}: not a .coil file: its first bytes are not those of a safetensors file{}",
       show_path(path), path.ends_with(".model") ? "; compile it with coilc first" : "");
}

void check_version(const TensorFile& file, const std::string& path) {
  const auto entry = file.metadata.find(format_key);
  if (entry == file.metadata.end()) {
    fail(ExitCode::bad_artifact,
         "{}: not a .coil file but a plain safetensors file: its metadata lacks '{}'; give it to "
         "--weights, or compile a .model with coilc",
         show_path(path), format_key);
  }
  const std::string& text = entry->second;
  unsigned version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error != std::errc{} || end != text.data() + text.size() || version == 0) {
    fail(ExitCode::bad_artifact, "{}: its format version {} is no number", show_path(path),
         quote(text));
  }
  if (version > format_version) {
    fail(ExitCode::bad_artifact,
         "{}: written by a newer Coil: its format version is {}, this one reads up to {}",
         show_path(path), version, format_version);
  }
}

void check_checksum(std::string_view bytes, const TensorFile& file, const std::string& path) {
  const auto entry = file.metadata.find(checksum_key);
  const auto at = find_checksum(bytes);
  if (entry == file.metadata.end() || !at || bytes.substr(*at, digits) != entry->second) {
    fail(ExitCode::bad_artifact,
         "{}: its '{}' is missing or was rewritten; another program changed the file",
         show_path(path), checksum_key);
  }
  const std::string found = checksum_of(bytes, *at);
  if (found != entry->second) {
    fail(ExitCode::bad_artifact,
         "{}: its bytes have changed since it was written: checksum {}, expected {}",
         show_path(path), found, quote(entry->second));
  }
}

}  // namespace

std::string encode_artifact(const Artifact& artifact) {
  TensorFile file{artifact.metadata, artifact.tensors};
  for (const char* key : {format_key, checksum_key}) {
    require(!file.metadata.contains(key), "the metadata leaves '{}' to the file", key);
  }
  file.metadata[format_key] = std::to_string(format_version);
  file.metadata[checksum_key] = no_checksum;
  std::string bytes = encode(file);
  const auto at = find_checksum(bytes);
  require(at && bytes.compare(*at, digits, no_checksum) == 0, "the checksum has its place");
  bytes.replace(*at, digits, checksum_of(bytes, *at));
  return bytes;
}

Artifact decode_artifact(std::string_view bytes, const std::string& path, TensorFilter wants) {
  check_first_bytes(bytes, path);
  TensorFile file = decode(bytes, path, {}, wants);
  check_version(file, path);
  check_checksum(bytes, file, path);
  file.metadata.erase(format_key);
  file.metadata.erase(checksum_key);
  return {std::move(file.metadata), std::move(file.tensors)};
}

void save_artifact(const std::string& path, const Artifact& artifact, Keep keep) {
  write_atomically(path, encode_artifact(artifact), keep);
}

Artifact load_artifact(const std::string& path, TensorFilter wants) {
  return decode_artifact(read_file(path, largest_artifact_bytes), path, wants);
}

}  // namespace coil
