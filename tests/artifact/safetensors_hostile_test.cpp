#include <fmt/format.h>

#include "tests/artifact/support.hpp"

// Files that lie. Each case is one claim that another reader once believed.

namespace coil::safetensors_hostile_test {

namespace {

const std::string four(4, '\0');
const std::string eight(8, '\0');

void refuses(std::string_view bytes, std::string_view part) {
  check_fails(ExitCode::bad_artifact, part, [&] { decode(bytes, "w.safetensors"); });
}

void refuses_header(std::string_view json, std::string_view part, std::string_view data = "") {
  INFO("header: " << json.substr(0, 300));
  refuses(with_header(json, data), part);
}

// A header with one tensor "w", from the text of its parts.
std::string tensor(std::string_view shape, std::string_view offsets,
                   std::string_view type = "F32") {
  return fmt::format(R"({{"w":{{"dtype":"{}","shape":{},"data_offsets":{}}}}})", type, shape,
                     offsets);
}

}  // namespace

TEST_CASE("the form used below is accepted where it tells the truth") {
  CHECK(decode(with_header(tensor("[2]", "[0,8]"), eight), "w").tensors.size() == 1);
  CHECK(decode(with_header(tensor("[0,9]", "[0,0]")), "w").tensors[0].values.empty());
}

TEST_CASE("a header length that the file cannot have is refused") {
  refuses("", "0 bytes, fewer than 8");
  refuses("1234567", "7 bytes, fewer than 8");
  refuses(std::string(8, '\xFF'), "18446744073709551615 bytes, more than 67108864");
  refuses(std::string(8, '\xFF') + "{}", "18446744073709551615 bytes");
  refuses(std::string("\x01\x00\x00\x04\x00\x00\x00\x00{}", 10), "67108865 bytes, more than");
  refuses(std::string("\x03\x00\x00\x00\x00\x00\x00\x00{}", 10), "byte 0: a header of 3 bytes");
  refuses(std::string("\x01\x00\x00\x00\x00\x00\x00\x00{}", 10), "no JSON at byte");
}

TEST_CASE("a header that is no JSON object is refused") {
  refuses(with_header(""), "byte 8: its header does not start with '{'");
  refuses_header(" {}", "does not start with '{'");
  refuses_header("[]", "does not start with '{'");
  refuses_header("{} x", "no JSON at byte 11");
  refuses_header("{}{}", "no JSON at byte 10");
  refuses_header(R"({"a":1,})", "'a'");
  refuses_header(R"({"__metadata__":{},})", "no JSON");
  refuses_header(R"({"__metadata__":{"a":"b")", "no JSON");
  refuses_header("{'w':1}", "no JSON");
  refuses_header(R"({/* */})", "no JSON");
  refuses_header(std::string_view("{}\0", 3), "byte 10: a NUL in its header");
  refuses_header(std::string_view("{}\0{}", 5), "byte 10: a NUL in its header");
}

TEST_CASE("broken UTF-8 is refused at its byte") {
  refuses_header("{\"\xFF\":1}", "byte 10: its header is not UTF-8");
  refuses_header("{\"\xC0\xAF\":1}", "byte 10: its header is not UTF-8");
  refuses_header("{\"a\xED\xA0\x80\":1}", "byte 11: its header is not UTF-8");
  refuses_header(R"({"\ud800":1})", "no JSON");
}

TEST_CASE("a key that stands twice is refused") {
  refuses_header(R"({"w":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},)"
                 R"("w":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}})",
                 "the name 'w' stands twice");
  refuses_header(R"({"w":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},)"
                 R"("\u0077":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}})",
                 "the name 'w' stands twice");
  refuses_header(R"({"__metadata__":{},"__metadata__":{}})", "'__metadata__' stands twice");
  refuses_header(R"({"__metadata__":{"k":"1","k":"1"}})", "metadata key 'k' stands twice");
  refuses_header(R"({"w":{"dtype":"F32","dtype":"F32","shape":[0],"data_offsets":[0,0]}})",
                 "tensor 'w': 'dtype' stands twice");
}

TEST_CASE("a missing, unknown or mistyped field is refused by name") {
  refuses_header(R"({"w":{"shape":[0],"data_offsets":[0,0]}})", "tensor 'w': it lacks 'dtype'");
  refuses_header(R"({"w":{"dtype":"F32","data_offsets":[0,0]}})", "it lacks 'shape'");
  refuses_header(R"({"w":{"dtype":"F32","shape":[0]}})", "it lacks 'data_offsets'");
  refuses_header(R"({"w":{}})", "it lacks 'dtype'");
  refuses_header(R"({"w":{"dtype":"F32","shape":[0],"data_offsets":[0,0],"x":1}})",
                 "unknown key 'x'");
  refuses_header(R"({"w":7})", "tensor 'w': a number stands where an object");
  refuses_header(R"({"w":null})", "null stands where an object");
  refuses_header(R"({"w":true})", "a truth value stands where an object");
  refuses_header(R"({"w":[]})", "an array stands where an object");
  refuses_header(R"({"__metadata__":[]})", "__metadata__: an array stands where an object");
  refuses_header(R"({"__metadata__":{"k":1}})", "metadata key 'k': a number stands where a string");
  refuses_header(R"({"__metadata__":{"k":{}}})", "an object stands where a string");
  refuses_header(tensor("{}", "[0,0]"), "shape: an object stands where an array");
  refuses_header(tensor("3", "[0,0]"), "shape: a number stands where an array");
  refuses_header(tensor("[\"1\"]", "[0,4]"), "shape: a string stands where an unsigned integer",
                 four);
  refuses_header(tensor("[[1]]", "[0,4]"), "shape: an array stands where an unsigned integer",
                 four);
  refuses_header(tensor("[0]", "[0,0]", "F64"), "type 'F64' cannot be read");
  refuses_header(tensor("[0]", "[0,0]", ""), "type '' cannot be read");
  refuses_header(R"({"a":{"dtype":"F64","shape":[0],"data_offsets":[0,0]},)"
                 R"("b":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},)"
                 R"("c":{"dtype":"F16","shape":[0],"data_offsets":[0,0]}})",
                 "tensor 'a': type 'F64' cannot be read; tensor 'c': type 'F16' cannot be read; "
                 "only F32, BF16, I32 and I64 can: convert to F32");
}

TEST_CASE("numbers that are no unsigned integers are refused, not converted") {
  refuses_header(tensor("[-1]", "[0,4]"), "the number -1 stands where an unsigned integer", four);
  refuses_header(tensor("[-0]", "[0,0]"), "stands where an unsigned integer");
  refuses_header(tensor("[1.9]", "[0,4]"), "the number '1.9' stands", four);
  refuses_header(tensor("[1.0]", "[0,4]"), "the number '1.0' stands", four);
  refuses_header(tensor("[1e0]", "[0,4]"), "the number '1e0' stands", four);
  refuses_header(tensor("[01]", "[0,4]"), "no JSON", four);
  refuses_header(tensor("[1]", "[-4,0]"), "the number -4 stands", four);
  refuses_header(tensor("[1]", "[0,4.5]"), "the number '4.5' stands", four);
  refuses_header(tensor("[18446744073709551616]", "[0,4]"), "stands where an unsigned integer",
                 four);
  refuses_header(tensor("[9223372036854775808]", "[0,4]"), "is too large", four);
}

TEST_CASE("a shape whose product wraps is refused") {
  refuses_header(tensor("[4294967296,4294967296]", "[0,0]"), "needs far too many bytes");
  refuses_header(tensor("[4611686018427387904]", "[0,0]"), "needs far too many bytes");
  refuses_header(tensor("[4611686018427387904,4]", "[0,0]"), "needs far too many bytes");
  refuses_header(tensor("[4611686018427387905]", "[0,4]"), "needs far too many bytes", four);
  refuses_header(tensor("[0,4294967296,4294967296]", "[0,0]"), "needs far too many bytes");
  refuses_header(tensor("[4294967296,4294967296,0]", "[0,0]"), "needs far too many bytes");
}

TEST_CASE("offsets that wrap, overlap, leave a hole or leave the data are refused") {
  refuses_header(tensor("[1]", "[0]"), "data_offsets has 1 numbers", four);
  refuses_header(tensor("[1]", "[]"), "data_offsets has 0 numbers", four);
  refuses_header(tensor("[1]", "[0,4,4]"), "more than 2 numbers", four);
  refuses_header(tensor("[1]", "[4,0]"), "leaving a hole at 0", four);
  refuses_header(tensor("[1]", "[4,8]"), "leaving a hole at 0", eight);
  refuses_header(tensor("[1]", "[0,8]"), "leave the 4 bytes", four);
  refuses_header(tensor("[1]", "[0,18446744073709551615]"), "leave the 4 bytes", four);
  refuses_header(tensor("[1]", "[18446744073709551612,0]"), "leaving a hole", four);
  refuses_header(tensor("[1]", "[0,8]"), "needs 4 bytes, its data_offsets hold 8", eight);
  refuses_header(tensor("[3]", "[0,8]"), "needs 12 bytes, its data_offsets hold 8", eight);
  refuses_header(tensor("[0]", "[0,4]"), "needs 0 bytes, its data_offsets hold 4", four);
  refuses_header(tensor("[]", "[0,0]"), "needs 4 bytes, its data_offsets hold 0");
}

TEST_CASE("tensors that do not tile the data are refused") {
  const auto two = [](std::string_view first, std::string_view second) {
    return fmt::format(R"({{"a":{{"dtype":"F32","shape":[1],"data_offsets":{}}},)"
                       R"("b":{{"dtype":"F32","shape":[1],"data_offsets":{}}}}})",
                       first, second);
  };
  CHECK(decode(with_header(two("[0,4]", "[4,8]"), eight), "w").tensors.size() == 2);
  refuses_header(two("[0,4]", "[0,4]"), "tensor 'b': its data starts at 0, overlapping at 4",
                 eight);
  refuses_header(two("[0,4]", "[2,6]"), "overlapping at 4", eight);
  refuses_header(two("[0,4]", "[5,9]"), "leaving a hole at 4", eight + "x");
  refuses_header(two("[0,4]", "[4,8]"), "end at byte 8 of 9 bytes", eight + "x");
  refuses_header(two("[0,4]", "[4,8]"), "leave the 7 bytes", eight.substr(1));
  refuses_header("{}", "end at byte 0 of 4 bytes", four);
}

TEST_CASE("claims past the limits are refused") {
  refuses_header(tensor("[1,1,1,1,1,1,1,1,1]", "[0,4]"), "more than 8 sizes", four);
  const std::string long_name(1025, 'n');
  refuses_header(fmt::format(R"({{"{}":{{}}}})", long_name), "has 1025 bytes, more than 1024");
  refuses_header(fmt::format(R"({{"__metadata__":{{"{}":""}}}})", long_name), "has 1025 bytes");

  TensorFileLimits small;
  small.metadata_entries = 1;
  small.metadata_value_bytes = 3;
  small.header_bytes = 60;
  const auto refuses_small = [&small](std::string_view json, std::string_view part) {
    check_fails(ExitCode::bad_artifact, part, [&] { decode(with_header(json), "w", small); });
  };
  refuses_small(R"({"__metadata__":{"a":"1","b":"2"}})", "more than 1 metadata entries");
  refuses_small(R"({"__metadata__":{"a":"1234"}})", "has 4 bytes, more than 3");
  refuses_small("{}" + std::string(59, ' '), "a header of 61 bytes, more than 60");
}

TEST_CASE("a million tensors are refused at the limit") {
  std::string json = "{";
  for (int i = 0; i < 1'000'000; ++i) {
    json += fmt::format("\"{}\":{{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}},", i);
  }
  json.back() = '}';
  refuses(with_header(json), "more than 65536 tensors");
}

TEST_CASE("deep nesting is refused at its first wrong level") {
  const std::string open(1'000'000, '[');
  refuses_header("{\"w\":" + open, "an array stands where an object");
  refuses_header(tensor(open, "[0,0]"), "an array stands where an unsigned integer");
  std::string objects = "{";
  for (int i = 0; i < 100'000; ++i) objects += R"("w":{)";
  refuses_header(objects, "unknown key 'w'");
}

TEST_CASE("a hostile name does not reach the terminal") {
  refuses_header("{\"\\u001b[31mred\\u0007\":1}", "tensor '");
  try {
    decode(with_header("{\"\\u001b[31mred\":1}"), "w");
  } catch (const RunError& error) {
    CHECK(std::string_view(error.what()).find('\x1b') == std::string_view::npos);
  }
}

}  // namespace coil::safetensors_hostile_test
