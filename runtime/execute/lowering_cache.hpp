#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/execute/choose_lowering.hpp"

namespace coil {

// What was measured of lowerings, from run to run: a small file a key, in the folder that the environment's COIL_CACHE
// names, else $XDG_CACHE_HOME/coil, else ~/.cache/coil. COIL_CACHE set to nothing keeps nothing. A key is completed by
// Coil's version, oneDNN's and the instruction sets it uses: another of any is measured anew.
class LoweringCache {
 public:
  // The times kept under the key: one for each of `ways`, all above zero. Nothing where the file is missing, of another
  // key or of other ways, or damaged.
  static std::optional<std::vector<LoweringTime>> find(const std::string& key,
                                                       const std::vector<Way>& ways);

  // Where that cannot be written it is measured again the next time, and nobody is told.
  static void keep(const std::string& key, const std::vector<LoweringTime>& times);
};

}  // namespace coil
