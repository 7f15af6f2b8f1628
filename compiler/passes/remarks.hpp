#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/graph/graph.hpp"

namespace coil {

// What a pass tells the person who wrote the model: what it could have done and why it did not, or what it
// did. The message is a whole one: "not rolled: step 5 uses weight W2, steps 1-4 use W1".
struct Remark {
  enum class Kind : std::uint8_t { missed, done };

  std::string pass;
  Place place;
  std::string message;
  Kind kind = Kind::missed;
  bool operator==(const Remark&) const = default;
};

// Collects remarks, each once, however often a pass makes it. At most `limit` of each pass are kept, so
// that a large graph cannot fill the memory with them.
class Remarks {
 public:
  explicit Remarks(std::size_t limit = 1000) : limit_(limit) {}

  // Whose remarks the next ones are; the runner says so before each pass.
  void begin(std::string_view pass) { pass_ = pass; }
  void missed(Place place, std::string message);
  void done(Place place, std::string message);

  // Those of one pass, by place; what is nowhere comes last.
  std::vector<Remark> of(std::string_view pass) const;
  // Whether remarks of the pass were left out.
  bool full(std::string_view pass) const;

 private:
  struct ByPlace {
    bool operator()(const Remark& a, const Remark& b) const;
  };
  void record(Remark remark);

  struct Kept {
    std::set<Remark, ByPlace> remarks;
    bool full = false;
  };

  std::size_t limit_;
  std::string pass_;
  std::map<std::string, Kept, std::less<>> by_pass_;
};

}  // namespace coil
