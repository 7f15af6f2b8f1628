#include "runtime/artifact/npy.hpp"

#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <limits>
#include <rapidcheck.h>

#include "compiler/source/internal_error.hpp"

#include "tests/artifact/support.hpp"

namespace coil {

namespace {

using Floats = std::vector<float>;
using Integers = std::vector<std::int32_t>;

// The bytes numpy.save writes: the dict, the spare room, the padding to 64 and the newline.
std::string numpy_file(std::string dict, std::size_t header_bytes, std::string_view data) {
  std::string bytes = std::string("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header_bytes & 0xFF);
  bytes += static_cast<char>(header_bytes >> 8);
  dict.append(header_bytes - dict.size() - 1, ' ');
  return bytes + dict + '\n' + std::string(data);
}

// A Python with NumPy, or empty.
std::string python_with_numpy() {
  for (const char* python : {"python3", "/usr/bin/python3"}) {
    const std::string command = fmt::format("{} -c 'import numpy' 2> /dev/null", python);
    if (std::system(command.c_str()) == 0) return python;
  }
  return "";
}

}  // namespace

TEST_CASE("a float array has the bytes that NumPy writes") {
  const NpyArray array{{2, 1}, Floats{1.0F, -2.0F}};
  const std::string bytes =
      numpy_file("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }", 118,
                 std::string_view("\x00\x00\x80\x3F\x00\x00\x00\xC0", 8));
  CHECK(bytes.size() == 128 + 8);
  CHECK(encode_npy(array) == bytes);
  CHECK(decode_npy(bytes, "a.npy") == array);
}

TEST_CASE("an integer array has the bytes that NumPy writes") {
  const NpyArray array{{3}, Integers{1, -1, 256}};
  const std::string bytes =
      numpy_file("{'descr': '<i4', 'fortran_order': False, 'shape': (3,), }", 118,
                 std::string_view("\x01\0\0\0\xFF\xFF\xFF\xFF\0\x01\0\0", 12));
  CHECK(encode_npy(array) == bytes);
  CHECK(decode_npy(bytes, "a.npy") == array);
}

TEST_CASE("scalars and empty arrays are arrays") {
  for (const NpyArray& array :
       {NpyArray{{}, Floats{7}}, NpyArray{{0}, Floats{}}, NpyArray{{3, 0, 2}, Integers{}}}) {
    CHECK(decode_npy(encode_npy(array), "a.npy") == array);
    CHECK(encode_npy(array).find('\n') % 64 == 63);
  }
}

TEST_CASE("any array comes back from its bytes") {
  const auto holds = [](const Floats& floats, const Integers& integers) {
    const NpyArray first{{static_cast<std::int64_t>(floats.size()), 1}, floats};
    const NpyArray second{{1, static_cast<std::int64_t>(integers.size())}, integers};
    RC_ASSERT(decode_npy(encode_npy(first), "a") == first);
    RC_ASSERT(decode_npy(encode_npy(second), "b") == second);
  };
  CHECK(rc::check(holds));
}

TEST_CASE("doubles become floats, wide and narrow integers int32") {
  const auto file = [](std::string_view type, std::string_view data) {
    return numpy_file(
        fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': (2,), }}", type), 118, data);
  };
  const std::string doubles("\0\0\0\0\0\0\xF8\x3F\0\0\0\0\0\0\xF0\x7F", 16);  // 1.5, infinity
  const float infinity = std::numeric_limits<float>::infinity();
  CHECK(decode_npy(file("<f8", doubles), "a") == NpyArray{{2}, Floats{1.5F, infinity}});
  const std::string wide("\xFF\xFF\xFF\x7F\0\0\0\0\0\0\0\x80\xFF\xFF\xFF\xFF", 16);
  CHECK(decode_npy(file("<i8", wide), "a") == NpyArray{{2}, Integers{2147483647, -2147483647 - 1}});
  CHECK(decode_npy(file("|u1", "\x07\xFF"), "a") == NpyArray{{2}, Integers{7, 255}});
}

TEST_CASE("version 2.0 and a header in another order are read") {
  const std::string header = "{\"shape\":(1,1,),'fortran_order':False,\n'descr':'<i4'}\n";
  std::string bytes = std::string("\x93NUMPY\x02\x00", 8);
  bytes += static_cast<char>(header.size());
  bytes += std::string(3, '\0') + header + std::string("\x05\0\0\0", 4);
  CHECK(decode_npy(bytes, "a") == NpyArray{{1, 1}, Integers{5}});
}

TEST_CASE("files go through the disk") {
  const TestFolder folder;
  const NpyArray array{{2}, Floats{3, 4}};
  write_npy(folder / "a.npy", array);
  CHECK(read_npy(folder / "a.npy") == array);
  check_fails(ExitCode::io, "none.npy", [&] { read_npy(folder / "none.npy"); });
  check_fails(ExitCode::io, "/dev/full", [&] { write_npy("/dev/full", array); });
}

TEST_CASE("a shape that does not fit its values is not written") {
  CHECK_THROWS_AS(encode_npy({{2, 2}, Floats{1, 2, 3}}), InternalError);
  CHECK_THROWS_AS(encode_npy({{-1}, Floats{}}), InternalError);
  CHECK_THROWS_AS(encode_npy({{1, 1, 1, 1, 1, 1, 1, 1, 1}, Floats{1}}), InternalError);
}

TEST_CASE("NumPy loads what is written here, and writes the same bytes") {
  const std::string python = python_with_numpy();
  if (python.empty()) {
    WARN("no NumPy here: the fixed bytes above stand alone");
    return;
  }
  const TestFolder folder;
  const std::vector<NpyArray> arrays = {{{}, Floats{-1.5F}},
                                        {{0, 3}, Floats{}},
                                        {{2, 3}, Floats{1, 2, 3, 4, 5, 6}},
                                        {{4}, Integers{1, -2, 3, -4}},
                                        {{1, 2, 2}, Integers{0, 2147483647, -1, 9}}};
  for (const NpyArray& array : arrays) {
    write_npy(folder / "ours.npy", array);
    const std::string command =
        fmt::format("{} -c \"import numpy; numpy.save('{}', numpy.load('{}'))\"", python,
                    folder / "numpys.npy", folder / "ours.npy");
    REQUIRE(std::system(command.c_str()) == 0);
    CHECK(bytes_of(folder / "numpys.npy") == bytes_of(folder / "ours.npy"));
    CHECK(read_npy(folder / "numpys.npy") == array);
  }
}

}  // namespace coil
