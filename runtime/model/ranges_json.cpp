#include <limits>
#include <set>

#include "runtime/model/metadata.hpp"
#include "runtime/model/metadata_json.hpp"

namespace coil {
namespace {

using SortedJson = nlohmann::json;  // keys sorted, and found quickly however many there are

// Of some ten thousand leaves, whose names are as long as people make them.
constexpr std::size_t largest_ranges = std::size_t{4} << 20;

std::set<std::string> weight_leaves(const Graph& graph) {
  std::set<std::string> names;
  for (const NodeId id : leaves(graph, Op::weight)) names.emplace(leaf_name(graph.node(id)));
  return names;
}

}  // namespace

std::string ranges_to_json(const Ranges& ranges) { return SortedJson(ranges).dump(); }

Ranges ranges_from_json(const std::string& json, const std::string& path, const Graph& graph) {
  const auto parsed = parse_metadata<SortedJson>(json, path, ranges_key, largest_ranges);
  const std::set<std::string> known = weight_leaves(graph);
  Ranges ranges;
  for (const auto& [leaf, range] : parsed.items()) {
    if (!known.contains(leaf))
      fail(ExitCode::bad_artifact, "{}: {} has '{}', which is no weight", path, ranges_key,
           printable(leaf));
    const double value = range.is_number() ? range.get<double>() : -1;
    if (!(value >= 0) || value > std::numeric_limits<float>::max())
      fail(ExitCode::bad_artifact, "{}: '{}' of {} is no range", path, printable(leaf), ranges_key);
    ranges[leaf] = static_cast<float>(value);
  }
  return ranges;
}

}  // namespace coil
