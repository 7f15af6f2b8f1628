// What is typed wrongly, in either command: exit 2, nothing on stdout, and a message that helps.

#include <catch2/catch.hpp>

#include "tests/cli/process.hpp"

namespace coil::test {
namespace {

struct Mistake {
  Words words;
  std::string message;
};

void check(const Folder& folder, const Mistake& mistake, int code = 2) {
  const Result result = folder.run(mistake.words);
  INFO(result.err);
  CHECK(result.code == code);
  CHECK(result.out.empty());
  CHECK(result.err.find(mistake.message) != std::string::npos);
  CHECK(result.err.find(mistake.words[0] + ": error: ") == 0);
}

}  // namespace

TEST_CASE("mistyped names are told with what was meant") {
  const Folder folder;
  folder.write("tiny.model", tiny_model);
  const Mistake mistakes[] = {
      {{"coil", "trian"}, "there is no command 'trian'; did you mean 'train'?"},
      {{"coil", "--versoin"}, "unknown option '--versoin'; did you mean '--version'?"},
      {{"coil", "train", "--epocs", "3"}, "unknown option '--epocs'; did you mean '--epochs'?"},
      {{"coil", "generate", "x", "--promt=a"}, "'--promt'; did you mean '--prompt'?"},
      {{"coilc", "tiny.model", "--emmit=hash"}, "'--emmit'; did you mean '--emit'?"},
      {{"coilc", "tiny.model", "--emit=grpah"}, "did you mean 'graph'?"},
      {{"coilc", "tiny.model", "--after=canonicalize"}, "did you mean 'canonicalise'?"},
      {{"coilc", "tiny.model", "--only=share_comon"}, "did you mean 'share_common'?"},
      {{"coilc", "tiny.model", "--explain=order_by_us"}, "did you mean 'order_by_use'?"},
      {{"coilc", "tiny.model", "--entry=train-step"}, "did you mean 'train_step'?"},
      {{"coilc", "tiny.model", "-D", "hiden=3"}, "did you mean 'hidden'?"},
      {{"coil", "train", "tiny.model", "--corpus", "t", "-o", "o", "--scheme=block"},
       "did you mean 'blocks'?"},
      {{"coil", "train", "tiny.model", "--corpus", "t", "-o", "o", "--lowering=hoist"},
       "did you mean 'hoisted'?"},
      {{"coilc", "tiny.model", "--lowering=auto"}, "--lowering"},
  };
  for (const Mistake& mistake : mistakes) check(folder, mistake);
}

TEST_CASE("numbers are read strictly and their range is named") {
  const Folder folder;
  const Words train = {"coil", "train", "m", "--corpus", "t", "-o", "o"};
  const auto with = [](Words words, const std::string& option, const std::string& value) {
    words.insert(words.end(), {option, value});
    return words;
  };
  for (const char* value :
       {"3x", "0", "-1", "", " 3", "3.0", "1e3", "0x10", "99999999999999999999", "1000001", "nan"})
    check(folder, {with(train, "--epochs", value), "--epochs: '"});
  check(folder, {with(train, "--epochs", "0"), "is not a whole number from 1 to 1000000"});
  for (const char* value : {"0", "-0.1", "nan", "inf", "1e400", "0.1.2", "fast"})
    check(folder, {with(train, "--learning-rate", value), "--learning-rate: '"});
  check(folder, {with(train, "--seed", "18446744073709551616"), "--seed: '"});
  check(folder, {with(train, "-s", "-1"), "--seed: '-1'"});
  check(folder, {with(train, "--threads", "0"), "--threads: '0'"});
  const Words generate = {"coil", "generate", "x", "-p", "a"};
  check(folder, {with(generate, "-n", "-2"), "--count: '-2'"});
  check(folder, {with(generate, "--temp", "NaN"), "--temp: 'NaN'"});
  check(folder, {{"coilc", "m", "--batch=0"}, "--batch: '0'"});
}

TEST_CASE("what is missing, too much or at odds is told") {
  const Folder folder;
  folder.write("tiny.model", tiny_model);
  const Mistake mistakes[] = {
      {{"coil"}, "a command is missing"},
      {{"coilc"}, "MODEL is required"},
      {{"coil", "train", "m", "-o", "x"}, "--corpus is required"},
      {{"coil", "train", "m", "--corpus"}, "--corpus needs a value (see 'coil train --help')"},
      {{"coilc", "a.model", "b.model"}, "'b.model' is one argument too many"},
      {{"coil", "info", "--epochs", "3"}, "unknown option '--epochs'"},
      {{"coil", "generate", "x", "-p", "a", "-f", "b"}, "excludes"},
      {{"coil", "generate", "x", "-p", "a", "--seed", "1", "--seed", "2"}, "more than once"},
      {{"coil", "run", "tiny.model"}, "--text TEXT, or --input"},
      {{"coil", "run", "x", "--text", "a", "--input", "a=b"}, "excludes"},
      {{"coilc", "tiny.model", "-D", "hidden"}, "expected name=value"},
      {{"coilc", "tiny.model", "-m", "Tyni"}, "'Tyni'"},
      {{"coilc", "tiny.model", "-o", "x.coil", "--after=share_common"}, "leave out --after"},
      {{"coilc", "tiny.model", "--emit=plan", "--only=share_common"}, "one graph to show"},
      {{"coilc", "tiny.model", "--after=attach_adam", "--entry=predict"}, "does not run"},
  };
  for (const Mistake& mistake : mistakes) check(folder, mistake);
  CHECK(folder.files() == 3);  // the model, out and err
}

TEST_CASE("--version goes to stdout") {
  const Folder folder;
  for (const char* program : {"coil", "coilc"}) {
    const Result result = folder.run({program, "--version"});
    CHECK(result.code == 0);
    CHECK(result.out == std::string(program) + " " + COIL_VERSION + "\n");
    CHECK(result.err.empty());
  }
}

TEST_CASE("a full disk is an error, not silence") {
  const Folder folder;
  const Result result = folder.shell("coil info >/dev/full");
  CHECK(result.code == 5);
  CHECK(result.err == "coil: error: cannot write to standard output: No space left on device\n");
}

}  // namespace coil::test
