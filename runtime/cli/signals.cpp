#include "runtime/cli/signals.hpp"

#include <csignal>

namespace coil::cli {
namespace {

volatile std::sig_atomic_t noted = 0;

void note(int signal) {
  noted = signal;
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

void note_one(int signal) {
  struct sigaction before {};
  sigaction(signal, nullptr, &before);
  if (before.sa_handler == SIG_IGN) return;
  struct sigaction action {};
  action.sa_handler = note;
  action.sa_flags = SA_RESTART;  // a write of the last epoch's file goes on
  sigaction(signal, &action, nullptr);
}

}  // namespace

void note_signals() {
  note_one(SIGINT);
  note_one(SIGTERM);
}

int noted_signal() { return noted; }

}  // namespace coil::cli
