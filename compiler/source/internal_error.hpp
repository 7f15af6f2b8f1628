#pragma once

#include <fmt/format.h>
#include <stdexcept>
#include <string>

namespace coil {

// A bug of Coil's own: the message is for whoever mends it.
class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

// Throws InternalError where `holds` is false. `message` says what must hold.
template <typename... Args>
void require(bool holds, fmt::format_string<Args...> message, Args&&... args) {
  if (!holds) throw InternalError(fmt::format(message, std::forward<Args>(args)...));
}

}  // namespace coil
