#include "runtime/cli/signals.hpp"

#include <csignal>
#include <cstddef>

namespace coil::cli {
namespace {

volatile std::sig_atomic_t noted = 0;

void note(int signal) {
  noted = signal;
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

// oneDNN's products keep values far below the stack pointer, where a signal's frame would go over them: it
// gets a stack of its own.
void move_frames_away() {
  alignas(64) static char room[std::size_t{256} << 10];
  stack_t stack{};
  stack.ss_sp = room;
  stack.ss_size = sizeof room;
  sigaltstack(&stack, nullptr);
}

void note_one(int signal) {
  struct sigaction before {};
  sigaction(signal, nullptr, &before);
  if (before.sa_handler == SIG_IGN) return;
  struct sigaction action {};
  action.sa_handler = note;
  action.sa_flags = SA_RESTART | SA_ONSTACK;  // a write of the last epoch's file goes on
  sigaction(signal, &action, nullptr);
}

}  // namespace

void note_signals() {
  move_frames_away();
  note_one(SIGINT);
  note_one(SIGTERM);
}

int noted_signal() { return noted; }

}  // namespace coil::cli
