#include "compiler/source/run_error.hpp"

#include "runtime/artifact/atomic_file.hpp"
#include "runtime/model/model.hpp"

namespace coil {

Newest load_newest(const std::string& path) {
  try {
    return {load_model(path), path, ""};
  } catch (const RunError& error) {
    if (error.code() != ExitCode::bad_artifact && error.code() != ExitCode::io) throw;
    const std::string previous = previous_path(path);
    try {
      return {load_model(previous), previous,
              fmt::format("{}; went back to the checkpoint before it, {}", error.what(), previous)};
    } catch (const RunError&) {
      throw error;  // what is wrong with the file that was asked for says more
    }
  }
}

}  // namespace coil
