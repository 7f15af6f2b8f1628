// A step of training of each of the five models, at the batch of its recipe: the batch put together, forward,
// backward, Adam, and the checks after it.
#include "bench/models.hpp"

int main(int argc, char** argv) {
  coil::bench::register_models(coil::Measured::train_step);
  return coil::bench::run_registered(argc, argv);
}
