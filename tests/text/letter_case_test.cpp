#include "runtime/text/letter_case.hpp"

#include <locale.h>

#include "compiler/source/utf8.hpp"

#include "tests/text/support.hpp"

namespace coil {

TEST_CASE("letters become their lower case, all else stays") {
  CHECK(lower_case("The QUICK Fox, 12!\t") == "the quick fox, 12!\t");
  CHECK(lower_case("ÄÆÉËÖÜÞ×ß÷äæéë") == "äæéëöüþ×ß÷äæéë");
  CHECK(lower_case("ΆΣΩ Ж Ё Ō Ÿ") == "άσω ж ё ō ÿ");
  CHECK(lower_case("") == "");
}

TEST_CASE("the number of characters stays") {
  const std::string text = "İSTANBUL Ǆ ẞ Ⱥ \U00010400";
  CHECK(count_characters(lower_case(text)) == count_characters(text));
}

TEST_CASE("lower case does not depend on the process's locale") {
  const std::string before = setlocale(LC_ALL, nullptr);
  for (const char* name : {"C", "C.UTF-8", "tr_TR.UTF-8"}) {
    setlocale(LC_ALL, name);
    CHECK(lower_case("ÄÆI") == "äæi");
  }
  setlocale(LC_ALL, before.c_str());
}

TEST_CASE("the rules without a locale agree with it in the blocks they know") {
  const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", locale_t{});
  if (locale == locale_t{}) {
    WARN("no C.UTF-8 locale here");
    return;
  }
  freelocale(locale);
  int changed = 0;
  for (char32_t c = 0; c < 0x530; ++c) {
    if (c == 0x180) c = 0x386;
    if (c == 0x3CF) c = 0x400;
    std::string letter;
    append_utf8(letter, c);
    std::string lower;
    append_utf8(lower, lower_without_locale(c));
    INFO("U+" << std::hex << static_cast<std::uint32_t>(c));
    CHECK(lower == lower_case(letter));
    changed += lower_without_locale(c) == c ? 0 : 1;
  }
  CHECK(changed > 250);
}

}  // namespace coil
