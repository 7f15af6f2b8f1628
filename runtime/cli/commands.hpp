#pragma once

// The commands of `coil`, one file each.

#include "runtime/cli/command_line.hpp"

namespace coil::cli {

Command add_train(App& coil);
Command add_generate(App& coil);
Command add_run(App& coil);
Command add_eval(App& coil);
Command add_bench(App& coil);
Command add_calibrate(App& coil);
Command add_inspect(App& coil);
Command add_export_weights(App& coil);
Command add_import_weights(App& coil);
Command add_corpus(App& coil);
Command add_plot(App& coil);
Command add_info(App& coil);

}  // namespace coil::cli
