#pragma once

#include <catch2/catch.hpp>
#include <string_view>

#include "compiler/source/run_error.hpp"

namespace coil {

// `action` must fail with this code, and its message must contain `part`.
template <typename Action>
void check_fails(ExitCode code, std::string_view part, Action action) {
  INFO("expected: " << part);
  try {
    action();
  } catch (const RunError& error) {
    INFO("message: " << error.what());
    CHECK(error.code() == code);
    CHECK(std::string_view(error.what()).find(part) != std::string_view::npos);
    return;
  }
  FAIL("nothing was refused");
}

}  // namespace coil
