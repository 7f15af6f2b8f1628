#pragma once

#include <string>
#include <yaml-cpp/yaml.h>

namespace coil {

// The one YAML document in `text`. RunError (bad_artifact) where there is none or more than one, and where it
// has anchors or aliases; YAML::Exception where it is no YAML.
YAML::Node load_yaml(const std::string& text, const std::string& origin);

}  // namespace coil
