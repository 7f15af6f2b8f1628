#include <fmt/format.h>
#include <random>

#include "runtime/artifact/npy.hpp"

#include "tests/artifact/support.hpp"

namespace coil::npy_hostile_test {

namespace {

const std::string four(4, '\0');

std::string file_of(std::string_view header, std::string_view data) {
  std::string bytes = std::string("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size() & 0xFF);
  bytes += static_cast<char>(header.size() >> 8);
  bytes += header;
  bytes += data;
  return bytes;
}

void refuses(std::string_view bytes, std::string_view part) {
  check_fails(ExitCode::bad_artifact, part, [&] { decode_npy(bytes, "a.npy"); });
}

void refuses_header(std::string_view header, std::string_view part) {
  INFO("header: " << header);
  refuses(file_of(header, four), part);
}

std::string header_of(std::string_view type, std::string_view order, std::string_view shape) {
  return fmt::format("{{'descr': {}, 'fortran_order': {}, 'shape': {}, }}\n", type, order, shape);
}

void refuses_shape(std::string_view shape, std::string_view part) {
  refuses_header(header_of("'<f4'", "False", shape), part);
}

void refuses_type(std::string_view type, std::string_view part) {
  refuses_header(header_of(type, "False", "(1,)"), part);
}

}  // namespace

TEST_CASE("the .npy form used below is accepted where it tells the truth") {
  CHECK(decode_npy(file_of(header_of("'<f4'", "False", "(1,)"), four), "a").shape.size() == 1);
  CHECK(decode_npy(file_of(header_of("'<i4'", "False", "(1,1,)"), four), "a").shape.size() == 2);
}

TEST_CASE("what is no .npy file is refused") {
  refuses("", "does not start with");
  refuses("\x93NUMP", "does not start with");
  refuses("PK\x03\x04", ".npz");
  refuses("\x93NUMPY", "ends before its version");
  refuses(std::string("\x93NUMPY\x01\x00", 8), "ends before its header's length");
  refuses(std::string("\x93NUMPY\x03\x00\x00\x00\x00\x00", 12), "version 3.0");
  refuses(std::string("\x93NUMPY\x01\x01\x00\x00", 10), "version 1.1");
  refuses(std::string("\x93NUMPY\x01\x00\xFF\xFF", 10), "a header of 65535 bytes in a file of 10");
  refuses(std::string("\x93NUMPY\x02\x00\xFF\xFF\xFF\xFF", 12),
          "a header of 4294967295 bytes, more");
}

TEST_CASE("types and orders that are not read are named") {
  refuses_type("'>f4'", "type '>f4'");
  refuses_type("'<f2'", "type '<f2'");
  refuses_type("'|b1'", "type '|b1'");
  refuses_type("'|O'", "type '|O'");
  refuses_type("''", "type ''");
  refuses_type("[('x', '<f4')]", "structured elements");
  refuses_type("None", "a string is due");
  refuses_header("{'descr': '<f4", "a string without an end");
  refuses_type("'\\x3cf4'", "an escape in a string");
  refuses_header(header_of("'<f4'", "True", "(1,)"), "Fortran order");
  refuses_header(header_of("'<f4'", "0", "(1,)"), "True or False is due");
}

TEST_CASE("a shape is an exact tuple of sizes") {
  refuses_shape("(1)", "needs a comma");
  refuses_shape("[1]", "'(' is due");
  refuses_header("{'shape': (1", "',' or ')' is due");
  refuses_shape("(,)", "a size (an unsigned integer) is due");
  refuses_shape("(1,,)", "a size (an unsigned integer) is due");
  refuses_shape("(-1,)", "a size (an unsigned integer) is due");
  refuses_shape("(-0,)", "a size (an unsigned integer) is due");
  refuses_shape("(+1,)", "a size (an unsigned integer) is due");
  refuses_shape("(1.0,)", "',' or ')' is due");
  refuses_shape("(1L,)", "',' or ')' is due");
  refuses_shape("(1 2,)", "',' or ')' is due");
  refuses_shape("(True,)", "a size (an unsigned integer) is due");
  refuses_shape("(9223372036854775808,)", "a size too large");
  refuses_shape("(1,1,1,1,1,1,1,1,1)", "more than 8 dimensions");
}

TEST_CASE("the size of the data is checked without wrapping") {
  refuses_shape("(2,)", "needs 8 bytes of data, it has 4");
  refuses_shape("(0,)", "needs 0 bytes of data, it has 4");
  refuses_shape("(4611686018427387904,)", "far too many");
  refuses_shape("(4611686018427387904, 4)", "far too many");
  refuses_shape("(4294967296, 4294967296, 0)", "far too many");
  refuses(file_of(header_of("'<f4'", "False", "(1,)"), four + "x"), "it has 5");
}

TEST_CASE("the header is exactly one dict") {
  const std::string good = header_of("'<f4'", "False", "(1,)");
  refuses_header("", "byte 10: '{' is due");
  refuses_header("[]", "'{' is due");
  refuses_header("{}", "lacks 'descr'");
  refuses_header("{'descr': '<f4', 'fortran_order': False}", "lacks 'shape'");
  refuses_header("{'descr': '<f4', 'descr': '<f4'}", "'descr' stands twice");
  refuses_header("{'descr': '<f4', 'other': 1}", "unknown key 'other'");
  refuses_header("{'descr' '<f4'}", "':' is due");
  refuses_header("{'descr': '<f4' 'shape': ()}", "'}' is due");
  refuses_header(good + "x", "text after the header's '}'");
  refuses_header("{,}", "a string is due");
}

TEST_CASE("a number that does not fit is refused by its position") {
  const std::string shape = "(2, 2)";
  const std::string wide = std::string(24, '\0') + std::string("\x00\x00\x00\x80\0\0\0\0", 8);
  refuses(file_of(header_of("'<i8'", "False", shape), wide),
          "the element at [1, 1] is 2147483648, past int32");
  const std::string large =
      std::string(8, '\0') + "\xFF\xFF\xFF\xFF\xFF\xFF\xEF\x7F" + std::string(16, '\0');
  refuses(file_of(header_of("'<f8'", "False", shape), large), "the element at [0, 1] is 1.79769");
}

TEST_CASE("an .npy file cut at any length is refused, and no change of its header is a crash") {
  const std::string bytes = encode_npy({{2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6}});
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    CHECK_THROWS_AS(decode_npy(std::string_view(bytes).substr(0, length), "a"), RunError);
  }
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string mutant = bytes;
    for (std::size_t n = 1 + random() % 3; n > 0; --n) {
      constexpr std::string_view values = " '{}(),:0129-<f4i8u1\n\xFF";
      mutant[random() % 80] = values[random() % values.size()];
    }
    try {
      const NpyArray array = decode_npy(mutant, "a");
      if (decode_npy(encode_npy(array), "b").shape != array.shape) FAIL("inconsistent");
    } catch (const RunError& error) {
      if (error.code() != ExitCode::bad_artifact) FAIL(error.what());
    }
  }
}

}  // namespace coil::npy_hostile_test
