#include "runtime/artifact/artifact.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <rapidcheck.h>
#include <sys/stat.h>
#include <thread>
#include <xxhash.h>

#include "compiler/source/internal_error.hpp"

#include "tests/artifact/support.hpp"

namespace coil {

namespace {

Artifact sample_artifact() {
  const TensorFile file = sample_file();
  return {file.metadata, file.tensors};
}

void refuses(std::string_view bytes, std::string_view part) {
  check_fails(ExitCode::bad_artifact, part, [&] { decode_artifact(bytes, "m.coil"); });
}

std::string with_metadata(const std::map<std::string, std::string>& metadata) {
  return encode({.metadata = metadata, .tensors = {}});
}

// A valid header around `text`, with the checksum that belongs to it.
std::string with_own_checksum(std::string json) {
  const std::string zeros(32, '0');
  const std::string bytes = with_header(json);
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  json.replace(json.find(zeros), 32, fmt::format("{:016x}{:016x}", hash.high64, hash.low64));
  return with_header(json);
}

}  // namespace

TEST_CASE("an artifact comes back from its file") {
  const TestFolder folder;
  save_artifact(folder / "m.coil", sample_artifact());
  CHECK(load_artifact(folder / "m.coil") == sample_artifact());
  CHECK(folder.names() == std::vector<std::string>{"m.coil"});
}

TEST_CASE("equal artifacts give equal bytes, and other ones do not") {
  CHECK(encode_artifact(sample_artifact()) == encode_artifact(sample_artifact()));
  Artifact other = sample_artifact();
  other.tensors[0].values[0] = 2;
  CHECK(encode_artifact(sample_artifact()) != encode_artifact(other));
}

TEST_CASE("any artifact comes back from its bytes") {
  const auto holds = [](const std::vector<float>& values) {
    const auto size = static_cast<std::int64_t>(values.size());
    const Artifact artifact{{{"coil.graph", std::string(values.size(), '"')}},
                            {{"w", {size}, values}}};
    RC_ASSERT(decode_artifact(encode_artifact(artifact), "any") == artifact);
  };
  CHECK(rc::check(holds));
}

TEST_CASE("the checksum is found beside text that looks like it") {
  Artifact artifact = sample_artifact();
  artifact.metadata["coil.a"] = R"("coil.checksum":"00000000000000000000000000000000")";
  artifact.metadata[R"(a"coil.checksum)"] = "00000000000000000000000000000000";
  artifact.metadata["acoil.checksum"] = "00000000000000000000000000000000";
  artifact.tensors[0].name = "coil.checksum";
  CHECK(decode_artifact(encode_artifact(artifact), "m.coil") == artifact);
}

TEST_CASE("any safetensors reader opens an artifact") {
  const TensorFile file = decode(encode_artifact(sample_artifact()), "m.coil");
  CHECK(file.tensors == sample_artifact().tensors);
  CHECK(file.metadata.at("coil.format") == "1");
  CHECK(file.metadata.at("coil.checksum").size() == 32);
}

TEST_CASE("the format and its checksum do not change by themselves") {
  const std::string bytes = encode_artifact({{{"coil.graph", "g"}}, {{"w", {1}, {1}}}});
  const std::string header =
      R"({"__metadata__":{"coil.checksum":"1a5dd6b525b883b4c34633af03152752","coil.format":"1","coil.graph":"g"},)"
      R"("w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}   )";
  CHECK(bytes == with_header(header, std::string_view("\0\0\x80\x3F", 4)));
}

TEST_CASE("an artifact cut at any length is refused") {
  const std::string bytes = encode_artifact(sample_artifact());
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const std::string_view cut = std::string_view(bytes).substr(0, length);
    CHECK_THROWS_AS(decode_artifact(cut, "m.coil"), RunError);
  }
}

TEST_CASE("an artifact with any byte changed is refused") {
  const std::string bytes = encode_artifact(sample_artifact());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const int change : {0x01, 0x20, 0x80, 0xFF, 0x13}) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ change);
      try {
        decode_artifact(changed, "m.coil");
        FAIL("byte " << at << " changed by " << change << " went unseen");
      } catch (const RunError& error) {
        if (error.code() != ExitCode::bad_artifact) FAIL(error.what());
      }
    }
  }
}

TEST_CASE("a file is refused as its bytes are, wherever it was cut or changed") {
  const TestFolder folder;
  const std::string bytes = encode_artifact(sample_artifact());
  const auto refusal = [](const auto& read) {
    try {
      read();
    } catch (const RunError& error) {
      return fmt::format("{}: {}", static_cast<int>(error.code()), error.what());
    }
    return std::string("none");
  };
  const std::string path = folder / "m.coil";
  const auto compare = [&](const std::string& damaged) {
    std::ofstream(path, std::ios::binary) << damaged;
    const std::string meant = refusal([&] { decode_artifact(damaged, path); });
    CHECK(meant != "none");
    CHECK(refusal([&] { load_artifact(path); }) == meant);
  };
  for (std::size_t length = 0; length < bytes.size(); length += 7) compare(bytes.substr(0, length));
  for (std::size_t at = 0; at < bytes.size(); at += 7) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x13);
    compare(changed);
  }
  compare(bytes + '\0');
}

TEST_CASE("an artifact comes through a pipe, whose end is not known before") {
  const TestFolder folder;
  const std::string path = folder / "pipe";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  std::thread writer(
      [&] { std::ofstream(path, std::ios::binary) << encode_artifact(sample_artifact()); });
  CHECK(load_artifact(path) == sample_artifact());
  writer.join();
}

TEST_CASE("a file that becomes shorter while it is read is told") {
  const TestFolder folder;
  const std::string path = folder / "m.coil";
  save_artifact(path, sample_artifact());
  const InputFile file(path);
  FileSource source(file, 1 << 20);
  std::filesystem::resize_file(path, file.size().value() - 3);
  check_fails(ExitCode::io, "it became shorter while it was read",
              [&] { decode_artifact(source, path); });
  check_fails(ExitCode::io, "it is larger than the 10 bytes allowed",
              [&] { FileSource(file, 10); });
}

TEST_CASE("tensors that are not wanted are left out, and their bytes checked") {
  const TestFolder folder;
  const Artifact artifact{
      {}, {{"a", {2}, {1, 2}}, {"b", {200'000}, std::vector<float>(200'000)}, {"c", {1}, {3}}}};
  const std::string path = folder / "m.coil";
  save_artifact(path, artifact);
  const auto without_b = [](std::string_view name) { return name != "b"; };
  const Artifact some = load_artifact(path, without_b);
  REQUIRE(some.tensors.size() == 2);
  CHECK(some.tensors[1] == artifact.tensors[2]);
  std::string changed = encode_artifact(artifact);
  changed[changed.size() / 2] ^= 1;
  std::ofstream(path, std::ios::binary) << changed;
  check_fails(ExitCode::bad_artifact, "its bytes have changed",
              [&] { load_artifact(path, without_b); });
}

TEST_CASE("an artifact with bytes swapped, added or removed is refused") {
  const std::string bytes = encode_artifact(sample_artifact());
  std::string swapped = bytes;
  std::swap(swapped[bytes.size() - 1], swapped[bytes.size() - 2]);
  REQUIRE(swapped != bytes);
  refuses(swapped, "its bytes have changed since it was written");
  refuses(bytes + '\0', "bytes of data");
  refuses(bytes.substr(0, bytes.size() - 1), "the file was cut");
}

TEST_CASE("what is no .coil file is told apart") {
  refuses("", "not a .coil file");
  refuses("model Char3(vocab = 57) {\n}\n", "not a .coil file");
  refuses(std::string(1000, '\0'), "not a .coil file");
  refuses("PK\x03\x04 some zip archive", "not a .coil file");
  refuses(encode(sample_file()), "a plain safetensors file");
  check_fails(ExitCode::bad_artifact, "compile it with coilc",
              [] { decode_artifact("model M {}", "char.model"); });
}

TEST_CASE("another format version is told apart") {
  refuses(with_metadata({{"coil.format", "2"}}),
          "written by a newer Coil: its format version is 2");
  refuses(with_metadata({{"coil.format", "0"}}), "'0' is no number");
  refuses(with_metadata({{"coil.format", "one"}}), "'one' is no number");
  refuses(with_metadata({{"coil.format", "1 "}}), "'1 ' is no number");
  refuses(with_metadata({{"coil.format", ""}}), "'' is no number");
  refuses(with_metadata({{"coil.format", "99999999999999999999"}}), "is no number");
}

TEST_CASE("a missing or rewritten checksum is refused") {
  const std::string zeros(32, '0');
  refuses(with_metadata({{"coil.format", "1"}}), "'coil.checksum' is missing");
  refuses(with_metadata({{"coil.format", "1"}, {"coil.checksum", ""}}),
          "'coil.checksum' is missing");
  refuses(with_metadata({{"coil.format", "1"}, {"coil.checksum", zeros}}),
          "its bytes have changed");
  const std::string compact =
      R"({"__metadata__":{"coil.format":"1","coil.checksum":")" + zeros + "\"}}";
  CHECK(decode_artifact(with_own_checksum(compact), "m.coil") == Artifact{});
  const std::string spaced =
      R"({"__metadata__":{"coil.format":"1","coil.checksum" :")" + zeros + "\"}}";
  refuses(with_own_checksum(spaced), "was rewritten");
}

TEST_CASE("the file's own keys are not the caller's") {
  CHECK_THROWS_AS(encode_artifact({{{"coil.format", "1"}}, {}}), InternalError);
  CHECK_THROWS_AS(encode_artifact({{{"coil.checksum", "1"}}, {}}), InternalError);
}

TEST_CASE("a file that cannot be read is an io error") {
  const TestFolder folder;
  check_fails(ExitCode::io, "none.coil", [&] { load_artifact(folder / "none.coil"); });
  check_fails(ExitCode::io, "folder", [&] { load_artifact(folder / ""); });
  put(folder / "text.coil", "hello, this is text");
  check_fails(ExitCode::bad_artifact, "text.coil: not a .coil file",
              [&] { load_artifact(folder / "text.coil"); });
}

}  // namespace coil
