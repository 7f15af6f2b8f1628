#include "runtime/text/letter_case.hpp"

#include <locale.h>
#include <wctype.h>

#include "compiler/source/internal_error.hpp"
#include "compiler/source/utf8.hpp"

namespace coil {

namespace {

// Owns the C.UTF-8 locale for the life of the process; null where the system has none.
class Utf8Locale {
 public:
  Utf8Locale() : locale_(newlocale(LC_CTYPE_MASK, "C.UTF-8", locale_t{})) {}
  ~Utf8Locale() {
    if (locale_ != locale_t{}) freelocale(locale_);
  }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

  char32_t lower(char32_t code_point) const {
    if (locale_ == locale_t{}) return lower_without_locale(code_point);
    return static_cast<char32_t>(towlower_l(static_cast<wint_t>(code_point), locale_));
  }

 private:
  locale_t locale_;
};

bool is_in(char32_t code_point, char32_t first, char32_t last) {
  return first <= code_point && code_point <= last;
}

// Blocks in which upper and lower case alternate. In most the upper case is even.
bool is_upper_of_pair(char32_t c) {
  const bool even = is_in(c, 0x100, 0x12F) || is_in(c, 0x132, 0x137) || is_in(c, 0x14A, 0x177) ||
                    is_in(c, 0x460, 0x481) || is_in(c, 0x48A, 0x4BF) || is_in(c, 0x4D0, 0x52F);
  const bool odd = is_in(c, 0x139, 0x148) || is_in(c, 0x179, 0x17E) || is_in(c, 0x4C1, 0x4CE);
  return (even && c % 2 == 0) || (odd && c % 2 == 1);
}

}  // namespace

char32_t lower_without_locale(char32_t c) {
  if (is_in(c, 'A', 'Z')) return c + 0x20;
  if (is_in(c, 0xC0, 0xDE) && c != 0xD7) return c + 0x20;
  if (c == 0x130) return 'i';
  if (c == 0x178) return 0xFF;
  if (c == 0x386) return 0x3AC;
  if (is_in(c, 0x388, 0x38A)) return c + 37;
  if (c == 0x38C) return 0x3CC;
  if (is_in(c, 0x38E, 0x38F)) return c + 63;
  if (is_in(c, 0x391, 0x3AB) && c != 0x3A2) return c + 0x20;
  if (is_in(c, 0x400, 0x40F)) return c + 0x50;
  if (is_in(c, 0x410, 0x42F)) return c + 0x20;
  if (c == 0x4C0) return 0x4CF;
  return is_upper_of_pair(c) ? c + 1 : c;
}

std::string lower_case(std::string_view text) {
  static const Utf8Locale locale;
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto code_point = decode_utf8(text, at);
    require(code_point.has_value(), "the text to lower is UTF-8");
    append_utf8(out, locale.lower(*code_point));
  }
  return out;
}

}  // namespace coil
