#include "runtime/train/in_order.hpp"

#include <algorithm>
#include <numeric>

namespace coil {

SampleOptions in_order_options(std::size_t characters, const TextFace& face, Scheme scheme,
                               std::int64_t batch) {
  if (scheme == Scheme::streams) {
    const auto windows =
        static_cast<std::int64_t>(characters == 0 ? 0 : (characters - 1) / face.window.size());
    batch = std::clamp<std::int64_t>(windows, 1, batch);
  }
  return {static_cast<int>(face.window.size()), static_cast<int>(batch),
          face.predictions == 1 ? Targets::last : Targets::every};
}

void run_in_order(const Samples& samples, Executable& executable, Batch& batch, const InOrder& in) {
  const bool carries = samples.scheme() == Scheme::streams;
  if (carries) executable.at(static_cast<std::int64_t>(samples.batch())).reset_states();
  std::vector<std::uint32_t> chosen;
  for (std::size_t begin = 0; begin < samples.size(); begin += samples.batch()) {
    chosen.resize(std::min(samples.batch(), samples.size() - begin));
    std::iota(chosen.begin(), chosen.end(), static_cast<std::uint32_t>(begin));
    samples.fill(chosen, batch);
    Program& program = executable.at(static_cast<std::int64_t>(chosen.size()));
    if (!carries) program.reset_states();
    in.feed(program, batch);
    program.run();
    if (!in.after(program, begin + chosen.size())) return;
  }
}

}  // namespace coil
