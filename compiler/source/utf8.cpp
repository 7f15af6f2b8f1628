#include "compiler/source/utf8.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <span>

#include "compiler/source/internal_error.hpp"

namespace coil {

namespace {

struct Span {
  char32_t first;
  char32_t last;
};

bool contains(std::span<const Span> spans, char32_t code_point) {
  return std::any_of(spans.begin(), spans.end(), [code_point](Span span) {
    return span.first <= code_point && code_point <= span.last;
  });
}

// The first byte says how long a code point is and holds its highest bits; `least` is the smallest
// value that needs so many bytes, so that an overlong form can be told.
struct Lead {
  int length;
  char32_t bits;
  char32_t least;
};

Lead read_lead(unsigned char byte) {
  if (byte < 0x80) return {1, byte, 0};
  if ((byte & 0xE0) == 0xC0) return {2, static_cast<char32_t>(byte & 0x1F), 0x80};
  if ((byte & 0xF0) == 0xE0) return {3, static_cast<char32_t>(byte & 0x0F), 0x800};
  if ((byte & 0xF8) == 0xF0) return {4, static_cast<char32_t>(byte & 0x07), 0x10000};
  return {0, 0, 0};
}

bool is_scalar_value(char32_t code_point) {
  return code_point <= 0x10FFFF && !(code_point >= 0xD800 && code_point <= 0xDFFF);
}

}  // namespace

std::optional<char32_t> decode_utf8(std::string_view text, std::size_t& offset) {
  if (offset >= text.size()) return {};
  const Lead lead = read_lead(static_cast<unsigned char>(text[offset]));
  if (lead.length == 0 || text.size() - offset < static_cast<std::size_t>(lead.length)) return {};
  char32_t code_point = lead.bits;
  for (int i = 1; i < lead.length; ++i) {
    const auto byte = static_cast<unsigned char>(text[offset + i]);
    if ((byte & 0xC0) != 0x80) return {};
    code_point = code_point << 6 | (byte & 0x3F);
  }
  if (code_point < lead.least || !is_scalar_value(code_point)) return {};
  offset += lead.length;
  return code_point;
}

std::int64_t count_characters(std::string_view text) {
  std::int64_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count)
    if (!decode_utf8(text, at)) ++at;
  return count;
}

std::size_t find_invalid_utf8(std::string_view text) {
  std::size_t offset = 0;
  while (offset < text.size()) {
    if (!decode_utf8(text, offset)) return offset;
  }
  return std::string_view::npos;
}

void append_utf8(std::string& out, char32_t code_point) {
  require(is_scalar_value(code_point), "U+{:04X} must be a Unicode scalar value",
          static_cast<std::uint32_t>(code_point));
  const auto tail = [&](int shift) {
    out += static_cast<char>(0x80 | (code_point >> shift & 0x3F));
  };
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    out += static_cast<char>(0xC0 | code_point >> 6);
    tail(0);
  } else if (code_point < 0x10000) {
    out += static_cast<char>(0xE0 | code_point >> 12);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | code_point >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

bool is_invisible(char32_t code_point) {
  static constexpr std::array<Span, 9> spans{{{0x00, 0x1F},
                                              {0x7F, 0xA0},
                                              {0xAD, 0xAD},
                                              {0x61C, 0x61C},
                                              {0x2000, 0x200F},
                                              {0x2028, 0x202F},
                                              {0x205F, 0x206F},
                                              {0x3000, 0x3000},
                                              {0xFEFF, 0xFEFF}}};
  return contains(spans, code_point);
}

int display_width(char32_t code_point) {
  static constexpr std::array<Span, 6> combining{{{0x300, 0x36F},
                                                  {0x483, 0x489},
                                                  {0x1AB0, 0x1AFF},
                                                  {0x1DC0, 0x1DFF},
                                                  {0x20D0, 0x20FF},
                                                  {0xFE00, 0xFE0F}}};
  static constexpr std::array<Span, 9> wide{{{0x1100, 0x115F},
                                             {0x2E80, 0xA4CF},
                                             {0xAC00, 0xD7A3},
                                             {0xF900, 0xFAFF},
                                             {0xFE30, 0xFE6F},
                                             {0xFF01, 0xFF60},
                                             {0xFFE0, 0xFFE6},
                                             {0x1F300, 0x1FAFF},
                                             {0x20000, 0x3FFFD}}};
  if (contains(combining, code_point)) return 0;
  return contains(wide, code_point) ? 2 : 1;
}

std::string describe_character(char32_t code_point) {
  switch (code_point) {
    case U'\n':
      return "'\\n'";
    case U'\r':
      return "'\\r'";
    case U'\t':
      return "'\\t'";
    default:
      break;
  }
  const auto number = static_cast<std::uint32_t>(code_point);
  if (is_invisible(code_point)) return fmt::format("U+{:04X}", number);
  std::string picture;
  append_utf8(picture, code_point);
  if (code_point < 0x80) return fmt::format("'{}'", picture);
  return fmt::format("U+{:04X} '{}'", number, picture);
}

std::string printable(std::string_view text, std::size_t most) {
  std::string out;
  for (std::size_t at = 0, count = 0; at < text.size(); ++count) {
    if (count == most) return out + "...";
    if (const auto code_point = decode_utf8(text, at); !code_point) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[at++]));
    } else if (is_invisible(*code_point)) {
      out += fmt::format("<U+{:04X}>", static_cast<std::uint32_t>(*code_point));
    } else {
      append_utf8(out, *code_point);
    }
  }
  return out;
}

}  // namespace coil
