#include "runtime/metrics/metrics_log.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "compiler/source/run_error.hpp"

namespace coil {
namespace {

namespace fs = std::filesystem;

struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "coil-metrics-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    root = name;
  }
  ~Folder() { fs::remove_all(root); }
  std::string path(const std::string& name) const { return (root / name).string(); }
  std::string read(const std::string& name) const {
    std::ifstream file(root / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(root / name, std::ios::binary) << text;
    return path(name);
  }
  fs::path root;
};

MetricsRow row(bool is_epoch, double epoch, double step) {
  MetricsRow row;
  row.is_epoch = is_epoch;
  row.epoch = epoch;
  row.step = step;
  row.loss = 2;
  row.seconds = step / 2;
  return row;
}

ExitCode code_of(const std::string& path, bool resume) {
  try {
    resume ? MetricsLog::resume(path, 10) : MetricsLog::begin(path);
  } catch (const RunError& error) {
    return error.code();
  }
  return ExitCode::done;
}

}  // namespace

TEST_CASE_METHOD(Folder, "each row is in the file at once") {
  MetricsLog log = MetricsLog::begin(path("m.csv"));
  CHECK(read("m.csv") == metrics_header());
  log.add(row(false, 1, 1));
  CHECK(read("m.csv") == metrics_header() + "step,1,1,2,,,,,0.5,\n");
  log.add(row(true, 1, 2));
  CHECK(read("m.csv") == metrics_header() + "step,1,1,2,,,,,0.5,\nepoch,1,2,2,,,,,1,\n");
  MetricsLog::begin(path("m.csv"));
  CHECK(read("m.csv") == metrics_header());
  MetricsLog().add(row(true, 1, 2));  // off
}

TEST_CASE_METHOD(Folder, "a resumed log loses the rows that will be made again") {
  for (const char* name : {"m.csv", "m.jsonl"}) {
    {
      MetricsLog log = MetricsLog::begin(path(name));
      for (int step = 1; step <= 5; ++step) log.add(row(false, 1, step));
      log.add(row(true, 1, 5));
      log.add(row(false, 2, 6));
    }
    const std::string whole = read(name);
    {
      MetricsLog log = MetricsLog::resume(path(name), 6);
      CHECK(read(name) == whole);
      CHECK(log.seconds_before() == 3);
    }
    // As a process leaves it that was killed in the midst of a row.
    write(name, whole + "step,2,7,");
    MetricsLog log = MetricsLog::resume(path(name), 3);
    CHECK(log.seconds_before() == 1.5);
    for (int step = 4; step <= 5; ++step) log.add(row(false, 1, step));
    log.add(row(true, 1, 5));
    log.add(row(false, 2, 6));
    CHECK(read(name) == whole);
  }
}

TEST_CASE_METHOD(Folder, "resuming without a file begins one") {
  MetricsLog log = MetricsLog::resume(path("m.csv"), 6);
  CHECK(log.seconds_before() == 0);
  CHECK(read("m.csv") == metrics_header());
}

TEST_CASE_METHOD(Folder, "what else a file may hold is left alone") {
  for (const bool resume : {false, true}) {
    for (const char* name : {"notes.csv", "notes.jsonl"}) {
      write(name, "precious,words\n1,2\n");
      CHECK(code_of(path(name), resume) == ExitCode::usage);
      CHECK(read(name) == "precious,words\n1,2\n");
    }
    CHECK(code_of(path("m.txt"), resume) == ExitCode::usage);
    CHECK(code_of(path("nowhere/m.csv"), resume) == ExitCode::io);
  }
  write("m.csv", metrics_header() + "epoch,1,x,2,,,,,1,\n");
  CHECK(code_of(path("m.csv"), true) == ExitCode::bad_text);
  CHECK(read("m.csv") == metrics_header() + "epoch,1,x,2,,,,,1,\n");
}

TEST_CASE_METHOD(Folder, "a full disk") {
  fs::create_symlink("/dev/full", path("m.csv"));
  CHECK(code_of(path("m.csv"), false) == ExitCode::io);
  CHECK(code_of("/dev/null", false) == ExitCode::done);
}

}  // namespace coil
