#pragma once

#include <string>
#include <vector>

#include "runtime/model/model.hpp"

namespace coil::cli {

// Runs a model on NumPy files, its states zero. `inputs` are "NAME=FILE" and must name each input as the text
// has them once (a sequence that the graph made of several is fed by its parts); `outputs` are
// "NAME=FILE", or "FILE" where there is one result. The arrays' first dimension is the batch. RunError:
// usage where the names do not fit; bad_artifact where an array does not: its shape, its kind of numbers,
// an index past its bound; io.
void run_arrays(Model& model, const std::vector<std::string>& inputs,
                const std::vector<std::string>& outputs, int threads);

}  // namespace coil::cli
