#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "compiler/source/run_error.hpp"
#include "compiler/source/utf8.hpp"

namespace coil {

// JSON of a metadata key that is an object of plain fields. The artifact's checksum has been checked, but anyone can
// compute one: it may be anything. RunError (bad_artifact) where it is too long, no JSON, no object, or has a field
// twice, of which all but one would be lost.
template <typename Json>
Json parse_metadata(const std::string& text, const std::string& path, const char* key,
                    std::size_t largest) {
  if (text.size() > largest)
    fail(ExitCode::bad_artifact, "{}: {} has {} bytes, more than {}", path, key, text.size(),
         largest);
  std::set<std::string> seen;
  const auto once_each = [&](int /*depth*/, typename Json::parse_event_t event, Json& name) {
    if (event == Json::parse_event_t::key && !seen.insert(name.template get<std::string>()).second)
      fail(ExitCode::bad_artifact, "{}: {} has '{}' twice", path, key,
           printable(name.template get<std::string>()));
    return true;
  };
  Json json = Json::parse(text, once_each, false);
  if (json.is_discarded()) fail(ExitCode::bad_artifact, "{}: {} is not JSON", path, key);
  if (!json.is_object()) fail(ExitCode::bad_artifact, "{}: {} is not an object", path, key);
  return json;
}

}  // namespace coil
