#include "runtime/artifact/artifact.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <xxhash.h>

#include "compiler/source/internal_error.hpp"
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

// XXH3 of what is added, as digits.
class Checksum {
 public:
  Checksum() : state_(XXH3_createState(), XXH3_freeState) {
    require(state_ != nullptr, "a checksum state can be made");
    XXH3_128bits_reset(state_.get());
  }

  void add(std::string_view bytes) {
    XXH3_128bits_update(state_.get(), bytes.data(), bytes.size());
  }
  // As if the digits at `at` were all '0'.
  void add_without(std::string_view bytes, std::size_t at) {
    add(bytes.substr(0, at));
    add(no_checksum);
    add(bytes.substr(at + digits));
  }
  std::string text() const {
    const XXH128_hash_t hash = XXH3_128bits_digest(state_.get());
    return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
  }

 private:
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state_;
};

// A source of which the start was read before, and whose rest is summed as it is read.
class SummedSource : public ByteSource {
 public:
  SummedSource(std::string_view start, ByteSource& rest, Checksum& checksum)
      : start_(start), rest_(rest), checksum_(checksum) {}

  std::uint64_t size() const override { return rest_.size(); }

  void read(std::span<char> to) override {
    const std::size_t known = std::min(to.size(), start_.size());
    std::ranges::copy(start_.substr(0, known), to.begin());
    start_.remove_prefix(known);
    const auto rest = to.subspan(known);
    rest_.read(rest);
    checksum_.add({rest.data(), rest.size()});
  }

 private:
  std::string_view start_;
  ByteSource& rest_;
  Checksum& checksum_;
};

// The length of a header and the header, or as much of it as there is. Tells a .coil file, perhaps a damaged one, from
// something else altogether.
std::string read_start(ByteSource& source, const std::string& path) {
  std::string start(std::min<std::uint64_t>(source.size(), header_length_bytes + 1), ' ');
  source.read(start);
  const bool is_one = start.size() > header_length_bytes && start[header_length_bytes] == '{' &&
                      load_little<std::uint64_t>(start) <= TensorFileLimits{}.header_bytes;
  if (is_one) {
    const std::size_t known = start.size();
    start.resize(std::min(source.size(), header_length_bytes + load_little<std::uint64_t>(start)),
                 ' ');
    if (start.size() > known) source.read(std::span(start).subspan(known));
    return start;
  }
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

void check_checksum(const std::optional<std::string>& held, const std::string& found,
                    const TensorFile& file, const std::string& path) {
  const auto entry = file.metadata.find(checksum_key);
  if (entry == file.metadata.end() || held != entry->second) {
    fail(ExitCode::bad_artifact,
         "{}: its '{}' is missing or was rewritten; another program changed the file",
         show_path(path), checksum_key);
  }
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
  Checksum checksum;
  checksum.add_without(bytes, *at);
  bytes.replace(*at, digits, checksum.text());
  return bytes;
}

Artifact decode_artifact(std::string_view bytes, const std::string& path, TensorFilter wants) {
  MemorySource source(bytes);
  return decode_artifact(source, path, wants);
}

Artifact decode_artifact(ByteSource& source, const std::string& path, TensorFilter wants) {
  const std::string start = read_start(source, path);
  const auto at = find_checksum(start);
  Checksum checksum;
  if (at) checksum.add_without(start, *at);
  SummedSource bytes(start, source, checksum);
  TensorFile file = decode(bytes, path, {}, wants);
  check_version(file, path);
  check_checksum(at ? std::optional(start.substr(*at, digits)) : std::nullopt, checksum.text(),
                 file, path);
  file.metadata.erase(format_key);
  file.metadata.erase(checksum_key);
  return {std::move(file.metadata), std::move(file.tensors)};
}

void save_artifact(const std::string& path, const Artifact& artifact, Keep keep) {
  write_atomically(path, encode_artifact(artifact), keep);
}

Artifact load_artifact(const std::string& path, TensorFilter wants) {
  const InputFile file(path);
  if (!file.size()) return decode_artifact(read_all(file, largest_artifact_bytes), path, wants);
  FileSource source(file, largest_artifact_bytes);
  return decode_artifact(source, path, wants);
}

}  // namespace coil
