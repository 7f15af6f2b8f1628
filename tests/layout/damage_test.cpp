// Files that were cut or changed: each is refused, or says the same as before.

#include <catch2/catch.hpp>

#include "compiler/source/load.hpp"

#include "runtime/artifact/atomic_file.hpp"

#include "tests/layout/models.hpp"
#include "tests/support/cases.hpp"

namespace coil::layout_test {
namespace {

Model rnn() { return repository_model("models/char_rnn.model", "", {{"vocab", "5"}}); }

// "3" where the bytes are refused as a bad artifact, "same" where they are taken and say the same tensors;
// else what came out.
std::string outcome(const std::string& bytes, const TensorFile& original, Model& model) {
  try {
    const TensorFile file = decode(bytes, "w");
    const auto said = layout_of(file, "w");
    import_weights(file, "w", said.value_or(Layout::torch), ProbeUse::check, model);
    return file.tensors == original.tensors ? "same" : "other tensors were taken";
  } catch (const RunError& error) {
    return error.code() == ExitCode::bad_artifact ? "3" : error.what();
  }
}

std::size_t header_end(const std::string& bytes) {
  std::size_t length = 0;
  for (std::size_t i = 8; i-- > 0;) length = length * 256 + static_cast<unsigned char>(bytes[i]);
  return 8 + length;
}

}  // namespace

TEST_CASE("a weight file cut at any length is refused") {
  Model model = rnn();
  const TensorFile original = export_weights(model, Layout::torch);
  const std::string bytes = encode(original);
  for (std::size_t length = 0; length < bytes.size(); ++length)
    if (outcome(bytes.substr(0, length), original, model) != "3") FAIL("cut at " << length);
  CHECK(outcome(bytes + '\0', original, model) == "3");
}

TEST_CASE("a weight file with any byte of its header changed is refused, or says the same") {
  Model model = rnn();
  const TensorFile original = export_weights(model, Layout::torch);
  const std::string bytes = encode(original);
  std::size_t refused = 0, same = 0;
  for (std::size_t at = 0; at < header_end(bytes); ++at)
    for (const char changed : {'\0', '\x7f', '"', '9', static_cast<char>(bytes[at] ^ 1)}) {
      if (changed == bytes[at]) continue;
      std::string other = bytes;
      other[at] = changed;
      const std::string found = outcome(other, original, model);
      if (found != "3" && found != "same") FAIL("byte " << at << ": " << found);
      ++(found == "3" ? refused : same);
    }
  CHECK(
      refused >
      same);  // what is taken has another digit far behind the point in its probe, or another remark
}

TEST_CASE("an artifact's weights are taken only where the whole of it is as it was written") {
  const test::TemporaryFolder folder;
  Model model = rnn();
  save_model(folder / "m.coil", model);
  const std::string bytes = read_file(folder / "m.coil", std::size_t{1} << 30);
  CHECK(read_weights(folder / "m.coil").tensors == export_weights(model, Layout::keras).tensors);
  const auto refused = [&](const std::string& changed) {
    write_atomically(folder / "w", changed);
    const std::string why = failure_of([&] {
      Model other = rnn();
      import_weights(read_weights(folder / "w"), "w", Layout::keras, ProbeUse::check, other);
    });
    return why.starts_with("3: ");
  };
  for (std::size_t at = 0; at < bytes.size(); at += test::of_cases<std::size_t>(31, 97)) {
    if (!refused(bytes.substr(0, at))) FAIL("cut at " << at);
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    if (!refused(changed)) FAIL("byte " << at);
  }
}

}  // namespace coil::layout_test
