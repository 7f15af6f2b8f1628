#include "compiler/syntax/characters.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "compiler/source/utf8.hpp"
#include "compiler/syntax/scanner.hpp"

namespace coil {

namespace {

struct LookAlike {
  char32_t first;
  char32_t last;
  char meant;
};

constexpr std::array<LookAlike, 12> look_alikes{{{0xA0, 0xA0, ' '},
                                                 {0xB7, 0xB7, '*'},
                                                 {0xD7, 0xD7, '*'},
                                                 {0xF7, 0xF7, '/'},
                                                 {0x2000, 0x200F, ' '},
                                                 {0x2010, 0x2015, '-'},
                                                 {0x2028, 0x202F, ' '},
                                                 {0x205F, 0x206F, ' '},
                                                 {0x2212, 0x2212, '-'},
                                                 {0x2217, 0x2217, '*'},
                                                 {0x22C5, 0x22C5, '*'},
                                                 {0xFEFF, 0xFEFF, ' '}}};

// The ASCII character that `code_point` is easily taken for; 0 where there is none.
char look_alike(char32_t code_point) {
  if (code_point >= 0xFF01 && code_point <= 0xFF5E) return static_cast<char>(code_point - 0xFEE0);
  const auto* found =
      std::find_if(look_alikes.begin(), look_alikes.end(), [code_point](const LookAlike& row) {
        return row.first <= code_point && code_point <= row.last;
      });
  return found == look_alikes.end() ? '\0' : found->meant;
}

bool is_control(char32_t c) {
  return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || (c >= 0x7F && c < 0xA0);
}

std::string complaint(char32_t code_point) {
  const std::string shown = describe_character(code_point);
  if (is_control(code_point)) return fmt::format("stray control character {}", shown);
  const char meant = look_alike(code_point);
  if (meant == ' ') return fmt::format("{} is not a plain space; type a space in its place", shown);
  if (meant != '\0') return fmt::format("{} is not part of the language; type '{}'", shown, meant);
  return fmt::format("{} cannot stand here: outside comments a model is written in ASCII", shown);
}

// Writes what was most likely meant over the bytes [begin, end).
void replace(std::string& text, std::size_t begin, std::size_t end, char32_t code_point) {
  const char meant = is_control(code_point) ? ' ' : look_alike(code_point);
  std::fill(text.begin() + begin, text.begin() + end, meant == '\0' ? '_' : ' ');
  if (meant != '\0') text[begin] = meant;
}

bool check_is_text(const SourceFile& file, Diagnostics& diagnostics) {
  const std::size_t broken = find_invalid_utf8(file.text());
  const std::size_t nul = file.text().find('\0');
  const std::size_t at = std::min(broken, nul);
  if (at == std::string_view::npos) return true;
  const auto offset = static_cast<std::uint32_t>(at);
  const auto byte = static_cast<unsigned char>(file.text()[at]);
  diagnostics.error({offset, offset + 1},
                    nul < broken
                        ? "NUL byte: this is not a text file"
                        : fmt::format("byte 0x{:02x} is not valid UTF-8; a model file must "
                                      "be saved as UTF-8",
                                      byte));
  return false;
}

}  // namespace

std::optional<std::string> check_characters(const SourceFile& file, Diagnostics& diagnostics) {
  if (!check_is_text(file, diagnostics)) return {};
  std::string text(file.text());
  std::size_t run_end = 0;  // one complaint for a foreign word, not one for each letter
  for (std::size_t at = 0; at < text.size() && !diagnostics.full();) {
    if (text[at] == '#') at = std::min(text.find('\n', at), text.size());
    const std::size_t begin = at;
    const auto code_point = decode_utf8(text, at);
    if (!code_point) break;
    const bool in_run = begin != 0 && begin == run_end;
    if (*code_point < 0x80 && !is_control(*code_point)) {
      if (in_run && is_word_character(text[begin])) run_end = at;
      continue;
    }
    run_end = at;
    if (!in_run) {
      diagnostics.error({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at)},
                        complaint(*code_point));
    }
    replace(text, begin, at, *code_point);
  }
  return text;
}

}  // namespace coil
