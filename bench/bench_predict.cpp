// A prediction of each of the five models, at the batch of its recipe.
#include "bench/models.hpp"

int main(int argc, char** argv) {
  coil::bench::register_models(coil::Measured::predict);
  return coil::bench::run_registered(argc, argv);
}
