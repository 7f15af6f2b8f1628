#include "runtime/artifact/npy_header.hpp"

#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

#include "runtime/artifact/quote.hpp"

namespace coil {

namespace {

// A cursor over the little of Python's syntax that the header may use.
class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : text_(text) {}

  NpyHeader parse() {
    expect('{');
    while (!accept('}')) {
      read_entry();
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (at_ < text_.size()) refuse("text after the header's '}'");
    for (const char* key : {"descr", "fortran_order", "shape"}) {
      if (!seen_.contains(key)) refuse(fmt::format("the header lacks '{}'", key));
    }
    return std::move(header_);
  }

 private:
  void read_entry() {
    const std::string key = read_string();
    if (!seen_.insert(key).second) refuse(quote(key) + " stands twice");
    expect(':');
    if (key == "descr") {
      header_.type = read_type();
    } else if (key == "fortran_order") {
      header_.fortran_order = read_truth();
    } else if (key == "shape") {
      header_.shape = read_tuple();
    } else {
      refuse("unknown key " + quote(key));
    }
  }

  std::string read_type() {
    skip_space();
    if (at_ < text_.size() && text_[at_] == '[') refuse("structured elements cannot be read");
    return read_string();
  }

  std::string read_string() {
    skip_space();
    const char mark = at_ < text_.size() ? text_[at_] : '\0';
    if (mark != '\'' && mark != '"') refuse("a string is due");
    const std::size_t end = text_.find(mark, at_ + 1);
    if (end == text_.npos) refuse("a string without an end");
    const std::string_view content = text_.substr(at_ + 1, end - at_ - 1);
    if (content.find('\\') != content.npos) refuse("an escape in a string");
    at_ = end + 1;
    return std::string(content);
  }

  bool read_truth() {
    skip_space();
    if (accept_word("True")) return true;
    if (accept_word("False")) return false;
    refuse("True or False is due");
  }

  // (), (3,), (2, 3) or (2, 3,); (3) is a number in parentheses and no tuple.
  std::vector<std::int64_t> read_tuple() {
    std::vector<std::int64_t> sizes;
    expect('(');
    if (accept(')')) return sizes;
    while (true) {
      if (sizes.size() == largest_npy_rank) {
        refuse(fmt::format("more than {} dimensions", largest_npy_rank));
      }
      sizes.push_back(read_size());
      const bool comma = accept(',');
      if (accept(')')) {
        if (!comma && sizes.size() == 1) refuse("a tuple of one size needs a comma");
        return sizes;
      }
      if (!comma) refuse("',' or ')' is due");
    }
  }

  std::int64_t read_size() {
    skip_space();
    std::int64_t size = 0;
    const char* const end = text_.data() + text_.size();
    const auto [after, error] = std::from_chars(text_.data() + at_, end, size);
    if (error == std::errc::result_out_of_range) refuse("a size too large");
    if (error != std::errc{} || size < 0 || text_[at_] == '-') {
      refuse("a size (an unsigned integer) is due");
    }
    at_ = static_cast<std::size_t>(after - text_.data());
    return size;
  }

  void skip_space() {
    constexpr std::string_view space = " \n\t\r";
    while (at_ < text_.size() && space.find(text_[at_]) != space.npos) ++at_;
  }

  bool accept(char symbol) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != symbol) return false;
    ++at_;
    return true;
  }

  bool accept_word(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  void expect(char symbol) {
    if (!accept(symbol)) refuse(fmt::format("'{}' is due", symbol));
  }

  [[noreturn]] void refuse(const std::string& problem) const { throw NpyHeaderError(at_, problem); }

  std::string_view text_;
  std::size_t at_ = 0;
  std::set<std::string> seen_;
  NpyHeader header_;
};

}  // namespace

NpyHeader parse_npy_header(std::string_view text) { return HeaderParser(text).parse(); }

std::string npy_header_text(const NpyHeader& header) {
  const char* const comma = header.shape.size() == 1 ? "," : "";
  std::string text =
      fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': ({}{}), }}", header.type,
                  header.fortran_order ? "True" : "False", fmt::join(header.shape, ", "), comma);
  constexpr std::size_t most_digits = 21;
  if (!header.shape.empty()) {
    text.append(most_digits - std::to_string(header.shape.front()).size(), ' ');
  }
  return text;
}

}  // namespace coil
