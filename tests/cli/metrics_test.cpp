// --metrics and what `coil plot` makes of it.

#include <catch2/catch.hpp>
#include <filesystem>

#include "runtime/metrics/read_metrics.hpp"
#include "runtime/model/model.hpp"

#include "tests/cli/process.hpp"

namespace coil::test {
namespace {

// All columns but those of time.
std::string timeless(std::vector<MetricsRow> rows) {
  std::string out;
  for (MetricsRow& row : rows) {
    row.seconds = row.samples_per_second = std::nullopt;
    out += print_row(row, MetricsFormat::csv);
  }
  return out;
}

struct Measured : Corpus {
  std::vector<MetricsRow> rows(const std::string& name) const {
    return read_metrics(read(name), *metrics_format(name), name);
  }
};

}  // namespace

TEST_CASE_METHOD(Measured, "a row for each epoch, and for every so many steps") {
  REQUIRE(train({"--epochs", "2", "--batch", "100", "--validation", "0.2", "--metrics", "m.csv",
                 "--metrics-every", "3"})
              .code == 0);
  CHECK(read("m.csv").find(metrics_header()) == 0);
  // 391 samples of 489 are left to learn from: four steps an epoch.
  const auto all = rows("m.csv");
  REQUIRE(all.size() == 4);
  const double places[][3] = {{0, 1, 3}, {1, 1, 4}, {0, 2, 6}, {1, 2, 8}};
  for (std::size_t i = 0; i < 4; ++i) {
    INFO(i);
    CHECK(all[i].is_epoch == (places[i][0] == 1));
    CHECK(all[i].epoch == places[i][1]);
    CHECK(all[i].step == places[i][2]);
    CHECK(all[i].val_loss.has_value() == all[i].is_epoch);
    CHECK(all[i].learning_rate == 0.01);
    CHECK(all[i].gradient_norm.value() > 0);
    CHECK(all[i].samples_per_second.value() > 0);
  }
  const auto training = load_model(path("out.coil")).training;
  CHECK(all[3].mean_loss.value() == Approx(training->loss).epsilon(1e-6));
  CHECK(all[3].val_loss.value() == Approx(training->validation_loss).epsilon(1e-6));
  CHECK(all[2].seconds.value() >= all[1].seconds.value());
}

TEST_CASE_METHOD(Measured, "JSON lines have the same numbers") {
  const Words words = {"--epochs", "2", "--batch", "100", "--metrics-every", "1", "--metrics"};
  for (const char* name : {"m.csv", "m.jsonl"}) {
    Words with = words;
    with.push_back(name);
    REQUIRE(train(with).code == 0);
  }
  CHECK(rows("m.csv").size() == 12);
  CHECK(timeless(rows("m.csv")) == timeless(rows("m.jsonl")));
}

TEST_CASE_METHOD(Measured, "a resumed run's metrics are those of one that never stopped") {
  const Words base = {"--epochs", "4", "--batch", "100", "--metrics-every", "1"};
  const auto with = [&](const Words& more, const char* out) {
    Words words = base;
    words.insert(words.end(), more.begin(), more.end());
    const Result result = train(words, "tiny.model", out);
    INFO(result.err);
    REQUIRE(result.code == 0);
  };
  with({"--metrics", "whole.csv"}, "whole.coil");
  with({"--metrics", "m.csv", "--steps", "7"}, "out.coil");
  const std::string kept = read("out.coil");
  with({"--metrics", "m.csv", "--steps", "12", "--resume"}, "out.coil");
  // As if the process had been killed between step 12's row and its checkpoint.
  write("out.coil", kept);
  with({"--metrics", "m.csv", "--resume"}, "out.coil");
  CHECK(timeless(rows("m.csv")) == timeless(rows("whole.csv")));
  CHECK((read("out.coil") == read("whole.coil")));
  // A run from the beginning begins its metrics anew.
  with({"--metrics", "m.csv"}, "out.coil");
  CHECK(timeless(rows("m.csv")) == timeless(rows("whole.csv")));
}

TEST_CASE_METHOD(Measured, "files that metrics must not go to") {
  write("notes.csv", "a,b\n1,2\n");
  CHECK(train({"--metrics", "notes.csv"}).code == 2);
  CHECK(read("notes.csv") == "a,b\n1,2\n");
  CHECK(train({"--metrics", "text.txt"}).code == 2);
  CHECK(train({"--metrics", "out.coil"}).code == 2);
  CHECK(train({"--metrics", "m.txt"}).code == 2);
  CHECK(train({"--metrics", "nowhere/m.csv"}).code == 5);
  CHECK(read("text.txt") == tiny_text());
  CHECK_FALSE(has("out.coil"));
}

TEST_CASE_METHOD(Measured,
                 "a full disk behind the metrics: exit 5, and the model as it was saved") {
  std::filesystem::create_symlink("/dev/full", path("m.csv"));
  const Result result = train({"--metrics", "m.csv"});
  CHECK(result.code == 5);
  CHECK(result.err.find("cannot write metrics to 'm.csv': No space left on device") !=
        std::string::npos);
  // One file may not grow any further: the row that did not fit is gone, not cut in two.
  const Result limited = shell(
      "ulimit -f 2; coil train tiny.model --corpus text.txt -o /dev/null --threads 1 --epochs 9999 "
      "--metrics small.csv");
  INFO(limited.err);
  CHECK(limited.code == 5);
  const std::string text = read("small.csv");
  CHECK(text.size() <= 2048);  // a block is 512 bytes or 1024
  CHECK(text.size() > 400);
  CHECK(text.back() == '\n');
}

TEST_CASE_METHOD(Measured, "plot draws both formats, alone and together") {
  const Words base = {"--epochs", "3", "--validation", "0.2"};
  for (const char* name : {"a.csv", "b.jsonl"}) {
    Words words = base;
    words.insert(words.end(), {"--metrics", name});
    REQUIRE(train(words).code == 0);
  }
  REQUIRE(run({"coil", "plot", "a.csv", "-o", "a.svg"}).code == 0);
  CHECK(read("a.svg").find("<svg ") == 0);
  const Result both = run({"coil", "plot", "a.csv", "b.jsonl", "--title", "A & B", "-x", "step"});
  CHECK(both.code == 0);
  CHECK(both.out.find(">A &amp; B<") != std::string::npos);
  CHECK(both.out.find(">a<") != std::string::npos);
  CHECK(both.out.find(">b<") != std::string::npos);
  CHECK(both.out.find(">step<") != std::string::npos);
  CHECK(read("a.svg").find("</svg>\n") != std::string::npos);
  // Two files of one name are told apart.
  std::filesystem::create_directory(path("other"));
  write("other/a.csv", read("a.csv"));
  const Result alike = run({"coil", "plot", "a.csv", "other/a.csv"});
  CHECK(alike.out.find(">other/a.csv<") != std::string::npos);
}

TEST_CASE_METHOD(Measured, "plot tells what it cannot draw, with the line") {
  const auto told = [&](const Words& words, int code, const std::string& part) {
    Words command = {"coil", "plot"};
    command.insert(command.end(), words.begin(), words.end());
    const Result result = run(command);
    INFO(result.err);
    CHECK(result.code == code);
    CHECK(result.err.find(part) != std::string::npos);
    CHECK(result.out.empty());
  };
  write("bad.csv", "epoch,loss\n1,2\n2,x\n");
  write("bad.jsonl", "{\"epoch\": 1, \"loss\": 2}\n{\"epoch\": 2,\n");
  write("timeless.csv", "epoch,loss\n1,2\n");
  write("empty.csv", "");
  told({"bad.csv"}, 1, "bad.csv:3: loss is 'x', which is no number");
  told({"bad.jsonl"}, 1, "bad.jsonl:2: no JSON object");
  told({"timeless.csv", "-x", "seconds"}, 1, "timeless.csv: no row has a loss and also seconds");
  told({"empty.csv"}, 1, "empty.csv: there is no row with a loss in it");
  told({"missing.csv"}, 5, "'missing.csv': No such file");
  told({"text.txt"}, 2, "text.txt: metrics are in files that end in .csv or .jsonl");
  told({"timeless.csv", "-o", "nowhere/a.svg"}, 5, "nowhere");
  told({"timeless.csv", "-o", "timeless.csv"}, 2, "would be overwritten");
  told({}, 2, "FILES is required");
  told({"timeless.csv", "-x", "stap"}, 2, "did you mean 'step'?");
}

}  // namespace coil::test
