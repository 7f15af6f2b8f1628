#include "runtime/cli/samples.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "compiler/source/utf8.hpp"

#include "runtime/cli/signals.hpp"
#include "runtime/cli/standard_output.hpp"

namespace coil::cli {
namespace {

using Clock = std::chrono::steady_clock;

// Whoever reads along sees each character on a terminal, and elsewhere what there is ten times a second.
class Flusher {
 public:
  void written() {
    if (!is_terminal_ && Clock::now() - flushed_ < std::chrono::milliseconds(100)) return;
    flush_out();
    flushed_ = Clock::now();
  }

 private:
  bool is_terminal_ = out_is_terminal();
  Clock::time_point flushed_ = Clock::now();
};

bool is_more(std::int64_t written, std::int64_t count) { return count < 0 || written < count; }

// False where a signal came in between.
bool read_prompt_ahead(Generator& generator) {
  while (generator.read_ahead())
    if (noted_signal() != 0) return false;
  return noted_signal() == 0;
}

struct Sample {
  std::string text;
  std::int64_t characters = 0;
};

void write_json(const SampleTask& task, std::int64_t number, const Sample& sample,
                bool interrupted) {
  nlohmann::ordered_json json;
  json["sample"] = number + 1;
  json["seed"] = task.seed + static_cast<std::uint64_t>(number);
  json["prompt"] = task.prompt;
  json["text"] = sample.text;
  json["prompt_tokens"] = count_characters(task.prompt);
  json["tokens"] = sample.characters;
  json["stop"] = interrupted ? "interrupted" : "length";
  write_out(json.dump() + '\n');
}

void write_plain(const SampleTask& task, std::int64_t number, const Sample& sample) {
  write_out(fmt::format("--- sample {}, seed {}\n{}{}\n", number + 1,
                        task.seed + static_cast<std::uint64_t>(number), task.prompt, sample.text));
}

// As many samples as `samples` has, from where the generator is. Whether it was interrupted.
bool generate(Generator& generator, const Vocabulary& vocabulary, const SampleTask& task,
              std::vector<Sample>& samples) {
  for (std::int64_t i = 0; is_more(i, task.count); ++i) {
    if (noted_signal() != 0) return true;
    const auto chosen = generator.choose();
    for (std::size_t row = 0; row < samples.size(); ++row) {
      append_utf8(samples[row].text, vocabulary.at(static_cast<std::size_t>(chosen[row])));
      ++samples[row].characters;
    }
  }
  return false;
}

}  // namespace

bool stream_text(Generator& generator, const SampleTask& task) {
  Flusher flusher;
  write_out(task.prompt);
  flush_out();
  if (task.count == 0) return false;
  if (!read_prompt_ahead(generator)) return true;
  for (std::int64_t i = 0; is_more(i, task.count); ++i) {
    if (noted_signal() != 0) return true;
    std::string character;
    append_utf8(character, generator.next());
    write_out(character);
    flusher.written();
  }
  return false;
}

bool write_samples(Generator& generator, const Vocabulary& vocabulary, const SampleTask& task) {
  if (!read_prompt_ahead(generator)) return true;
  const LiveState start = generator.state();
  bool interrupted = false;
  for (std::int64_t first = 0; first < task.samples && !interrupted; first += generator.rows()) {
    generator.restore(start, "");
    generator.reseed(task.seed + static_cast<std::uint64_t>(first));
    std::vector<Sample> samples(
        static_cast<std::size_t>(std::min(generator.rows(), task.samples - first)));
    interrupted = generate(generator, vocabulary, task, samples);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const std::int64_t number = first + static_cast<std::int64_t>(i);
      if (task.as_json)
        write_json(task, number, samples[i], interrupted);
      else
        write_plain(task, number, samples[i]);
    }
    flush_out();
  }
  return interrupted;
}

}  // namespace coil::cli
