#pragma once

#include <set>
#include <string>
#include <vector>

#include "compiler/source/diagnostic.hpp"

namespace coil::semantics {

// An application of a cell, whose text is being elaborated.
struct Application {
  std::string cell;
  SourceRange where;
};

// The way to the diagnostics of everything here. One text is elaborated many times, a loop's body once a
// step and a cell's once an application: a place in it is complained about once. What is wrong inside
// the prelude is the doing of whoever applied the cell, and is reported there.
class Reports {
 public:
  explicit Reports(Diagnostics& to) : diagnostics_(to) {}

  // As of Diagnostics.
  Diagnostic& error(SourceRange where, std::string message);
  Diagnostic& warning(SourceRange where, std::string message);
  bool has_errors() const { return diagnostics_.has_errors(); }
  std::size_t errors() const { return errors_; }  // those not shown again too
  bool full() const { return diagnostics_.full(); }
  const SourceFile& file() const { return diagnostics_.file(); }
  Diagnostics& all() { return diagnostics_; }

  void enter(Application application) { applications_.push_back(std::move(application)); }
  void leave() { applications_.pop_back(); }
  // Around a text that is elaborated several times.
  void begin_repeats() { ++repeats_; }
  void end_repeats() { --repeats_; }

  // The place in the main file: of what stands in a cell from elsewhere, the application.
  SourceRange in_main_file(SourceRange where) const;

 private:
  // The innermost application that stands in a file that people can see.
  const Application* visible_application() const;

  Diagnostics& diagnostics_;
  std::vector<Application> applications_;
  std::set<std::pair<std::uint32_t, std::uint32_t>> reported_;  // files and where a range begins
  std::size_t errors_ = 0;
  int repeats_ = 0;
  Diagnostic repeated_;  // takes what was said before
};

}  // namespace coil::semantics
