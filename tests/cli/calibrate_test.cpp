// coil calibrate, and int8 by what it measured.

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "runtime/artifact/artifact.hpp"
#include "runtime/execute/requirement.hpp"

#include "tests/cli/process.hpp"

namespace coil::test::calibrate_test {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// out.coil, trained; small.coil, calibrated on the same text.
struct Calibrated : Corpus {
  Calibrated() {
    REQUIRE(train({"--epochs", "2"}).code == 0);
    const Result result = calibrate("out.coil", "small.coil");
    INFO(result.err);
    REQUIRE(result.code == 0);
    report = result.out;
    note = result.err;
  }

  Result calibrate(const std::string& from, const std::string& to,
                   const std::string& threads = "1") const {
    return run({"coil", "calibrate", from, "--corpus", "text.txt", "-o", to, "-t", threads});
  }
  Result eval(const std::string& model, const std::string& precision) const {
    return run({"coil", "eval", model, "--corpus", "text.txt", "--json", "-t", "1", "--precision",
                precision});
  }
  nlohmann::json inspect(const std::string& model) const {
    return nlohmann::json::parse(run({"coil", "inspect", model, "--json"}).out);
  }

  std::string report, note;
};

double loss_of(const Result& result) {
  INFO(result.err);
  REQUIRE(result.code == 0);
  return nlohmann::json::parse(result.out)["loss"].get<double>();
}

std::string number_after(const std::string& text, const std::string& words) {
  const std::size_t begin = text.find_first_not_of(' ', text.find(words) + words.size());
  return text.substr(begin, text.find(' ', begin) - begin);
}

}  // namespace

TEST_CASE_METHOD(Calibrated, "calibrate tells ranges and what int8 costs, as eval measures it") {
  CHECK(contains(report, "largest of what it multiplies\n"));
  CHECK(contains(note,
                 fmt::format("coil: saved small.coil, calibrated on {} characters of text.txt\n",
                             tiny_text().size())));
  const double reals = loss_of(eval("small.coil", "f32")),
               whole = loss_of(eval("small.coil", "int8"));
  CHECK(reals == loss_of(eval("out.coil", "f32")));
  CHECK(whole != reals);
  CHECK(number_after(report, "loss in f32") == fmt::format("{:.6f}", reals));
  CHECK(number_after(report, "loss in int8") == fmt::format("{:.6f}", whole));
}

TEST_CASE_METHOD(Calibrated, "a calibrated model is told from others, and all commands take it") {
  CHECK(contains(run({"coil", "inspect", "small.coil"}).out, "calibrated for --precision int8\n"));
  CHECK_FALSE(contains(run({"coil", "inspect", "out.coil"}).out, "calibrated"));
  CHECK_FALSE(inspect("out.coil").contains("ranges"));
  const auto ranges = inspect("small.coil")["ranges"];
  REQUIRE_FALSE(ranges.empty());
  for (const auto& range : ranges) CHECK(range.get<double>() > 0);
  for (const Words& words : {Words{"coil", "generate", "small.coil", "-p", "th", "-n", "3"},
                             Words{"coil", "run", "small.coil", "--text", "th"},
                             Words{"coil", "bench", "small.coil", "--seconds", "0.002"}}) {
    INFO(words[1]);
    Words in_int8 = words;
    in_int8.insert(in_int8.end(), {"--precision", "int8"});
    const Result result = run(in_int8);
    INFO(result.err);
    CHECK(result.code == 0);
    CHECK_FALSE(result.out.empty());
  }
}

TEST_CASE_METHOD(Calibrated,
                 "the same model and text give the same file, at any number of threads") {
  REQUIRE(calibrate("out.coil", "again.coil", "2").code == 0);
  CHECK(read("again.coil") == read("small.coil"));
  REQUIRE(calibrate("small.coil", "small.coil").code == 0);  // anew, over itself
  CHECK(read("again.coil") == read("small.coil"));
}

TEST_CASE_METHOD(Calibrated, "weights that change take the calibration with them") {
  REQUIRE(run({"coil", "train", "small.coil", "--corpus", "text.txt", "-o", "more.coil", "-t", "1",
               "--epochs", "1"})
              .code == 0);
  CHECK_FALSE(inspect("more.coil").contains("ranges"));
  CHECK(eval("more.coil", "int8").code == 2);
  REQUIRE(run({"coil", "export-weights", "out.coil", "-o", "w.safetensors"}).code == 0);
  REQUIRE(run({"coil", "import-weights", "small.coil", "w.safetensors", "-o", "new.coil"}).code ==
          0);
  CHECK_FALSE(inspect("new.coil").contains("ranges"));
}

TEST_CASE_METHOD(Calibrated, "ranges that cannot be are refused when they are read") {
  struct Damage {
    const char* ranges;
    const char* message;
  };
  const std::string good = inspect("small.coil")["ranges"].dump();
  const std::string leaf = good.substr(1, good.find(':') - 1);  // in its quotes
  const std::string twice = "{" + leaf + ":1," + leaf + ":2}";
  const std::string negative = "{" + leaf + ":-1}", word = "{" + leaf + ":\"1\"}",
                    huge = "{" + leaf + ":1e39}";
  const Damage damages[] = {
      {"", "coil.ranges is not JSON"},
      {"[1]", "coil.ranges is not an object"},
      {R"({"other": 1})", "coil.ranges has 'other', which is no weight"},
      {twice.c_str(), "twice"},
      {negative.c_str(), "is no range"},
      {word.c_str(), "is no range"},
      {huge.c_str(), "is no range"},
  };
  for (const Damage& damage : damages) {
    Artifact artifact = load_artifact(path("small.coil"));
    artifact.metadata["coil.ranges"] = damage.ranges;
    save_artifact(path("bad.coil"), artifact);
    const Result result = run({"coil", "inspect", "bad.coil"});
    INFO(damage.ranges << '\n' << result.err);
    CHECK(result.code == 3);
    CHECK(contains(result.err, "bad.coil: "));
    CHECK(contains(result.err, damage.message));
  }
  // Fewer are no damage: what has no range stays in f32.
  Artifact artifact = load_artifact(path("small.coil"));
  artifact.metadata["coil.ranges"] = "{}";
  save_artifact(path("few.coil"), artifact);
  CHECK(loss_of(eval("few.coil", "int8")) == loss_of(eval("small.coil", "f32")));
}

TEST_CASE_METHOD(Calibrated,
                 "what calibrate is told wrongly has the right exit code and a way out") {
  write("other.txt", "xyz");
  write("empty.txt", "");
  struct Mistake {
    Words words;
    int code;
    std::string message;
  };
  const Mistake mistakes[] = {
      {{"out.coil", "-o", "x.coil"}, 2, "--corpus is required"},
      {{"out.coil", "--corpus", "text.txt"}, 2, "--output is required"},
      {{"out.coil", "--corpus", "none.txt", "-o", "x.coil"}, 5, "none.txt"},
      {{"out.coil", "--corpus", "empty.txt", "-o", "x.coil"}, 1, "empty.txt"},
      {{"out.coil", "--corpus", "other.txt", "-o", "x.coil"}, 1, "'x'"},
      {{"out.coil", "--corpus", "text.txt", "-o", "text.txt"}, 2, "-o"},
      {{"tiny.model", "--corpus", "text.txt", "-o", "x.coil"}, 3, "tiny.model"},
      {{"out.coil", "--corpus", "text.txt", "-o", "x.coil", "--characters", "0"},
       2,
       "--characters"},
      {{"out.coil", "--corpus", "text.txt", "-o", "none/x.coil"}, 5, "none"},
  };
  for (const Mistake& mistake : mistakes) {
    Words words = {"coil", "calibrate"};
    words.insert(words.end(), mistake.words.begin(), mistake.words.end());
    const Result result = run(words);
    INFO(words[3] << ' ' << words[4] << ": " << result.err);
    CHECK(result.code == mistake.code);
    CHECK(result.out.empty());
    CHECK(contains(result.err, mistake.message));
    CHECK_FALSE(has("x.coil"));
  }
}

TEST_CASE_METHOD(Calibrated,
                 "what int8 requires of a machine is required, and told where it lacks") {
  const bool has_vnni = coil::has(Requirement::avx512_vnni);
  CHECK(run({"coil", "eval", "small.coil", "--corpus", "text.txt", "--precision", "int8",
             "--lowering", "hoisted", "--require", "avx512_vnni"})
            .code == (has_vnni ? 0 : 2));
  const Result other =
      run({"coil", "eval", "small.coil", "--corpus", "text.txt", "--require", "avx512_vnni"});
  CHECK(other.code == 2);
  if (has_vnni) CHECK(contains(other.err, "no product in f32 uses it; add --precision int8"));
  const Result old =
      shell("ONEDNN_MAX_CPU_ISA=AVX2 coil eval small.coil --corpus text.txt --precision int8 -t 1");
  CHECK(old.code == 0);
  CHECK(contains(old.err, "coil: this machine (avx2) does not multiply int8: "));
}

TEST_CASE_METHOD(Calibrated, "coilc shows what int8 makes of a calibrated model, and of no other") {
  for (const Words& words : {Words{"coilc", "small.coil", "--after=quantize_products"},
                             Words{"coilc", "small.coil", "--emit=predict", "--precision=int8"}}) {
    const Result result = run(words);
    INFO(result.err);
    CHECK(result.code == 0);
    CHECK(contains(result.out, "op: to_int8_columns"));
  }
  CHECK_FALSE(contains(run({"coilc", "small.coil", "--emit=predict"}).out, "int8"));
  for (const char* model : {"out.coil", "tiny.model"}) {
    const Result result = run({"coilc", model, "--after=quantize_products"});
    CHECK(result.code == 2);
    CHECK(result.out.empty());
    CHECK(contains(result.err, "coil calibrate FILE --corpus TEXT -o OUT"));
  }
}

TEST_CASE_METHOD(Calibrated, "bench measures int8 of a model that is not calibrated, and says so") {
  const auto bench = [&](const std::string& model, const Words& more) {
    Words words = {"coil", "bench", model, "--seconds", "0.002", "--json", "-t", "1"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  };
  const Result result = bench("out.coil", {"--precision", "f32,int8", "--lowering", "hoisted"});
  INFO(result.err);
  REQUIRE(result.code == 0);
  const auto json = nlohmann::json::parse(result.out);
  CHECK(contains(json["notes"].dump(), "int8: the model is not calibrated"));
  CHECK(contains(json["notes"].dump(), "no train_step: nothing is trained in int8"));
  for (const auto& row : json["rows"])
    CHECK((row["entry"] != "train_step" || row["precision"] == "f32"));
  CHECK(json["rows"].size() == 2 + 1 + 2);
  const auto calibrated = bench("small.coil", {"--precision", "int8", "--entry", "predict"});
  CHECK_FALSE(contains(calibrated.out, "not calibrated"));
  const Result training = bench("out.coil", {"--precision", "int8", "--entry", "train_step"});
  CHECK(training.code == 2);
  CHECK(contains(training.err, "has no train_step: nothing is trained in int8"));
}

}  // namespace coil::test::calibrate_test
