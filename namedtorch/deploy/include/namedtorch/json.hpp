// JSON out of a file that nobody vouches for: strict, and bounded before it is parsed.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace namedtorch::detail {

// What is wrong with data of a file: the end of a sentence that starts with what holds it.
struct Malformed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A text on one line of printable characters, cut: safe for a terminal and a log.
inline std::string one_line(std::string_view text, std::size_t longest = 200) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string line;
  for (const char character : text) {
    const auto one = static_cast<unsigned char>(character);
    if (line.size() > longest) {
      // A character of several bytes is not to be cut in its middle.
      while (!line.empty() && (static_cast<unsigned char>(line.back()) & 0xC0) == 0x80) line.pop_back();
      if (!line.empty() && static_cast<unsigned char>(line.back()) >= 0xC0) line.pop_back();
      return line + "...";
    }
    if (one == '\n' || one == '\t' || one == '\r') {
      line += ' ';
    } else if (one < 0x20 || one == 0x7F) {
      line += "\\x";
      line += digits[one >> 4];
      line += digits[one & 15];
    } else {
      line += static_cast<char>(one);
    }
  }
  return line;
}

// One value of a JSON document; objects keep the order of their keys.
class Json {
 public:
  enum class Kind { null, boolean, integer, real, text, list, object };

  Kind kind = Kind::null;
  bool flag = false;
  std::int64_t number = 0;
  double real = 0;
  std::string text;  // of a text; of an integer that has more than 64 bits, its digits
  std::vector<Json> items;
  std::vector<std::pair<std::string, Json>> fields;

  bool is(Kind wanted) const { return kind == wanted; }

  // The field of an object; null where it has none or this is no object.
  const Json* find(std::string_view name) const {
    for (const auto& [key, value] : fields) {
      if (key == name) return &value;
    }
    return nullptr;
  }

  const Json& at(std::string_view name) const {
    if (!is(Kind::object)) throw Malformed("is no object");
    const Json* found = find(name);
    if (found == nullptr) throw Malformed("has no field '" + std::string(name) + "'");
    return *found;
  }

  std::int64_t integer() const {
    if (!is(Kind::integer) || !text.empty()) throw Malformed("holds something else where a number belongs");
    return number;
  }

  std::int64_t integer(std::int64_t least, std::int64_t most) const {
    const std::int64_t found = integer();
    if (found < least || found > most) throw Malformed("holds a number out of range, " + std::to_string(found));
    return found;
  }

  bool boolean() const {
    if (!is(Kind::boolean)) throw Malformed("holds something else where true or false belongs");
    return flag;
  }

  const std::string& string() const {
    if (!is(Kind::text)) throw Malformed("holds something else where a text belongs");
    return text;
  }

  const std::vector<Json>& list() const {
    if (!is(Kind::list)) throw Malformed("holds something else where a list belongs");
    return items;
  }
};

class JsonReader {
 public:
  static constexpr std::size_t longest = 16u << 20;
  static constexpr std::size_t most_values = 2'000'000;
  static constexpr int deepest = 128;

  // Parses one document in UTF-8; throws Malformed for anything that is not plain JSON, and past the limits.
  static Json parse(std::string_view text) {
    if (text.size() > longest) throw Malformed("is too large (" + std::to_string(text.size()) + " bytes)");
    JsonReader reader(text);
    Json value = reader.value(0);
    reader.space();
    if (reader.place_ != text.size()) reader.refuse();
    return value;
  }

 private:
  explicit JsonReader(std::string_view text) : text_(text) {}

  [[noreturn]] void refuse() const { throw Malformed("is no JSON (at byte " + std::to_string(place_) + ")"); }

  char peek() const { return place_ < text_.size() ? text_[place_] : '\0'; }

  void space() {
    while (place_ < text_.size() && (peek() == ' ' || peek() == '\n' || peek() == '\t' || peek() == '\r')) ++place_;
  }

  void expect(char wanted) {
    if (place_ >= text_.size() || text_[place_] != wanted) refuse();
    ++place_;
  }

  bool word(std::string_view wanted) {
    if (text_.substr(place_, wanted.size()) != wanted) return false;
    place_ += wanted.size();
    return true;
  }

  Json value(int depth) {
    if (depth > deepest) throw Malformed("is nested too deeply (over " + std::to_string(deepest) + " levels)");
    if (++values_ > most_values) throw Malformed("holds too many values");
    space();
    Json found;
    switch (peek()) {
      case '{':
        object(found, depth);
        break;
      case '[':
        list(found, depth);
        break;
      case '"':
        found.kind = Json::Kind::text;
        found.text = string();
        break;
      case 't':
      case 'f':
        found.kind = Json::Kind::boolean;
        found.flag = peek() == 't';
        if (!word(found.flag ? "true" : "false")) refuse();
        break;
      case 'n':
        if (!word("null")) refuse();
        break;
      default:
        numeral(found);
    }
    return found;
  }

  void object(Json& found, int depth) {
    found.kind = Json::Kind::object;
    expect('{');
    space();
    if (peek() == '}') {
      ++place_;
      return;
    }
    do {
      space();
      std::string key = string();
      space();
      expect(':');
      found.fields.emplace_back(std::move(key), value(depth + 1));
      space();
    } while (peek() == ',' && ++place_);
    expect('}');
    std::vector<std::string_view> keys;
    for (const auto& field : found.fields) keys.push_back(field.first);
    std::sort(keys.begin(), keys.end());
    // Readers differ in which of the two they take.
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    if (twice != keys.end()) throw Malformed("has the key '" + one_line(*twice, 80) + "' twice in one object");
  }

  void list(Json& found, int depth) {
    found.kind = Json::Kind::list;
    expect('[');
    space();
    if (peek() == ']') {
      ++place_;
      return;
    }
    do {
      found.items.push_back(value(depth + 1));
      space();
    } while (peek() == ',' && ++place_);
    expect(']');
  }

  bool digit() const { return peek() >= '0' && peek() <= '9'; }

  void digits() {
    if (!digit()) refuse();
    while (digit()) ++place_;
  }

  void numeral(Json& found) {
    const std::size_t start = place_;
    if (peek() == '-') ++place_;
    if (peek() == '0') {
      ++place_;
    } else {
      digits();
    }
    bool whole = true;
    if (peek() == '.') {
      whole = false;
      ++place_;
      digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      whole = false;
      ++place_;
      if (peek() == '+' || peek() == '-') ++place_;
      digits();
    }
    const char* first = text_.data() + start;
    const char* last = text_.data() + place_;
    if (whole) {
      found.kind = Json::Kind::integer;
      if (std::from_chars(first, last, found.number).ec != std::errc()) found.text.assign(first, last);
      return;
    }
    found.kind = Json::Kind::real;
    const auto read = std::from_chars(first, last, found.real);
    if (read.ec == std::errc::result_out_of_range) {
      // Too large, or so small that it is 0: the sign of the exponent tells.
      const std::string_view written(first, static_cast<std::size_t>(last - first));
      const std::size_t exponent = written.find_first_of("eE");
      if (exponent == std::string_view::npos || written[exponent + 1] != '-') {
        throw Malformed("holds a number that is too large");
      }
      found.real = 0;
    }
  }

  unsigned hex4() {
    unsigned code = 0;
    for (int step = 0; step < 4; ++step, ++place_) {
      const char one = peek();
      const bool letter = (one >= 'a' && one <= 'f') || (one >= 'A' && one <= 'F');
      if (!letter && !digit()) refuse();
      code = code * 16 + static_cast<unsigned>(letter ? (one | 32) - 'a' + 10 : one - '0');
    }
    return code;
  }

  static void append(std::string& text, unsigned code) {
    if (code < 0x80) {
      text += static_cast<char>(code);
    } else if (code < 0x800) {
      text += static_cast<char>(0xC0 | (code >> 6));
      text += static_cast<char>(0x80 | (code & 63));
    } else if (code < 0x10000) {
      text += static_cast<char>(0xE0 | (code >> 12));
      text += static_cast<char>(0x80 | ((code >> 6) & 63));
      text += static_cast<char>(0x80 | (code & 63));
    } else {
      text += static_cast<char>(0xF0 | (code >> 18));
      text += static_cast<char>(0x80 | ((code >> 12) & 63));
      text += static_cast<char>(0x80 | ((code >> 6) & 63));
      text += static_cast<char>(0x80 | (code & 63));
    }
  }

  void escape(std::string& text) {
    static constexpr std::string_view kinds = "\"\\/bfnrt", meant = "\"\\/\b\f\n\r\t";
    const std::size_t kind = kinds.find(peek());
    if (kind != std::string_view::npos) {
      text += meant[kind];
      ++place_;
      return;
    }
    expect('u');
    unsigned code = hex4();
    if (code >= 0xD800 && code < 0xDC00 && word("\\u")) {
      const unsigned low = hex4();
      if (low < 0xDC00 || low >= 0xE000) throw Malformed("holds half a character (a lone surrogate)");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xD800 && code < 0xE000) {
      throw Malformed("holds half a character (a lone surrogate)");
    }
    append(text, code);
  }

  // The bytes of a character of several, checked: overlong forms and surrogates are no UTF-8.
  void wide(std::string& text) {
    const auto byte = [&](std::size_t step) -> unsigned {
      return place_ + step < text_.size() ? static_cast<unsigned char>(text_[place_ + step]) : 0;
    };
    const unsigned first = byte(0);
    const std::size_t count = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    unsigned code = first & (0xFFu >> (count + 1));
    bool good = first >= 0xC2 && first <= 0xF4;
    for (std::size_t step = 1; step < count; ++step) {
      good = good && (byte(step) & 0xC0) == 0x80;
      code = (code << 6) | (byte(step) & 63);
    }
    good = good && code >= (count == 4 ? 0x10000u : count == 3 ? 0x800u : 0x80u) && code < 0x110000 &&
           (code < 0xD800 || code >= 0xE000);
    if (!good) throw Malformed("is not UTF-8 text (at byte " + std::to_string(place_) + ")");
    text.append(text_.substr(place_, count));
    place_ += count;
  }

  std::string string() {
    expect('"');
    std::string text;
    for (;;) {
      if (place_ >= text_.size()) refuse();
      const unsigned char one = static_cast<unsigned char>(text_[place_]);
      if (one == '"') break;
      if (one == '\\') {
        ++place_;
        escape(text);
      } else if (one >= 0x80) {
        wide(text);
      } else if (one < 0x20) {
        refuse();
      } else {
        text += static_cast<char>(one);
        ++place_;
      }
    }
    ++place_;
    return text;
  }

  std::string_view text_;
  std::size_t place_ = 0;
  std::size_t values_ = 0;
};

// A text as JSON, quotes included.
inline std::string json_text(std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string written = "\"";
  for (const char character : text) {
    const auto one = static_cast<unsigned char>(character);
    if (one == '"' || one == '\\') {
      written += '\\';
      written += static_cast<char>(one);
    } else if (one < 0x20) {
      written += "\\u00";
      written += digits[one >> 4];
      written += digits[one & 15];
    } else {
      written += static_cast<char>(one);
    }
  }
  return written + "\"";
}

}  // namespace namedtorch::detail

namespace namedtorch {

// For programs that speak JSON: one value, what reads it, and a text as JSON.
using detail::Json;
using detail::JsonReader;
using detail::Malformed;
using detail::json_text;

}  // namespace namedtorch
