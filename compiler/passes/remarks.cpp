#include "compiler/passes/remarks.hpp"

#include <limits>
#include <tuple>

namespace coil {
namespace {

// Line 0 is nowhere, and comes after every line.
auto place_key(Place place) {
  const std::uint32_t line =
      place.line == 0 ? std::numeric_limits<std::uint32_t>::max() : place.line;
  return std::pair{line, place.column};
}

auto key(const Remark& remark) {
  return std::tuple{place_key(remark.place), remark.kind, std::string_view(remark.message)};
}

}  // namespace

bool Remarks::ByPlace::operator()(const Remark& a, const Remark& b) const {
  return key(a) < key(b);
}

void Remarks::missed(Place place, std::string message) {
  record({pass_, place, std::move(message), Remark::Kind::missed});
}

void Remarks::done(Place place, std::string message) {
  record({pass_, place, std::move(message), Remark::Kind::done});
}

void Remarks::record(Remark remark) {
  Kept& kept = by_pass_[remark.pass];
  if (kept.remarks.size() < limit_)
    kept.remarks.insert(std::move(remark));
  else if (!kept.remarks.contains(remark))
    kept.full = true;
}

std::vector<Remark> Remarks::of(std::string_view pass) const {
  const auto kept = by_pass_.find(pass);
  if (kept == by_pass_.end()) return {};
  return {kept->second.remarks.begin(), kept->second.remarks.end()};
}

bool Remarks::full(std::string_view pass) const {
  const auto kept = by_pass_.find(pass);
  return kept != by_pass_.end() && kept->second.full;
}

}  // namespace coil
