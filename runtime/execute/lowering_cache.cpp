// A file is lines: the whole key, then "WAY SECONDS" for each.

#include "runtime/execute/lowering_cache.hpp"

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <xxhash.h>

#include "compiler/source/run_error.hpp"

#include "runtime/artifact/atomic_file.hpp"
#include "runtime/onednn/onednn.hpp"

namespace coil {
namespace {

namespace fs = std::filesystem;

// Counts changes of how fast lowerings are, between versions.
constexpr int revision = 6;

std::optional<fs::path> folder() {
  if (const char* own = std::getenv("COIL_CACHE"))
    return *own ? std::optional<fs::path>(own) : std::nullopt;
  if (const char* all = std::getenv("XDG_CACHE_HOME"); all && *all) return fs::path(all) / "coil";
  if (const char* home = std::getenv("HOME"); home && *home)
    return fs::path(home) / ".cache" / "coil";
  return std::nullopt;
}

std::string completed(const std::string& key) {
  return fmt::format("coil {} ({}) oneDNN {} {} {}", COIL_VERSION, revision,
                     onednn::library_version(), onednn::effective_isa(), key);
}

std::optional<fs::path> path_of(const std::string& whole_key) {
  const auto where = folder();
  if (!where) return std::nullopt;
  return *where / fmt::format("lowering-{:016x}", XXH3_64bits(whole_key.data(), whole_key.size()));
}

std::optional<LoweringTime> parse(std::string_view line) {
  const std::size_t space = line.rfind(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const auto way = find_way(line.substr(0, space));
  double seconds = 0;
  const char* end = line.data() + line.size();
  const auto result = std::from_chars(line.data() + space + 1, end, seconds);
  if (!way || result.ec != std::errc() || result.ptr != end || !(seconds > 0)) return std::nullopt;
  return LoweringTime{*way, seconds};
}

}  // namespace

std::optional<std::vector<LoweringTime>> LoweringCache::find(const std::string& key,
                                                             const std::vector<Way>& ways) {
  const std::string whole = completed(key);
  const auto path = path_of(whole);
  if (!path) return std::nullopt;
  std::ifstream file(*path);
  std::string line;
  if (!std::getline(file, line) || line != whole) return std::nullopt;
  std::vector<LoweringTime> times;
  for (const Way way : ways) {
    if (!std::getline(file, line)) return std::nullopt;
    const auto time = parse(line);
    if (!time || time->way != way) return std::nullopt;
    times.push_back(*time);
  }
  const bool is_whole = !file.eof() && !std::getline(file, line);  // up to the last line's end
  return is_whole ? std::optional(times) : std::nullopt;
}

void LoweringCache::keep(const std::string& key, const std::vector<LoweringTime>& times) {
  const std::string whole = completed(key);
  const auto path = path_of(whole);
  if (!path) return;
  std::string text = whole + "\n";
  for (const LoweringTime& time : times)
    text += fmt::format("{} {}\n", to_string(time.way), time.seconds);
  std::error_code failed;
  fs::create_directories(path->parent_path(), failed);
  if (failed) return;
  try {
    write_atomically(*path, text);
  } catch (const RunError&) {
    // Measured again the next time.
  }
}

}  // namespace coil
