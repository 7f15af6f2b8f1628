#include "runtime/artifact/safetensors.hpp"

#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <rapidcheck.h>

#include "compiler/source/internal_error.hpp"
#include "compiler/source/utf8.hpp"

#include "tests/artifact/support.hpp"

namespace coil {

namespace {

std::string as_json_text(const std::string& bytes) {
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  return bytes.substr(8, length);
}

TensorFile one_tensor(const Tensor& tensor) { return {.metadata = {}, .tensors = {tensor}}; }

}  // namespace

TEST_CASE("a file is the bytes the format says") {
  const std::string bytes =
      encode({.metadata = {{"b", "2"}, {"a", "1"}}, .tensors = {{"w", {1, 2}, {1, -2}}}});
  const std::string header =
      R"({"__metadata__":{"a":"1","b":"2"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}})";
  const std::string padding((8 - header.size() % 8) % 8, ' ');
  const std::string data("\x00\x00\x80\x3F\x00\x00\x00\xC0", 8);
  CHECK(bytes == with_header(header + padding, data));
}

TEST_CASE("an empty file is a header alone") {
  CHECK(encode({}) == with_header("{}      "));
  CHECK(decode(encode({}), "empty") == TensorFile{});
}

TEST_CASE("what was encoded is decoded, in the same order") {
  const TensorFile file = sample_file();
  CHECK(decode(encode(file), "sample") == file);
  CHECK(encode(decode(encode(file), "sample")) == encode(file));
}

TEST_CASE("every float keeps its bits, NaN included") {
  const Tensor tensor{"odd", {5}, {-0.0F, INFINITY, -INFINITY, std::nanf("7"), 1e-45F}};
  const TensorFile back = decode(encode(one_tensor(tensor)), "odd");
  CHECK(std::memcmp(back.tensors[0].values.data(), tensor.values.data(), 20) == 0);
}

TEST_CASE("any valid file comes back from its bytes, and equal files give equal bytes") {
  const auto holds = [](const std::map<std::string, std::string>& texts,
                        std::vector<std::uint8_t> sizes) {
    TensorFile file;
    for (const auto& [key, value] : texts) {
      if (find_invalid_utf8(key) == key.npos && find_invalid_utf8(value) == value.npos) {
        file.metadata[key] = value;
      }
    }
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      const std::int64_t rows = sizes[i] % 5;
      std::vector<float> values(static_cast<std::size_t>(rows * 3), static_cast<float>(i));
      file.tensors.push_back({fmt::format("t{}", i), {rows, 3}, std::move(values)});
    }
    const std::string bytes = encode(file);
    RC_ASSERT(decode(bytes, "any") == file);
    RC_ASSERT(encode(TensorFile(file)) == bytes);
    RC_ASSERT(as_json_text(bytes).size() % 8 == 0U);
  };
  CHECK(rc::check(holds));
}

TEST_CASE("data at any alignment is read") {
  const std::string bytes = encode(sample_file());
  for (std::size_t shift = 1; shift < 8; ++shift) {
    const std::string shifted = std::string(shift, 'x') + bytes;
    CHECK(decode(std::string_view(shifted).substr(shift), "shifted") == sample_file());
  }
}

TEST_CASE("tensors come in the order of their data, whatever the order of the header") {
  const std::string bytes =
      with_header(R"({"b":{"data_offsets":[4,8],"shape":[1],"dtype":"F32"},)"
                  R"( "a" : {"shape":[],"dtype":"F32","data_offsets":[0,4]}} )",
                  std::string("\x00\x00\x80\x3F\x00\x00\x00\x40", 8));
  const TensorFile file = decode(bytes, "swapped");
  REQUIRE(file.tensors.size() == 2);
  CHECK(file.tensors[0] == Tensor{"a", {}, {1}});
  CHECK(file.tensors[1] == Tensor{"b", {1}, {2}});
}

TEST_CASE("BF16, I32 and I64 become float where they fit") {
  const std::string bytes = with_header(
      R"({"h":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},)"
      R"("i":{"dtype":"I32","shape":[1],"data_offsets":[4,8]},)"
      R"("l":{"dtype":"I64","shape":[1],"data_offsets":[8,16]}})",
      std::string("\xC0\x3F\x00\xC0\xFF\xFF\xFF\xFF\x00\x00\x00\x01\x00\x00\x00\x00", 16));
  const TensorFile file = decode(bytes, "mixed");
  CHECK(file.tensors[0].values == std::vector<float>{1.5F, -2.0F});
  CHECK(file.tensors[1].values == std::vector<float>{-1.0F});
  CHECK(file.tensors[2].values == std::vector<float>{16777216.0F});
}

TEST_CASE("an integer that float cannot hold is refused by its place") {
  const std::string bytes =
      with_header(R"({"steps":{"dtype":"I64","shape":[2],"data_offsets":[0,16]}})",
                  std::string("\x01\0\0\0\0\0\0\0\x01\x00\x00\x01\0\0\0\0", 16));
  check_fails(ExitCode::bad_artifact, "tensor 'steps': element 1", [&] { decode(bytes, "w"); });
}

TEST_CASE("what no reader would accept is not written") {
  CHECK_THROWS_AS(encode(one_tensor({"w", {2, 2}, {1, 2, 3}})), InternalError);
  CHECK_THROWS_AS(encode(one_tensor({"w", {-1}, {}})), InternalError);
  CHECK_THROWS_AS(encode(one_tensor({"w", {1LL << 62, 4}, {}})), InternalError);
  CHECK_THROWS_AS(encode(one_tensor({"\xFF", {0}, {}})), InternalError);
  CHECK_THROWS_AS(encode(one_tensor({"__metadata__", {0}, {}})), InternalError);
  CHECK_THROWS_AS(encode(one_tensor({std::string(2000, 'n'), {0}, {}})), InternalError);
  CHECK_THROWS_AS(encode(one_tensor({"w", {1, 1, 1, 1, 1, 1, 1, 1, 1}, {1}})), InternalError);
  CHECK_THROWS_AS(encode({.metadata = {{"k", "\x80"}}, .tensors = {}}), InternalError);
  CHECK_THROWS_AS(encode({.metadata = {}, .tensors = {{"w", {0}, {}}, {"w", {0}, {}}}}),
                  InternalError);
}

}  // namespace coil
