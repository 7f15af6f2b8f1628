#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdlib.h>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/source/run_error.hpp"

#include "runtime/artifact/safetensors.hpp"

namespace coil {

// A new empty folder, removed at the end.
class TestFolder {
 public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "coil-test-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }

 private:
  std::filesystem::path path_;
};

inline std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE(in.good());
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline void put(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// `action` must fail with this code, and its message must contain `part`.
template <typename Action>
void check_fails(ExitCode code, std::string_view part, Action action) {
  INFO("expected: " << part);
  try {
    action();
  } catch (const RunError& error) {
    INFO("message: " << error.what());
    CHECK(error.code() == code);
    CHECK(std::string_view(error.what()).find(part) != std::string_view::npos);
    return;
  }
  FAIL("nothing was refused");
}

// A file with this JSON as its header, as it stands.
inline std::string with_header(std::string_view json, std::string_view data = "") {
  std::string bytes;
  for (std::uint64_t rest = json.size(), i = 0; i < 8; ++i, rest >>= 8) {
    bytes += static_cast<char>(rest & 0xFF);
  }
  bytes += json;
  bytes += data;
  return bytes;
}

// Some of everything: metadata with quotes, control and wide characters; a scalar, an empty tensor.
inline TensorFile sample_file() {
  return {.metadata = {{"coil.graph", "nodes:\n  - {op: \"scan\"}\n"},
                       {"vocabulary", "\n aé\U0001D11E"}},
          .tensors = {{"mix.kernel", {2, 3}, {1, -2, 3.5F, 0, 1e-38F, 7}},
                      {"empty", {0, 4}, {}},
                      {"scalar", {}, {42}},
                      {"bias \"b\"\\", {3}, {0.25F, 0.5F, 0.75F}}}};
}

}  // namespace coil
