#include <array>
#include <random>

#include "compiler/source/utf8.hpp"

#include "tests/artifact/support.hpp"

// Mutations of a valid file, straight into decode(), where no checksum stands in the way. Whatever
// they do, the answer is a refusal or a file that is consistent.

namespace coil {

namespace {

struct Outcome {
  int accepted = 0;
  int refused = 0;
};

bool is_consistent(const TensorFile& file) {
  for (const Tensor& tensor : file.tensors) {
    std::size_t product = 1;
    for (const std::int64_t size : tensor.shape) product *= static_cast<std::size_t>(size);
    if (product != tensor.values.size()) return false;
  }
  const std::string bytes = encode(file);  // has its own checks: names, UTF-8, limits
  return encode(decode(bytes, "again")) == bytes;
}

void try_one(std::string_view bytes, Outcome& outcome) {
  try {
    if (!is_consistent(decode(bytes, "mutant"))) FAIL("accepted: " << printable(bytes, 2000));
    ++outcome.accepted;
  } catch (const RunError& error) {
    if (error.code() != ExitCode::bad_artifact) FAIL(error.what());
    ++outcome.refused;
  }
}

std::size_t data_start(const std::string& bytes) {
  return 8 + static_cast<unsigned char>(bytes[0]) + 256 * static_cast<unsigned char>(bytes[1]);
}

constexpr std::array<std::string_view, 20> pieces = {"0",
                                                     "4",
                                                     "8",
                                                     "-1",
                                                     "1.5",
                                                     "18446744073709551615",
                                                     "9223372036854775807",
                                                     "4294967296",
                                                     "[",
                                                     "]",
                                                     "{",
                                                     "}",
                                                     ",",
                                                     ":",
                                                     "\"",
                                                     "\"w\"",
                                                     "\"dtype\"",
                                                     "null",
                                                     "\\u0000",
                                                     "\xC3\xA9"};

// Replaces, inserts, doubles or removes a stretch of the header, and sets the length to match.
std::string mutate(const std::string& bytes, std::mt19937& random) {
  const auto below = [&random](std::size_t n) { return random() % n; };
  std::string json = bytes.substr(8, data_start(bytes) - 8);
  const std::size_t times = 1 + below(3);
  for (std::size_t i = 0; i < times; ++i) {
    const std::size_t at = below(json.size());
    const std::size_t length = below(12);
    switch (below(4)) {
      case 0:
        json.replace(at, length, pieces[below(pieces.size())]);
        break;
      case 1:
        json.insert(at, pieces[below(pieces.size())]);
        break;
      case 2:
        json.insert(at, std::string(json.substr(at, 4 * length)));
        break;
      default:
        json.erase(at, length);
        break;
    }
    if (json.empty()) json.push_back('{');
  }
  return with_header(json, std::string_view(bytes).substr(data_start(bytes)));
}

}  // namespace

TEST_CASE("every byte of length and header, changed, is refused or consistent") {
  const std::string bytes = encode(sample_file());
  constexpr std::array values = {'\0', ' ', '"', '{', '}',  '[',    ']',   ',',
                                 ':',  '0', '9', '-', '\\', '\x80', '\xFF'};
  Outcome outcome;
  for (std::size_t at = 0; at < data_start(bytes); ++at) {
    for (const char value : values) {
      std::string mutant = bytes;
      mutant[at] = value;
      try_one(mutant, outcome);
    }
  }
  CHECK(outcome.accepted > 100);  // characters inside names and metadata
  CHECK(outcome.refused > 1000);
}

TEST_CASE("a file cut at any length is refused") {
  const std::string bytes = encode(sample_file());
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    Outcome outcome;
    try_one(std::string_view(bytes).substr(0, length), outcome);
    if (outcome.refused != 1) FAIL("accepted at " << length);
  }
  Outcome longer;
  try_one(bytes + '\0', longer);
  CHECK(longer.refused == 1);
}

TEST_CASE("random changes of the header are refused or consistent") {
  const std::string bytes = encode(sample_file());
  std::mt19937 random(1);
  Outcome outcome;
  for (int i = 0; i < 20'000; ++i) try_one(mutate(bytes, random), outcome);
  CHECK(outcome.accepted > 20);
  CHECK(outcome.refused > 10'000);
}

}  // namespace coil
