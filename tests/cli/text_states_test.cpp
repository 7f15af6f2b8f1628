// generate, run and eval: prompts from everywhere, several texts, states in files, other steps, and what they refuse.

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "compiler/source/utf8.hpp"

#include "runtime/artifact/npy.hpp"
#include "runtime/generate/live_state.hpp"

#include "tests/cli/process.hpp"
#include "tests/support/cases.hpp"

namespace coil::test::text_states_test {
namespace {

using Json = nlohmann::json;

constexpr const char* memory_model = R"(model Memory(vocab = 12, steps = 4, hidden = 6) {
  input x[steps]: index(vocab)
  output x |> embedding(vocab, 4) |> lstm(hidden, stateful = true) |> dense(vocab, softmax)
}
)";

constexpr const char* loop_model = R"(model Loop(vocab = 12, steps = 3, hidden = 8) {
  input x[steps]: index(vocab)
  output x |> embedding(vocab, 4) |> simple_rnn(hidden) |> last |> dense(vocab, softmax)
}
)";

// Trained once, and copied for each test.
struct ThreeModels : Corpus {
  ThreeModels() {
    write("memory.model", memory_model);
    write("loop.model", loop_model);
    REQUIRE(train({"--epochs", "4", "--learning-rate", "0.02", "--batch", "8"}, "memory.model",
                  "memory.coil")
                .code == 0);
    REQUIRE(train({"--epochs", "1"}, "loop.model", "loop.coil").code == 0);
    REQUIRE(train({"--epochs", "1"}, "tiny.model", "tiny.coil").code == 0);
  }
};

struct Texts : Corpus {
  Texts() {
    static const ThreeModels made;
    copy(made);
  }
  std::string out_of(const std::string& line) const {
    const Result result = shell(line);
    INFO(line << "\n" << result.err);
    REQUIRE(result.code == 0);
    CHECK(result.err.empty());
    return result.out;
  }
  void refused(const std::string& line, int code, const std::string& message) const {
    const Result result = shell(line);
    INFO(line << "\n" << result.err);
    CHECK(result.code == code);
    CHECK(result.out.empty());
    CHECK(result.err.find(message) != std::string::npos);
  }
  void indices(const std::string& file, std::vector<std::int64_t> shape,
               std::vector<std::int32_t> values) const {
    write_npy(path(file), {std::move(shape), std::move(values)});
  }
  std::vector<float> reals(const std::string& file) const {
    return std::get<std::vector<float>>(read_npy(path(file)).values);
  }
};

std::vector<Json> lines_of_json(const std::string& text) {
  std::vector<Json> objects;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) objects.push_back(Json::parse(line));
  return objects;
}

const std::vector<std::string> models = {"tiny.coil", "loop.coil", "memory.coil"};

}  // namespace

TEST_CASE_METHOD(Texts, "a prompt comes from -p, -f or standard input, all the same") {
  const std::string text = out_of("coil generate memory.coil -p 'the cat' -n 30");
  CHECK(text.size() == 37);
  write("prompt", "the cat\n");
  CHECK(out_of("coil generate memory.coil -f prompt -n 30") == text);
  CHECK(out_of("coil generate memory.coil -n 30 <prompt") == text);
  CHECK(out_of("cat prompt | coil generate memory.coil -f - -n 30") == text);
  CHECK(out_of("printf '\\357\\273\\277the cat\\r\\n' | coil generate memory.coil -n 30") == text);
  // One newline is the file's, another one the prompt's.
  write("longer", "the cat\n\n");
  CHECK(out_of("coil generate memory.coil -f longer -n 0") == "the cat\n");
  refused("coil generate memory.coil -p a -f prompt", 2, "--file");
  refused("coil generate memory.coil -f missing", 5, "missing");
}

TEST_CASE_METHOD(Texts, "an empty prompt and no characters are no mistakes") {
  for (const std::string& model : models) {
    CHECK(out_of("coil generate " + model + " -p '' -n 9").size() == 9);
    CHECK(out_of("coil generate " + model + " -n 9 </dev/null").size() == 9);
    CHECK(out_of("coil generate " + model + " -p '' -n 0").empty());
    CHECK(out_of("coil generate " + model + " -p the -n 0 --n-samples 2 --jsonl").size() > 100);
  }
}

TEST_CASE_METHOD(Texts, "numbers that make no sense are usage errors, naming option and range") {
  for (const char* bad : {"--temp -1", "--temp nan", "--temp inf", "--temp 1x", "--top-p 1.1",
                          "--top-p nan", "--min-p -0.1", "--top-k -1", "--repeat-penalty 0.9",
                          "--repeat-last-n -1", "-n -2", "-n x", "--n-samples 0", "--seed -1"}) {
    const std::string words(bad);
    const std::string option = words.substr(0, words.find(' '));
    refused("coil generate memory.coil -p a " + words, 2, option == "-n" ? "--count" : option);
  }
}

TEST_CASE_METHOD(Texts, "every filter is heard") {
  const auto with = [&](const std::string& options) {
    return out_of("coil generate memory.coil -p the -n 120 --seed 3 --temp 1.5 " + options);
  };
  const std::string plain = with("");
  for (const char* filter : {"--top-k 2", "--top-p 0.5", "--min-p 0.5", "--repeat-penalty 3"})
    CHECK(with(filter) != plain);
  const std::string greedy = out_of("coil generate memory.coil -p the -n 120");
  CHECK(with("--top-k 1") == greedy);
  CHECK(with("--top-p 0") == greedy);
  CHECK(with("--min-p 1") == greedy);
  CHECK(with("--top-k 0 --top-p 1 --min-p 0 --repeat-penalty 1") == plain);
  CHECK(with("--repeat-penalty 3 --repeat-last-n 0") == plain);
}

TEST_CASE_METHOD(Texts, "a text is the same at any number of threads") {
  for (const std::string& model : models) {
    const std::string line = "coil generate " + model + " -p the -n 200 --temp 1 --seed 9 -t ";
    CHECK(out_of(line + "1") == out_of(line + "2"));
  }
}

TEST_CASE_METHOD(Texts,
                 "samples are the same however many there are, each as with its seed alone") {
  const auto texts = [&](const std::string& model, int samples) {
    const auto objects =
        lines_of_json(out_of(fmt::format("coil generate {} -p 'The ' -n 50 --temp 1 --seed 7 "
                                         "--n-samples {} --jsonl",
                                         model, samples)));
    REQUIRE(std::ssize(objects) == samples);
    return objects;
  };
  for (const std::string& model : models) {
    const auto many = texts(model, 11), few = texts(model, 2);
    CHECK(many[0] == few[0]);
    CHECK(many[1] == few[1]);
    CHECK(many[0]["text"] != many[1]["text"]);
    for (std::size_t i = 0; i < many.size(); ++i) {
      CHECK(many[i]["sample"] == i + 1);
      CHECK(many[i]["seed"] == 7 + i);
      CHECK(many[i]["prompt"] == "The ");
      CHECK(many[i]["prompt_tokens"] == 4);
      CHECK(many[i]["tokens"] == 50);
      CHECK(many[i]["stop"] == "length");
      if (i > 1 && i < many.size() - 1 && i % 4 != 3) continue;  // a start each
      const std::string alone =
          out_of(fmt::format("coil generate {} -p 'The ' -n 50 --temp 1 --seed {}", model, 7 + i));
      CHECK(alone == "The " + many[i]["text"].get<std::string>());
    }
  }
  const std::string plain =
      out_of("coil generate memory.coil -p 'The ' -n 50 --temp 1 --seed 7 --n-samples 2");
  const auto two = texts("memory.coil", 2);
  CHECK(plain == "--- sample 1, seed 7\nThe " + two[0]["text"].get<std::string>() +
                     "\n--- sample 2, seed 8\nThe " + two[1]["text"].get<std::string>() + "\n");
}

TEST_CASE_METHOD(Texts, "200 characters and 200 more through a saved state are the bytes of 400") {
  for (const std::string& model : models)
    for (const std::string options : {"--temp 1 --seed 5", "", "--temp 1 --repeat-penalty 1.5"}) {
      const std::string begin = "coil generate " + model + " -p 'the cat sat' " + options;
      const std::string first = out_of(begin + " -n 200 --state-out state");
      const std::string go_on = "coil generate " + model + " --state-in state " + options;
      // Its seed is that of the state where none is given, and the state can go on into itself.
      const std::string second = out_of(go_on + " -n 150 --state-out state </dev/null");
      const std::string third = out_of(go_on.substr(0, go_on.find("--seed")) + " -n 50");
      CHECK(first + second + third == out_of(begin + " -n 400"));
    }
}

TEST_CASE_METHOD(Texts, "several samples go on from one state, each as it would alone") {
  for (const std::string& model : models) {
    out_of("coil generate " + model +
           " -p 'the cat sat' -n 30 --temp 1 --seed 5 --state-out state");
    const std::string go_on = "coil generate " + model + " --state-in state -p ' a' -n 40 --temp 1";
    const std::string many = out_of(go_on + " --n-samples 9 --seed 7");
    const std::size_t each = many.size() / 9;  // they differ by a digit of the seed
    for (int i : {0, 1, 7, 8}) {
      const std::string alone = fmt::format("--- sample {}, seed {}\n{}\n", i + 1, 7 + i,
                                            out_of(fmt::format("{} --seed {}", go_on, 7 + i)));
      CHECK(many.find(alone) / each == std::size_t(i));
    }
  }
}

TEST_CASE_METHOD(Texts, "a state that does not belong is refused by name") {
  out_of("coil generate memory.coil -p the -n 5 --state-out state");
  refused("coil generate loop.coil --state-in state", 3,
          "state: the state is of model Memory (graph ");
  refused("coil generate loop.coil --state-in state", 3, "and this one is Loop (graph ");
  REQUIRE(train({"--epochs", "1", "--batch", "8", "-D", "hidden=7"}, "memory.model", "wide.coil")
              .code == 0);
  refused("coil generate wide.coil --state-in state", 3, "this one is Memory (graph ");
  refused("coil generate memory.coil --state-in memory.coil", 3, "but a model");
  refused("coil generate memory.coil --state-in text.txt", 3, "text.txt");
  refused("coil generate memory.coil --state-in missing", 5, "missing");
  refused("coil generate state -p a", 3, "state: has no coil.graph");
  refused("coil generate memory.coil -p a --state-out memory.coil", 2, "is no state");
  refused("coil generate memory.coil -p a --state-out no/state", 5, "no/state");
  refused("coil generate memory.coil -p a --state-out s --n-samples 2", 2,
          "2 samples end in 2 states");
  refused("coil generate memory.coil -p a -n -1 --jsonl", 2, "-n -1");
}

TEST_CASE_METHOD(Texts, "Ctrl-C keeps what was written, and the state goes on from there") {
  const pid_t process = start({"coil", "generate", "memory.coil", "-p", "the", "-n", "-1", "--temp",
                               "1", "--state-out", "state"});
  for (int i = 0; i < 2000 && read("out").size() < 500; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  ::kill(process, SIGINT);
  const Result result = wait(process);
  CHECK(result.code == 130);
  CHECK(result.err == "coil: interrupted; the state is saved\n");
  REQUIRE(result.out.size() >= 500);
  const std::string rest = out_of("coil generate memory.coil --state-in state --temp 1 -n 60");
  CHECK(result.out + rest == out_of(fmt::format("coil generate memory.coil -p the --temp 1 -n {}",
                                                result.out.size() - 3 + 60)));
}

TEST_CASE_METHOD(Texts, "a reader that has enough ends it, samples and all") {
  for (const char* options : {"-n -1", "-n 1000 --n-samples 100000 --jsonl"}) {
    const Result result = shell(std::string("coil generate memory.coil -p the ") + options +
                                " 2>told | head -c 10 >first; cat told first");
    CHECK(result.code == 0);
    CHECK(result.out.size() == 10);
  }
}

TEST_CASE_METHOD(Texts, "a prompt of a megabyte is read") {
  std::string prompt;
  while (prompt.size() < length<std::size_t>(1'000'000))
    prompt += "the cat sat on A hat, not a cot\n";
  write("prompt", prompt + "the ca");
  for (const std::string& model : models) {
    const Result result = shell("coil generate " + model + " -f prompt -n 10 | tail -c 16");
    CHECK(result.err.empty());
    CHECK(result.out.substr(0, 6) == "the ca");
  }
}

TEST_CASE("what is written is UTF-8 whole, whatever the characters") {
  const Corpus folder;
  std::string text;
  for (int i = 0; i < 50; ++i) text += "où êtes-vous, 雪? 𝄞 Ж ";
  folder.write("text.txt", text);
  folder.write("memory.model", memory_model);
  REQUIRE(folder.train({"-D", "vocab=40", "--epochs", "1", "--batch", "4"}, "memory.model").code ==
          0);
  for (const char* options : {"", " --n-samples 3", " --n-samples 3 --jsonl"}) {
    const Result result =
        folder.shell(std::string("coil generate out.coil -p 'où 雪' -n 200 --temp 5") + options);
    CHECK(result.code == 0);
    CHECK(find_invalid_utf8(result.out) == std::string::npos);
    CHECK(result.out.find("où 雪") != std::string::npos);
  }
}

TEST_CASE_METHOD(Texts, "run --text goes on from a state, and leaves one") {
  const std::string whole = out_of("coil run memory.coil --text 'the cat sat'");
  out_of("coil run memory.coil --text 'the ca' --state-out state");
  CHECK(out_of("coil run memory.coil --text 't sat' --state-in state") == whole);
  CHECK(out_of("coil generate memory.coil --state-in state -p 't sat' -n 30") ==
        out_of("coil generate memory.coil -p 'the cat sat' -n 30").substr(6));
}

TEST_CASE_METHOD(Texts, "run: two calls through a state are one call of twice the steps") {
  indices("first.npy", {2, 4}, {1, 5, 7, 0, 11, 3, 2, 2});
  indices("second.npy", {2, 4}, {4, 4, 9, 8, 0, 1, 10, 6});
  indices("whole.npy", {2, 8}, {1, 5, 7, 0, 4, 4, 9, 8, 11, 3, 2, 2, 0, 1, 10, 6});
  out_of("coil run memory.coil --input first.npy --output a.npy --state-out state");
  out_of("coil run memory.coil --input second.npy --output b.npy --state-in state");
  out_of("coil run memory.coil --steps 8 --input whole.npy --output whole_out.npy");
  const auto a = reals("a.npy"), b = reals("b.npy"), whole = reals("whole_out.npy");
  REQUIRE(whole.size() == 2 * 8 * 12);
  for (std::size_t row = 0; row < 2; ++row)
    for (std::size_t i = 0; i < 48; ++i) {
      CHECK(whole[row * 96 + i] == Approx(a[row * 48 + i]).epsilon(1e-5).margin(1e-7));
      CHECK(whole[row * 96 + 48 + i] == Approx(b[row * 48 + i]).epsilon(1e-5).margin(1e-7));
    }
  // A state counts: without it the second call is another.
  out_of("coil run memory.coil --input second.npy --output anew.npy");
  CHECK(reals("anew.npy") != b);
  indices("one.npy", {1, 4}, {1, 2, 3, 4});
  refused("coil run memory.coil --input one.npy --output y.npy --state-in state", 3,
          "the state is of 2 rows, and the batch of the arrays is 1");
  out_of("coil generate memory.coil -p the -n 5 --state-out text_state");
  refused("coil run memory.coil --input one.npy --output y.npy --state-in text_state", 3,
          "whose last character waits to be read");
  indices("three.npy", {1, 3}, {1, 2, 3});
  refused("coil run loop.coil --input three.npy --output y.npy --state-in state", 2,
          "model Loop has no states");
  refused("coil run loop.coil --input three.npy --output y.npy --state-out state", 2,
          "model Loop has no states");
}

TEST_CASE_METHOD(Texts, "run --steps: other numbers where the text allows, else why not") {
  indices("five.npy", {2, 5}, {1, 5, 7, 0, 11, 3, 2, 2, 4, 9});
  out_of("coil run loop.coil --steps 5 --input x=five.npy --output y.npy");
  // As the text with five steps and the same weights.
  std::filesystem::copy_file(path("loop.coil"), path("loop.safetensors"));
  out_of(
      "coil run loop.model -D steps=5 --weights loop.safetensors --input five.npy --output z.npy");
  CHECK(read("y.npy") == read("z.npy"));
  CHECK(out_of("coil run loop.coil --steps 9 --text 'the cat sat'").size() > 20);
  refused("coil run loop.coil --steps 5 --input three.npy --output y.npy", 5, "three.npy");
  refused("coil run tiny.coil --steps 5 --text the", 2,
          "--steps 5: model Tiny cannot run over another number of steps: its text has an input "
          "for each step");
  refused("coil run loop.coil --steps 0 --text the", 2, "--steps");
}

TEST_CASE_METHOD(Texts, "eval prints the same numbers in words and as JSON") {
  for (const std::string& model : models) {
    const std::string table = out_of("coil eval " + model + " --corpus text.txt");
    const Json json = Json::parse(out_of("coil eval " + model + " --corpus text.txt --json"));
    const double loss = json["loss"];
    CHECK(table.find(fmt::format("loss                {:.6f} nats\n", loss)) == 0);
    CHECK(json["perplexity"] == Approx(std::exp(loss)));
    CHECK(json["bits_per_character"] == Approx(loss / std::log(2.0)));
    CHECK(json["accuracy"] > 0.1);
    CHECK(json["accuracy"] < 1);
    CHECK(json["characters"] == 980);
    CHECK(json["predictions"] > 400);
  }
  // As it was trained, unless the scheme is another one.
  CHECK(out_of("coil eval memory.coil --corpus text.txt").find("(streams, batch 64)") !=
        std::string::npos);
  CHECK(out_of("coil eval tiny.coil --corpus text.txt --scheme windows --batch 5")
            .find("978 of 980 characters (windows, batch 5)") != std::string::npos);
}

TEST_CASE_METHOD(Texts, "eval refuses what it cannot measure") {
  write("strange.txt", "the cat\nsat on a zoo");
  refused("coil eval memory.coil --corpus strange.txt", 1, "strange.txt:2:10: character 18");
  CHECK(out_of("coil eval memory.coil --corpus strange.txt --unknown=skip").find("of 19") !=
        std::string::npos);
  CHECK(out_of("coil eval memory.coil --corpus strange.txt --unknown=replace:a").find("of 20") !=
        std::string::npos);
  write("short.txt", "the");
  refused("coil eval memory.coil --corpus short.txt", 1, "short.txt: the text has 3 characters");
  refused("coil eval memory.coil --corpus missing.txt", 5, "missing.txt");
  refused("coil eval missing.coil --corpus text.txt", 5, "missing.coil");
  refused("coil eval memory.coil", 2, "--corpus");
  REQUIRE(run({"coilc", "memory.model", "-o", "fresh.coil"}).code == 0);
  refused("coil eval fresh.coil --corpus text.txt", 3, "has not been trained");
}

}  // namespace coil::test::text_states_test
