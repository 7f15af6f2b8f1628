#include "runtime/train/held_out.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

#include "compiler/passes/attach_loss.hpp"

#include "runtime/train/text_feed.hpp"

namespace coil {
namespace {

int batch_for(std::size_t characters, const TextFace& face, const Recipe& recipe) {
  if (recipe.scheme != Scheme::streams) return static_cast<int>(recipe.batch);
  const auto windows = characters == 0 ? 0 : (characters - 1) / face.window.size();
  const auto most = static_cast<std::size_t>(recipe.batch);
  return static_cast<int>(std::clamp<std::size_t>(windows, 1, most));
}

}  // namespace

HeldOut::HeldOut(Model& model, std::span<const std::int32_t> text, const TextFace& face,
                 const Recipe& recipe, int threads, const std::string& name)
    : face_(face),
      samples_(text, recipe.scheme,
               {static_cast<int>(face.window.size()), batch_for(text.size(), face, recipe),
                face.predictions == 1 ? Targets::last : Targets::every},
               fmt::format("the end of {} that is held out for validation", name)),
      executable_(model.graph, Entry::loss, model.store, threads) {}

double HeldOut::loss() {
  const bool carries = samples_.scheme() == Scheme::streams;
  if (carries) executable_.at(static_cast<std::int64_t>(samples_.batch())).reset_states();
  std::vector<std::uint32_t> chosen;
  double sum = 0;
  for (std::size_t begin = 0; begin < samples_.size(); begin += samples_.batch()) {
    chosen.resize(std::min(samples_.batch(), samples_.size() - begin));
    std::iota(chosen.begin(), chosen.end(), static_cast<std::uint32_t>(begin));
    samples_.fill(chosen, batch_);
    Program& program = executable_.at(static_cast<std::int64_t>(chosen.size()));
    if (!carries) program.reset_states();
    feed(program, face_, batch_, {});
    program.run();
    sum += double{program.output(loss_name)[0]} * static_cast<double>(chosen.size());
  }
  return sum / static_cast<double>(samples_.size());
}

}  // namespace coil
