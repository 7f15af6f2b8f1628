#pragma once

// What the reader says to a graph's text, which it is given as the file "f".

#include <string>

namespace coil::test {

// Its message, or "accepted". Fails the test where the exit code is not that of an artifact.
std::string refusal(const std::string& text);

// The same of a text with one place changed, which must be there.
std::string refusal_of_change(std::string text, const std::string& from, const std::string& to);

// Whether the reader kept its promise: a well-formed graph, or a RunError that names the file.
bool is_safe(const std::string& text);

}  // namespace coil::test
