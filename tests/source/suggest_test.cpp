#include "compiler/source/suggest.hpp"

#include <catch2/catch.hpp>
#include <vector>

namespace {

const std::vector<std::string> words{"embed", "encode", "mix", "decode", "c1", "h"};

}  // namespace

TEST_CASE("a slip is understood") {
  CHECK(coil::nearest("enocde", words) == "encode");  // a swap
  CHECK(coil::nearest("embd", words) == "embed");     // one missing
  CHECK(coil::nearest("embeed", words) == "embed");   // one too many
  CHECK(coil::nearest("decose", words) == "decode");  // one wrong
  CHECK(coil::nearest("mox", words) == "mix");
  CHECK(coil::nearest("c2", words) == "c1");
  CHECK(coil::nearest("ENCODE", words) == "encode");  // case alone
  CHECK(coil::nearest("H", words) == "h");
}

TEST_CASE("what is too far is not suggested") {
  CHECK(coil::nearest("softmax", words).empty());
  CHECK(coil::nearest("x", words).empty());
  CHECK(coil::nearest("y", words).empty());
  CHECK(coil::nearest("abc", words).empty());
  CHECK(coil::nearest("", words).empty());
  CHECK(coil::nearest("embed", {}).empty());
}

TEST_CASE("the nearest wins, and the first of equals") {
  const std::vector<std::string> close{"layers", "layer", "laser", "lager"};
  CHECK(coil::nearest("layr", close) == "layer");
  CHECK(coil::nearest("later", close) == "layer");
  CHECK(coil::nearest("layer", close) == "layer");
  CHECK(coil::nearest("lazer", close) == "layer");
  CHECK(coil::nearest("laserr", close) == "laser");
}

TEST_CASE("a swap counts one") {
  const std::vector<std::string> candidates{"xbadc", "abcd"};
  CHECK(coil::nearest("abdc", candidates) == "abcd");  // not two changes, which would be too many
}

TEST_CASE("endless words are not compared") {
  const std::string endless(std::size_t{16} << 20, 'a');
  CHECK(coil::nearest(endless, {&endless, 1}).empty());
  CHECK(coil::nearest("a", {&endless, 1}).empty());
}

TEST_CASE("did_you_mean is the tail of a message") {
  CHECK(coil::did_you_mean("enocde", words) == "; did you mean 'encode'?");
  CHECK(coil::did_you_mean("softmax", words).empty());
}
