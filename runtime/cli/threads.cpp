#include "runtime/cli/threads.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <omp.h>
#include <sched.h>
#include <vector>

#include "runtime/cli/numbers.hpp"

namespace coil::cli {
namespace {

std::vector<int> cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> numbers;
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return numbers;
  for (int core = 0; core < CPU_SETSIZE; ++core)
    if (CPU_ISSET(core, &set)) numbers.push_back(core);
  return numbers;
}

void bind_this_thread(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  sched_setaffinity(0, sizeof(set), &set);  // if refused, as slow as before
}

}  // namespace

int available_cores() { return omp_get_num_procs(); }

Option* add_threads(App& app, std::int64_t& threads) {
  threads = available_cores();
  return add_number(app, "-t,--threads", threads, Range<std::int64_t>{1, 1024},
                    "threads to use; not given, as many as there are cores")
      ->default_str(fmt::format("{}", threads));
}

void bind_threads(int threads) {
  if (std::getenv("OMP_PROC_BIND") || std::getenv("GOMP_CPU_AFFINITY")) return;
  const std::vector<int> all = cores();
  if (threads < 2 || static_cast<std::size_t>(threads) != all.size()) return;
#pragma omp parallel num_threads(threads)
  bind_this_thread(all[static_cast<std::size_t>(omp_get_thread_num())]);
}

}  // namespace coil::cli
