#include "runtime/cli/progress.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "tests/cli/process.hpp"

namespace coil::cli {
namespace {

const double none = std::nan("");

StepReport at(std::int64_t step) {
  StepReport report;
  report.epoch = 2;
  report.epochs = 3;
  report.step = step;
  report.steps = 392;
  report.samples = step * 512;
  report.all_samples = 392 * 512;
  report.mean_loss = 2.40066;
  return report;
}

}  // namespace

TEST_CASE("numbers in groups of three") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1,000");
  CHECK(grouped(93843) == "93,843");
  CHECK(grouped(1002003) == "1,002,003");
  CHECK(grouped(-1234) == "-1,234");
}

TEST_CASE("the bar tells step, speed, loss and what is left") {
  CHECK(bar_line(at(196), {10, 196 * 512}, none, 100) ==
        "196/392 [===============>..............] - 10,035 samples/s - loss: 2.4007 - 0:10 left");
  CHECK(bar_line(at(392), {20, 392 * 512}, none, 100) ==
        "392/392 [==============================] - 10,035 samples/s - loss: 2.4007 - 20.0 s");
  CHECK(bar_line(at(1), {100, 512}, none, 100).find("10:51:40 left") != std::string::npos);
  CHECK(bar_line(at(392), {20, 392 * 512}, 2.5, 120)
            .find("loss: 2.4007 - val_loss: 2.5000 - 20.0 s") != std::string::npos);
}

TEST_CASE("the speed is that of the samples since training went on") {
  CHECK(bar_line(at(196), {10, 5120}, none, 60) ==
        "196/392 [===>...] - 512 samples/s - loss: 2.4007 - 3:16 left");
}

TEST_CASE("the bar gives way to the numbers, and nothing passes the edge") {
  for (int columns = 0; columns < 120; ++columns)
    CHECK(bar_line(at(196), {10, 196 * 512}, none, columns).size() <=
          static_cast<std::size_t>(columns));
  CHECK(bar_line(at(196), {10, 196 * 512}, none, 60) ==
        "196/392 - 10,035 samples/s - loss: 2.4007 - 0:10 left");
  CHECK(bar_line(at(196), {10, 196 * 512}, none, 70).find("[====") != std::string::npos);
}

TEST_CASE("the line of an epoch") {
  CHECK(epoch_line(at(392), {0.9, 392 * 512}, none) ==
        "Epoch 2/3 - 0.9 s - 223,004 samples/s - loss: 2.4007");
  CHECK(epoch_line(at(392), {0.9, 392 * 512}, 2.5) ==
        "Epoch 2/3 - 0.9 s - 223,004 samples/s - loss: 2.4007 - val_loss: 2.5000");
}

TEST_CASE("on a terminal the bar is drawn there, and stdout in a file has lines only") {
  const test::Folder folder;
  folder.write("tiny.model", test::tiny_model);
  folder.write("text.txt", test::tiny_text());
  // script(1) makes the terminal.
  const test::Result result = folder.shell(
      "command -v script >/dev/null || exit 77; script -qec 'coil train tiny.model --corpus "
      "text.txt -o o.coil --epochs 2 --threads 1 >lines' typed >/dev/null");
  if (result.code == 77) return;
  CHECK(result.code == 0);
  const std::string typed = folder.read("typed");
  CHECK(typed.find("Epoch 1/2\r\n") != std::string::npos);
  CHECK(typed.find("\r1/1 [======") != std::string::npos);
  const std::string lines = folder.read("lines");
  CHECK(lines.find("Epoch 1/2 - ") == 0);
  CHECK(lines.find('[') == std::string::npos);
  CHECK(lines.find('\r') == std::string::npos);
}

}  // namespace coil::cli
